"""list_capabilities: what the policy and the key allow, told without asking Opsgenie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson
import pytest

from catalog.connectors.base import CallContext, Held, Probe, Target, ToolResult
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.connectors.opsgenie.tools import TOOLS
from catalog.outbound import Deadline

CORE: dict[str, str | None] = {tool.name: None for tool in TOOLS.values() if tool.core}
ALL_GRANTED = {
    "Read": Held.GRANTED,
    "Create and Update": Held.GRANTED,
    "Configuration Access": Held.GRANTED,
    "Delete": Held.UNKNOWN,
}
NO_GRANT = "You have not been given this tool."


def ask(
    *,
    access: Mapping[str, str | None] = CORE,
    probe: Probe | None = None,
    slot: str = "integration",
    **arguments: Any,
) -> ToolResult:
    result = OpsgenieConnector().call(
        # Nobody listens there: it must not be asked.
        target=Target("http://127.0.0.1:1", {"Authorization": "GenieKey x"}, slot),
        tool_name="list_capabilities",
        arguments=arguments,
        context=CallContext("c-1", "ana@example.com", Deadline(5), access=lambda: access, probe=probe),
    )
    schema = TOOLS["list_capabilities"].output_schema
    assert jsonschema_rs.validator_for(schema).is_valid(result.structured)
    return result


def domain(result: ToolResult, name: str) -> dict[str, Any]:
    return next(each for each in result.structured["domains"] if each["domain"] == name)


def reasons(result: ToolResult) -> dict[str, str]:
    """Why each tool that is named is missing."""
    return {
        tool: group["why"]
        for each in result.structured["domains"]
        for group in each["missing"]
        for tool in group.get("tools", ())
    }


def test_every_tool_is_accounted_for_once() -> None:
    for access in ({}, CORE, dict.fromkeys(TOOLS), dict.fromkeys(TOOLS, NO_GRANT)):
        result = ask(access=access, probe=Probe(ALL_GRANTED))
        names = [name for each in result.structured["domains"] for name in each["available"]]
        assert sorted(names) == sorted(name for name in TOOLS if access.get(name, "") is None)
        missing = sum(group["count"] for each in result.structured["domains"] for group in each["missing"])
        assert len(names) + missing == len(TOOLS)
        assert result.trace.status is None


def test_what_the_policy_says_is_said() -> None:
    access = {**CORE, "create_alert": NO_GRANT, "close_alert": NO_GRANT, "delete_team": "It awaits review."}
    result = ask(access=access, probe=Probe(ALL_GRANTED))
    assert reasons(result) == {
        "create_alert": NO_GRANT,
        "close_alert": NO_GRANT,
        "delete_team": "It awaits review.",
    }
    assert "create_alert" not in domain(result, "alerts")["available"]
    assert f"Missing: create_alert, close_alert. {NO_GRANT}" in result.text


def test_what_the_server_does_not_offer_is_counted_and_named_on_request() -> None:
    assert domain(ask(), "contacts") == {
        "domain": "contacts",
        "available": [],
        "missing": [{"why": "This server does not offer it.", "count": 7}],
    }
    result = ask(domain="contacts")
    [contacts] = result.structured["domains"]
    assert contacts["missing"][0]["tools"][0] == "list_user_contacts"
    assert "list_user_contacts" in result.text
    assert "switch on" in result.text
    assert "switch on" not in ask(access=dict.fromkeys(TOOLS)).text


def test_a_key_that_was_never_tested_is_said_to_be() -> None:
    result = ask()
    assert (result.structured["key"], result.structured["key_tested"]) == ("API integration key", False)
    assert result.structured["rights"] == []
    assert "never tested" in result.structured["notes"][-1]
    assert "never tested" in result.text
    assert not reasons(result)


def test_a_right_the_key_lacks() -> None:
    result = ask(probe=Probe({**ALL_GRANTED, "Create and Update": Held.REFUSED}))
    assert reasons(result)["create_alert"] == "The API integration key lacks Create and Update."
    assert domain(result, "alerts")["available"][0] == "list_alerts"
    assert "Create and Update refused" in result.text


def test_an_account_key_may_carry_what_the_integration_key_can_not() -> None:
    """This call can't see whether there is one; without an integration key it knows that there is none."""
    lacking = Probe({**ALL_GRANTED, "Configuration Access": Held.REFUSED})
    why = reasons(ask(probe=lacking))["list_teams"]
    assert why == "The API integration key lacks Configuration Access, unless an account API key carries it."
    alone = reasons(ask(probe=lacking, slot="account"))
    assert alone["list_teams"] == "The account API key lacks Configuration Access."
    assert "get_alert" not in alone


def test_what_only_an_integration_key_may_do() -> None:
    told = reasons(ask(slot="account"))
    assert set(told) == {"create_alert", "acknowledge_alert", "close_alert", "add_alert_note"}
    assert told["create_alert"] == "It needs an API integration key; this server has only an account API key."


def test_a_right_nobody_could_test_is_noted_where_a_tool_needs_it() -> None:
    result = ask(probe=Probe(ALL_GRANTED))
    assert "delete_team" in domain(result, "teams")["available"]
    assert result.structured["notes"][-1].startswith(
        "Whether the API integration key has Delete is not known"
    )
    assert not any(
        "Delete" in note for note in ask(probe=Probe(ALL_GRANTED), domain="account").structured["notes"]
    )


def test_a_key_that_failed_its_test() -> None:
    probe = Probe(dict.fromkeys(ALL_GRANTED, Held.UNKNOWN), "Opsgenie does not know this key in this region.")
    result = ask(probe=probe)
    available = [name for each in result.structured["domains"] for name in each["available"]]
    assert available == ["list_capabilities"]
    assert reasons(result)["get_alert"] == "The API integration key failed its last test."
    assert "Opsgenie does not know this key in this region." in result.text


def test_a_stored_key_that_could_not_be_read() -> None:
    result = ask(probe=Probe({}, "The stored key can't be read."))
    assert result.structured["key_tested"] is True
    assert "The stored key can't be read." in result.text


@pytest.mark.parametrize(
    ("access", "probe"),
    [
        (CORE, Probe(ALL_GRANTED)),
        (dict.fromkeys(TOOLS), Probe(ALL_GRANTED)),
        (dict.fromkeys(TOOLS, NO_GRANT), Probe({**ALL_GRANTED, "Configuration Access": Held.REFUSED})),
        (CORE, Probe({**ALL_GRANTED, "Configuration Access": Held.REFUSED})),
    ],
)
def test_it_stays_compact(access: Mapping[str, str | None], probe: Probe) -> None:
    result = ask(access=access, probe=probe)
    assert len(orjson.dumps(result.structured)) < 8_500
    assert len(result.text) < 6_000
