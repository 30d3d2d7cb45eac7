"""The Opsgenie connector with few tools, quick to discover, whose definitions a test may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog.connectors import registry
from catalog.connectors.base import Target, ToolDefinition
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.models import Server
from tests.conftest import make_server, sync

FEW = ("list_alerts", "get_alert", "count_alerts", "create_alert", "create_team", "delete_team")


class SmallOpsgenie(OpsgenieConnector):
    """Everything is Opsgenie's but what it offers, which a test may change: `offered[name] = definition`."""

    def __init__(self) -> None:
        self.offered: dict[str, ToolDefinition] = {name: OPERATIONS[name].definition for name in FEW}
        self.discovery_error: Exception | None = None
        self.discovered_with: Target | None = None

    def discover(self, *, target: Target, **more: Any) -> tuple[ToolDefinition, ...]:
        self.discovered_with = target
        if self.discovery_error is not None:
            raise self.discovery_error
        return tuple(self.offered.values())

    def change(self, name: str, /, **fields: Any) -> None:
        """Offer the tool with these fields of its definition changed."""
        self.offered[name] = replace(self.offered[name], **fields)


@pytest.fixture
def connector(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallOpsgenie]:
    small = SmallOpsgenie()
    monkeypatch.setitem(registry._CONNECTORS, small.key, small)
    return small


@pytest.fixture
def few_tools(connector: SmallOpsgenie, db: None) -> Server:
    """A server whose few tools are discovered and wait for review."""
    server = make_server()
    sync(server)
    return server
