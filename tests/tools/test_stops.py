"""Setting and lifting stops, how they end, and what becomes of those whose target goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog import servers
from catalog.models import Server
from clients import people
from clients.caller import Caller
from clients.models import User
from tests.conftest import SYSTEM, approve, caller_for, give
from tools import policy, stops
from tools.denials import Denial
from tools.models import Stop, Tool
from tools.stop_banner import shown_to, stops_of

NAME, OTHER = "opsgenie_get_alert", "opsgenie_count_alerts"
REASON = "It misbehaves."


@pytest.fixture
def caller(few_tools: Server, mia: User) -> Caller:
    """Mia, who may call one tool of a server."""
    approve(NAME, OTHER)
    give(mia, NAME)
    return caller_for(mia)


def target_of(level: str, caller: Caller) -> dict[str, Any]:
    tool = Tool.objects.get(client_name=NAME)
    found = {"server": tool.server, "tool": tool, "client": caller.client, "person": caller.user}
    return {level: found[level]} if level in found else {}


def put(caller: Caller, level: str = "gateway", **fields: Any) -> Stop:
    stop = Stop(**{"level": level, "reason": REASON, **target_of(level, caller), **fields})
    return stops.set_stop(actor=SYSTEM, stop=stop)


def reason(caller: Caller, name: str = NAME) -> str | None:
    return policy.decide(caller, name, timezone.now()).denial


@pytest.mark.parametrize(
    ("level", "denial"),
    [("gateway", "gateway_stopped"), ("server", "server_stopped"), ("tool", "tool_stopped"),
     ("client", "client_stopped"), ("person", "user_stopped")],
)  # fmt: skip
def test_a_stop_refuses_until_it_is_lifted(caller: Caller, level: str, denial: str) -> None:
    stop = put(caller, level)
    decision = policy.decide(caller, NAME, timezone.now())
    assert (decision.denial, decision.stop) == (denial, stop)
    assert policy.callable_tools(caller, timezone.now()) == []
    stops.lift(actor=SYSTEM, stop=stop)
    assert reason(caller) is None
    assert [tool.client_name for tool in policy.callable_tools(caller, timezone.now())] == [NAME]


@pytest.mark.parametrize("level", ["server", "tool", "client", "person"])
def test_it_refuses_nobody_else(caller: Caller, level: str, otto: User, few_tools: Server) -> None:
    give(otto, OTHER, profile="Otto's")
    put(caller, level)
    expected = Denial.SERVER_STOPPED if level == "server" else None
    assert reason(caller_for(otto), OTHER) == expected
    # A second client of the same person goes on when only the first was stopped.
    assert (reason(caller_for(caller.user)) is None) == (level == "client")


def test_a_drill_refuses_nothing_and_is_named(caller: Caller) -> None:
    drills = tuple(put(caller, level, is_drill=True) for level in Stop.Level.values)
    decision = policy.decide(caller, NAME, timezone.now())
    assert decision.is_allowed
    assert decision.drills == drills


def test_it_ends_by_the_clock(caller: Caller) -> None:
    now = timezone.now()
    stop = put(caller, ends_at=now + timedelta(hours=1))
    with time_machine.travel(now + timedelta(minutes=59), tick=False):
        assert reason(caller) == Denial.GATEWAY_STOPPED
        assert stops_of(caller.user) == shown_to(_root()) == [stop]
    with time_machine.travel(stop.ends_at, tick=False):
        assert reason(caller) is None
        assert stops_of(caller.user) == stops.in_force() == []
        with pytest.raises(ValidationError, match="not in force any more"):
            stops.lift(actor=SYSTEM, stop=stop)


def test_a_stop_can_be_lifted_once(caller: Caller) -> None:
    stop = put(caller)
    stops.lift(actor=SYSTEM, stop=stop)
    with pytest.raises(ValidationError, match="Stop of the whole gateway is not in force any more"):
        stops.lift(actor=SYSTEM, stop=stop)
    assert AuditRow.objects.filter(event="stop.lifted").count() == 1


def test_lifting_one_of_two_leaves_the_other(caller: Caller) -> None:
    first, second = put(caller), put(caller)
    stops.lift(actor=SYSTEM, stop=second)
    assert policy.decide(caller, NAME, timezone.now()).stop == first


def test_who_set_and_lifted_it_is_recorded(caller: Caller, sam: User) -> None:
    stop = stops.set_stop(actor=Actor.person(sam), stop=Stop(level="gateway", reason=f" {REASON} "))
    stops.lift(actor=Actor.person(sam), stop=stop)
    stop.refresh_from_db()
    assert (stop.reason, stop.set_by, stop.lifted_by) == (REASON, "sam", "sam")
    assert stop.effect_ms is not None
    assert 0 < stop.effect_ms < 60_000
    row = AuditRow.objects.get(event="stop.set")
    assert row.detail["after"] == {
        "level": "gateway", "target": "", "target_id": "", "reason": REASON, "drill": False, "until": None,
    }  # fmt: skip
    assert AuditRow.objects.get(event="stop.lifted").object_id == row.object_id == str(stop.pk)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"ends_at": timezone.now() - timedelta(seconds=1)}, "ends_at"),
        ({"level": "tool"}, "tool"),
        ({"level": "person", "person": None}, "person"),
        ({"level": "planet"}, "level"),
    ],
)
def test_what_is_wrong_with_it_is_said(db: None, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        stops.set_stop(actor=SYSTEM, stop=Stop(**{"level": "gateway", "reason": REASON, **fields}))
    assert field in caught.value.message_dict
    assert not Stop.objects.exists()
    assert not AuditRow.objects.filter(event="stop.set").exists()


def test_it_names_one_target_and_no_other(caller: Caller) -> None:
    stop = Stop(level="tool", reason=REASON, person=caller.user, **target_of("tool", caller))
    with pytest.raises(ValidationError, match="names nothing else"):
        stops.set_stop(actor=SYSTEM, stop=stop)


def test_without_the_permission_nothing_is_stopped_or_lifted(caller: Caller, olga: User) -> None:
    with pytest.raises(PermissionDenied):
        stops.set_stop(actor=Actor.person(olga), stop=Stop(level="gateway", reason=REASON))
    stop = put(caller)
    with pytest.raises(PermissionDenied):
        stops.lift(actor=Actor.person(olga), stop=stop)
    assert stops.in_force() == [stop]


def test_people_are_told_of_what_stops_them(caller: Caller, otto: User, few_tools: Server) -> None:
    found = {level: put(caller, level) for level in Stop.Level.values}
    put(caller, is_drill=True)
    elsewhere = Stop(level="tool", tool=Tool.objects.get(client_name=OTHER), reason=REASON)
    stops.set_stop(actor=SYSTEM, stop=elsewhere)
    assert stops_of(caller.user) == [found[level] for level in reversed(Stop.Level.values)]
    assert stops_of(otto) == [found["gateway"]]
    assert len(shown_to(_root())) == 7
    assert shown_to(_root())[-1].is_drill
    assert shown_to(otto) == [found["gateway"]]


def test_a_servers_stops_go_with_it_and_its_end_tells_so(caller: Caller, few_tools: Server) -> None:
    of_tool, of_server = put(caller, "tool"), put(caller, "server")
    servers.delete(actor=SYSTEM, server=few_tools, typed_name=few_tools.name)
    assert not Stop.objects.exists()
    assert _lost("server.deleted") == sorted(map(str, (of_tool, of_server)))


def test_a_persons_stops_go_with_them_and_their_end_tells_so(caller: Caller) -> None:
    of_client, of_person = put(caller, "client"), put(caller, "person")
    people.delete_user(actor=SYSTEM, user=caller.user)
    assert not Stop.objects.exists()
    assert _lost("user.deleted") == sorted(map(str, (of_client, of_person)))


def _lost(event: str) -> list[str]:
    detail = AuditRow.objects.get(event=event).detail
    return (detail.get("lost") or detail["before"])["stops"]


def _root() -> User:
    return User.objects.get_or_create(username="root", defaults={"is_superuser": True})[0]
