"""What becomes of a tool when the upstream's definition moves under it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from audit.models import AuditRow
from catalog.connectors.base import Action
from catalog.models import Server, SyncRun
from clients.models import User
from tests.conftest import approve, caller_for, disable, give, make_server, sync
from tests.connectors import SmallOpsgenie
from tests.wire import last_row, rows_since
from tools import policy
from tools.models import Tool, ToolRevision

NAME = "opsgenie_get_alert"


class Upstream:
    """One tool of an upstream, and the state that Portcullis has it in."""

    def __init__(self, connector: SmallOpsgenie, server: Server) -> None:
        self.connector, self.server = connector, server
        self.first = connector.offered["get_alert"]

    def reword(self, text: str = "Another description.") -> SyncRun:
        self.connector.offered["get_alert"] = self.first
        self.connector.change("get_alert", description=text)
        return sync(self.server)

    def take_back(self) -> SyncRun:
        self.connector.offered["get_alert"] = self.first
        return sync(self.server)

    def withdraw(self) -> SyncRun:
        self.connector.offered.pop("get_alert", None)
        return sync(self.server)

    def bring_into(self, state: str) -> None:
        if state in ("approved", "changed"):
            approve(NAME)
        if state == "changed":
            self.reword("Changed once.")
        if state == "disabled":
            disable(NAME)
        if state == "removed":
            self.withdraw()
        assert self.tool.state == state

    @property
    def tool(self) -> Tool:
        return Tool.objects.select_related("discovered_revision", "approved_revision").get(name="get_alert")


@pytest.fixture
def upstream(connector: SmallOpsgenie, few_tools: Server) -> Upstream:
    return Upstream(connector, few_tools)


MOVES: dict[str, Callable[[Upstream], SyncRun]] = {
    "same": lambda upstream: sync(upstream.server),
    "reworded": lambda upstream: upstream.reword(),
    "as at first": lambda upstream: upstream.take_back(),
    "gone": lambda upstream: upstream.withdraw(),
}
#: State before, what the upstream does, state after, and the event (None: there is nothing to tell).
TABLE = [
    ("pending", "same", "pending", None),
    ("pending", "reworded", "pending", "tool.changed"),
    ("pending", "gone", "removed", "tool.removed"),
    ("approved", "same", "approved", None),
    ("approved", "reworded", "changed", "tool.changed"),
    ("approved", "gone", "removed", "tool.removed"),
    ("changed", "same", "changed", None),
    ("changed", "reworded", "changed", "tool.changed"),
    ("changed", "as at first", "approved", "tool.changed"),
    ("changed", "gone", "removed", "tool.removed"),
    ("disabled", "same", "disabled", None),
    ("disabled", "reworded", "disabled", "tool.changed"),
    ("disabled", "gone", "removed", "tool.removed"),
    ("removed", "same", "removed", None),
    ("removed", "as at first", "pending", "tool.returned"),
    ("removed", "reworded", "pending", "tool.returned"),
    ("removed", "gone", "removed", None),
]


@pytest.mark.parametrize(("before", "move", "after", "event"), TABLE)
def test_a_move_of_the_upstream(
    upstream: Upstream, before: str, move: str, after: str, event: str | None
) -> None:
    upstream.bring_into(before)
    digest, last = upstream.tool.discovered_revision.digest, last_row()
    run = MOVES[move](upstream)
    assert upstream.tool.state == after
    told = [row for row in rows_since(last) if row.event.startswith("tool.")]
    assert [row.event for row in told] == ([event] if event else [])
    assert run.state == "succeeded"
    assert (run.added, run.changed, run.removed) == (
        0,
        int(event in ("tool.changed", "tool.returned")),
        int(event == "tool.removed"),
    )
    if move == "reworded":
        assert told[0].detail["before"]["digest"] == digest
        assert told[0].detail["after"]["digest"] == upstream.tool.discovered_revision.digest != digest


@pytest.mark.parametrize(("move", "denial"), [("reworded", "tool_changed"), ("gone", "tool_removed")])
def test_what_moved_is_withdrawn_until_it_is_reviewed(
    upstream: Upstream, mia: User, move: str, denial: str
) -> None:
    approve(NAME, "opsgenie_list_alerts")
    give(mia, NAME, "opsgenie_list_alerts")
    caller = caller_for(mia)
    assert policy.decide(caller, NAME, timezone.now()).is_allowed
    MOVES[move](upstream)
    assert policy.decide(caller, NAME, timezone.now()).denial == denial
    assert [tool.name for tool in policy.callable_tools(caller, timezone.now())] == ["list_alerts"]


def test_a_change_keeps_what_was_approved_beside_what_was_found(upstream: Upstream) -> None:
    approve(NAME)
    upstream.reword()
    tool = upstream.tool
    assert tool.approved_revision.definition["description"] == upstream.first.description
    assert tool.discovered_revision.definition["description"] == "Another description."
    assert ToolRevision.objects.filter(tool=tool).count() == 2


def test_going_back_to_what_was_approved_before_is_a_change_again(upstream: Upstream) -> None:
    """Approve A, turn to B, approve B, turn back to A: A isn't what the last reviewer wanted."""
    approve(NAME)
    upstream.reword()
    approve(NAME)
    upstream.take_back()
    assert upstream.tool.state == "changed"
    assert ToolRevision.objects.filter(tool=upstream.tool).count() == 2


def test_a_returned_tool_is_reviewed_even_where_new_ones_need_not_be(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    Server.objects.update(tool_approval="not_required")
    upstream = Upstream(connector, few_tools)
    approve(NAME)
    upstream.withdraw()
    upstream.take_back()
    assert upstream.tool.state == "pending"


def test_a_changed_tool_is_reviewed_even_where_new_ones_need_not_be(upstream: Upstream) -> None:
    Server.objects.update(tool_approval="not_required")
    approve(NAME)
    upstream.reword()
    assert upstream.tool.state == "changed"


def test_a_change_of_what_it_does_is_a_change(upstream: Upstream) -> None:
    approve(NAME)
    upstream.connector.change("get_alert", action=Action.DESTRUCTIVE)
    sync(upstream.server)
    assert (upstream.tool.state, upstream.tool.action) == ("changed", "destructive")


def test_other_servers_are_left_alone(upstream: Upstream, connector: SmallOpsgenie) -> None:
    second = make_server(name="Second", prefix="second")
    sync(second)
    connector.offered.clear()
    run = sync(upstream.server)
    assert (run.found, run.removed) == (0, 6)
    assert set(second.tools.values_list("state", flat=True)) == {"pending"}
    assert AuditRow.objects.filter(event="tool.removed").count() == 6
