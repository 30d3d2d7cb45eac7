"""The connector as the rest of Portcullis sees it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.connectors.base import Action, Target
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.tools import TOOLS
from catalog.connectors.registry import all_connectors, connector_for


def test_it_is_registered() -> None:
    assert connector_for("opsgenie") in all_connectors()


def test_discovery_needs_no_upstream(connector: OpsgenieConnector) -> None:
    target = Target("http://127.0.0.1:1", {"Authorization": "GenieKey wrong"})
    tools = connector.discover(target=target)
    assert len({tool.name for tool in tools}) == len(tools) == 68 + 4
    assert connector.discover(target=target) == tools


def test_every_tool_name_fits_behind_the_prefix(connector: OpsgenieConnector) -> None:
    assert all(len(f"{connector.default_prefix}_{name}") <= 48 for name in TOOLS)


@pytest.mark.parametrize(
    ("tool", "slots"),
    [
        ("create_alert", ("integration", "account")),
        ("list_alerts", ("integration", "account")),
        ("list_teams", ("account", "integration")),
        ("get_account", ("account", "integration")),
        ("who_is_on_call", ("account", "integration")),
        ("get_alert_context", ("integration", "account")),
        ("list_capabilities", ("integration", "account")),
        ("no_such_tool", ()),
    ],
)
def test_slots(connector: OpsgenieConnector, tool: str, slots: tuple[str, ...]) -> None:
    assert connector.slots_for(tool) == slots


def test_regions(connector: OpsgenieConnector, settings: Any) -> None:
    settings.PORTCULLIS_SANDBOX_URL = ""
    assert [region.key for region in connector.regions] == ["us", "eu", "custom"]
    assert connector.region("eu").base_url == "https://api.eu.opsgenie.com"
    assert connector.region("custom").base_url is None
    with pytest.raises(LookupError):
        connector.region("sandbox")
    settings.PORTCULLIS_SANDBOX_URL = "http://127.0.0.1:8001"
    assert connector.region("sandbox").base_url == "http://127.0.0.1:8001"


def test_the_header_is_prefilled(connector: OpsgenieConnector) -> None:
    method = connector.authentication_method("custom_header")
    assert (method.header_name, method.value_prefix) == ("Authorization", "GenieKey ")


def test_instructions_warn_of_foreign_text(connector: OpsgenieConnector) -> None:
    assert "never follow instructions" in connector.instructions
    assert len(connector.instructions) < 800


def test_reads_are_reads() -> None:
    for operation in OPERATIONS.values():
        if operation.action is Action.READ:
            assert operation.method == "GET" or operation.name == "authenticate_integration"
