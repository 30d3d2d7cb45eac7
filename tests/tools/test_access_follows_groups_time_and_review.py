from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from catalog import servers
from catalog.models import Server
from clients import people
from clients.caller import Caller
from clients.models import User
from tests.conftest import SYSTEM, approve, caller_for, disable, give, make_server, sync
from tests.connectors import SmallOpsgenie
from tools import grants, policy, profiles, toolsets
from tools.models import AccessProfile, Grant, Toolset

START = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
END = START + timedelta(hours=8)
MOMENT = timedelta(microseconds=1)
GET, LIST, CREATE = "opsgenie_get_alert", "opsgenie_list_alerts", "opsgenie_create_alert"


@pytest.fixture
def caller(few_tools: Server, mia: User) -> Caller:
    caller = caller_for(mia)
    caller.token.expires_at = END + timedelta(days=300)
    caller.token.save()
    return caller


def denial(caller: Caller, name: str, at: datetime = START) -> str | None:
    decision = policy.decide(caller, name, at)
    listed = name in {tool.client_name for tool in policy.callable_tools(caller, at)}
    assert listed == decision.is_allowed
    return decision.denial


def hold(person: User, kind: str) -> None:
    """Give a person a profile with one of the server's automatic sets."""
    profile = profiles.save(
        actor=SYSTEM, profile=AccessProfile(name=kind), toolsets=[Toolset.objects.get(kind=kind)]
    )
    grants.give(actor=SYSTEM, grant=Grant(profile=profile, user=person, reason="x", starts_at=START))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - MOMENT, "unknown_tool"),
        (START, None),
        (END - MOMENT, None),
        (END, "grant_expired"),
        (END + timedelta(days=9), "grant_expired"),
    ],
)
def test_a_grant_applies_from_its_start_until_its_end(
    caller: Caller, at: datetime, expected: str | None
) -> None:
    approve(GET)
    give(caller.user, GET, starts_at=START, ends_at=END)
    assert denial(caller, GET, at) == expected


def test_another_grant_takes_over(caller: Caller) -> None:
    approve(GET)
    give(caller.user, GET, starts_at=START, ends_at=END)
    give(caller.user, GET, profile="Later", starts_at=END + timedelta(hours=1))
    assert denial(caller, GET, END) == "grant_expired"
    assert denial(caller, GET, END + timedelta(hours=1)) is None


def test_a_group_gives_to_its_members_while_they_are_in_it(caller: Caller, otto: User) -> None:
    approve(GET)
    grant = give(caller.user, GET, starts_at=START)
    operators = Group.objects.create(name="operators")
    Grant.objects.filter(pk=grant.pk).update(user=None, group=operators)
    outsider = caller_for(otto)
    assert denial(caller, GET) == "unknown_tool"
    people.set_memberships(actor=SYSTEM, user=caller.user, groups=[operators], permissions=[])
    assert denial(caller, GET) is None
    assert denial(outsider, GET) == "unknown_tool"
    people.set_memberships(actor=SYSTEM, user=caller.user, groups=[], permissions=[])
    assert denial(caller, GET) == "unknown_tool"


def test_a_deleted_group_gives_nothing(caller: Caller) -> None:
    approve(GET)
    grant = give(caller.user, GET, starts_at=START)
    operators = Group.objects.create(name="operators")
    caller.user.groups.add(operators)
    Grant.objects.filter(pk=grant.pk).update(user=None, group=operators)
    assert denial(caller, GET) is None
    people.delete_group(actor=SYSTEM, group=operators)
    assert denial(caller, GET) == "unknown_tool"


def test_all_approved_tools_are_those_that_are_approved(caller: Caller) -> None:
    hold(caller.user, "all_approved")
    assert denial(caller, GET) == "unknown_tool"
    approve(GET)
    assert denial(caller, GET) is None
    assert denial(caller, CREATE) == "unknown_tool"
    approve(CREATE)
    assert denial(caller, CREATE) is None


def test_read_tools_are_those_that_only_read(caller: Caller) -> None:
    hold(caller.user, "read")
    approve(GET, CREATE, "opsgenie_delete_team")
    assert denial(caller, GET) is None
    assert denial(caller, CREATE) == "unknown_tool"
    assert denial(caller, "opsgenie_delete_team") == "unknown_tool"


def test_a_tool_of_an_automatic_set_is_refused_with_its_reason(
    caller: Caller, connector: SmallOpsgenie
) -> None:
    hold(caller.user, "all_approved")
    approve(GET, LIST, "opsgenie_count_alerts")
    disable(GET)
    connector.change("list_alerts", description="Another.")
    del connector.offered["count_alerts"]
    sync(Server.objects.get())
    assert denial(caller, GET) == "tool_not_approved"
    assert denial(caller, LIST) == "tool_changed"
    assert denial(caller, "opsgenie_count_alerts") == "tool_removed"


def test_automatic_sets_are_of_one_server(caller: Caller) -> None:
    hold(caller.user, "all_approved")
    sync(make_server(name="Second", prefix="second"))
    approve(GET, "second_get_alert")
    assert denial(caller, GET) is None
    assert denial(caller, "second_get_alert") == "unknown_tool"


def test_a_paused_server_takes_all_its_tools_along(caller: Caller) -> None:
    approve(GET, LIST)
    give(caller.user, GET, LIST, starts_at=START)
    server = Server.objects.get()
    servers.pause(actor=SYSTEM, server=server)
    assert (denial(caller, GET), denial(caller, LIST)) == ("server_disabled", "server_disabled")
    servers.resume(actor=SYSTEM, server=server)
    assert denial(caller, GET) is None


def test_what_is_taken_from_a_set_or_a_profile_is_gone(caller: Caller) -> None:
    approve(GET, LIST)
    grant = give(caller.user, GET, LIST, starts_at=START)
    toolset = grant.profile.toolsets.get()
    toolsets.save(actor=SYSTEM, toolset=toolset, tools=toolset.tools.filter(client_name=LIST))
    assert (denial(caller, GET), denial(caller, LIST)) == ("unknown_tool", None)
    profiles.save(actor=SYSTEM, profile=grant.profile, toolsets=[])
    assert denial(caller, LIST) == "unknown_tool"
