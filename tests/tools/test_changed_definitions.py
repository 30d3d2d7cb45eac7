"""What a changed definition does: block, serve the approved one, or accept; as settings, server, tool say."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditRow
from catalog.connectors.base import Action
from catalog.models import Server
from clients.caller import Caller
from clients.models import User
from tests.conftest import approve, caller_for, give, switch_on, sync
from tests.connectors import SmallOpsgenie
from tools import policy
from tools.models import Tool

NAME = "opsgenie_get_alert"


@pytest.fixture
def caller(few_tools: Server, mia: User) -> Caller:
    approve(NAME)
    give(mia, NAME)
    return caller_for(mia)


def get_alert() -> Tool:
    return Tool.objects.select_related("server", "approved_revision", "discovered_revision").get(
        client_name=NAME
    )


def denial(caller: Caller) -> str | None:
    return policy.decide(caller, NAME, timezone.now()).denial


def reword(connector: SmallOpsgenie, server: Server) -> None:
    connector.change("get_alert", description=f"{connector.offered['get_alert'].description} Slowly.")
    sync(server)


@pytest.mark.parametrize(
    ("portal", "server", "tool", "what"),
    [
        ("block", "", "", "block"),
        ("serve_approved", "", "", "serve_approved"),
        ("accept", "", "", "accept"),
        ("block", "serve_approved", "", "serve_approved"),
        ("accept", "block", "", "block"),
        ("block", "block", "accept", "accept"),
        ("serve_approved", "accept", "block", "block"),
    ],
)
def test_the_nearest_word_counts(
    connector: SmallOpsgenie,
    few_tools: Server,
    caller: Caller,
    portal: str,
    server: str,
    tool: str,
    what: str,
) -> None:
    switch_on(changed_definition=portal)
    Server.objects.update(changed_definition=server)
    Tool.objects.update(changed_definition=tool)
    reword(connector, few_tools)
    found = get_alert()
    approved = found.approved_revision.definition["description"]
    if what == "accept":
        assert (found.state, denial(caller)) == ("approved", None)
        assert found.approved_revision == found.discovered_revision
        row = AuditRow.objects.get(event="tool.changed")
        assert row.detail["accepted"] == "by the settings for changed definitions"
        return
    assert found.state == "changed"
    assert not approved.endswith("Slowly."), "nobody approved the new words"
    assert denial(caller) == ("tool_changed" if what == "block" else None)
    served = policy.callable_tools(caller, timezone.now())
    assert [tool.approved_revision.definition["description"] for tool in served] == (
        [] if what == "block" else [approved]
    )


def test_a_severe_change_is_never_accepted_by_itself(
    connector: SmallOpsgenie, few_tools: Server, caller: Caller
) -> None:
    switch_on(changed_definition="accept")
    connector.change("get_alert", action=Action.WRITE, method="POST")
    sync(few_tools)
    assert (get_alert().state, denial(caller)) == ("changed", "tool_changed")


def test_while_the_approved_one_is_served_its_action_counts_and_not_the_new_one(
    connector: SmallOpsgenie, few_tools: Server, caller: Caller
) -> None:
    switch_on(changed_definition="serve_approved")
    connector.change("get_alert", action=Action.DESTRUCTIVE)
    sync(few_tools)
    assert get_alert().action == "destructive"
    assert get_alert().effective_action == "read"
    assert denial(caller) is None


def test_a_tool_without_a_declared_action_gets_the_settings_class(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    switch_on(default_action="write")
    connector.change("get_alert", declares_action=False)
    sync(few_tools)
    assert (get_alert().action, get_alert().discovered_revision.definition["action"]) == ("write", "write")
