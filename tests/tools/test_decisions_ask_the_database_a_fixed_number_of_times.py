from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Server
from clients.caller import Caller
from clients.models import User
from tests.conftest import caller_for, make_server, sync
from tests.connectors import SmallOpsgenie
from tools import policy
from tools.models import AccessProfile, Grant, Tool, Toolset

#: Token with client and owner, settings, stops, the tools, grants, their sets, what those hold.
DECIDE, LIST = 7, 7


def queries(work: Callable[[], Any]) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as captured:
        result = work()
    return len(captured), result


def build(person: User, *, servers: int, grants: int) -> None:
    """So many servers with all their tools approved, and so many grants that each reach them all."""
    for number in range(servers):
        prefix = f"s{Server.objects.count()}-{number}"
        sync(make_server(name=prefix, prefix=prefix, tool_approval="not_required"))
    begun = timezone.now() - timedelta(days=1)
    for number in range(grants):
        name = f"{AccessProfile.objects.count()} {number}"
        by_hand = Toolset.objects.create(name=name)
        by_hand.tools.set(Tool.objects.all())
        profile = AccessProfile.objects.create(name=name)
        profile.toolsets.set([by_hand, *Toolset.objects.exclude(kind="custom")])
        holder: dict[str, Any] = {"user": person}
        if number % 2:
            group = Group.objects.create(name=name)
            person.groups.add(group)
            holder = {"group": group}
        Grant.objects.create(profile=profile, reason="x", approver="x", starts_at=begun, **holder)


@pytest.fixture
def caller(connector: SmallOpsgenie, mia: User) -> Caller:
    return caller_for(mia)


def test_a_decision_takes_the_same_however_much_there_is(caller: Caller) -> None:
    build(caller.user, servers=1, grants=1)
    name = Tool.objects.values_list("client_name", flat=True)[0]
    few, decision = queries(lambda: policy.decide(caller, name, timezone.now()))
    assert decision.is_allowed
    build(caller.user, servers=4, grants=12)
    many, decision = queries(lambda: policy.decide(caller, name, timezone.now()))
    assert decision.is_allowed
    assert few == many == DECIDE


def test_a_list_takes_the_same_however_long_it_is(caller: Caller) -> None:
    build(caller.user, servers=1, grants=1)
    few, tools = queries(lambda: policy.callable_tools(caller, timezone.now()))
    assert len(tools) == 6
    build(caller.user, servers=4, grants=12)
    many, tools = queries(lambda: policy.callable_tools(caller, timezone.now()))
    assert len(tools) == 30
    assert few == many == LIST


def test_what_a_decision_hands_on_is_read_already(caller: Caller) -> None:
    build(caller.user, servers=1, grants=1)
    name = Tool.objects.values_list("client_name", flat=True)[0]
    decision = policy.decide(caller, name, timezone.now())
    asked, _ = queries(
        lambda: (
            decision.tool.server.name,
            decision.tool.approved_revision.definition,
            decision.rule.grant.profile.name,
            decision.rule.toolset.name,
        )
    )
    assert asked == 0


def test_a_refusal_costs_no_more_than_a_yes(caller: Caller, otto: User) -> None:
    build(caller.user, servers=1, grants=1)
    name = Tool.objects.values_list("client_name", flat=True)[0]
    stranger = caller_for(otto)
    for refused in (name, "opsgenie_no_such_tool", "no tool's name"):
        asked, decision = queries(lambda refused=refused: policy.decide(stranger, refused, timezone.now()))
        assert not decision.is_allowed
        assert asked <= DECIDE
