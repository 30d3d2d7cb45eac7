"""The Opsgenie connector with few tools, quick to discover, whose definitions a test may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog.connectors import registry
from catalog.connectors.base import Target, ToolDefinition
from catalog.connectors.opsgenie.connector import OpsgenieConnector

FEW = ("list_alerts", "get_alert", "count_alerts", "create_alert", "create_team", "delete_team")


class SmallOpsgenie(OpsgenieConnector):
    """Everything is Opsgenie's but what it offers, which a test may change: `offered[name] = definition`."""

    def __init__(self) -> None:
        known = {tool.name: tool for tool in super().discover(target=Target("", {}))}
        self.offered: dict[str, ToolDefinition] = {name: known[name] for name in FEW}
        self.discovery_error: Exception | None = None

    def discover(self, *, target: Target) -> tuple[ToolDefinition, ...]:
        if self.discovery_error is not None:
            raise self.discovery_error
        return tuple(self.offered.values())

    def change(self, name: str, **fields: Any) -> None:
        """Offer the tool with these fields of its definition changed."""
        self.offered[name] = replace(self.offered[name], **fields)


@pytest.fixture
def connector(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallOpsgenie]:
    small = SmallOpsgenie()
    monkeypatch.setitem(registry._CONNECTORS, small.key, small)
    return small
