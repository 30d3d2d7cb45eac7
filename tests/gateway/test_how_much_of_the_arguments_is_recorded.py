"""The settings' verbosity, from one call to the next."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditRow
from tests.conftest import switch_on
from tests.gateway.conftest import Gateway

CREATE = "opsgenie_create_alert"
LONG = "word " * 800
ARGUMENTS: dict[str, Any] = {
    "message": "The disk is full.",
    "description": f"{LONG}Bearer canary-secret-of-the-caller",
    "details": {"api_key": "canary-key-of-the-caller", "host": "db-1"},
}


def recorded(gateway: Gateway, verbosity: str) -> dict[str, Any]:
    connection = gateway.connect()
    switch_on(argument_verbosity=verbosity)
    assert connection.call(CREATE, ARGUMENTS)["isError"] is False
    rows = AuditRow.objects.filter(tool_name=CREATE, call_id__isnull=False)
    assert "canary" not in repr([row.detail for row in rows])
    return rows.get(event="call.admitted").detail


def test_nothing_but_the_digest(gateway: Gateway) -> None:
    detail = recorded(gateway, "none")
    assert "arguments" not in detail
    assert len(detail["arguments_digest"]) == 64
    assert "disk" not in repr(AuditRow.objects.filter(call_id__isnull=False).values())


def test_redacted_is_shortened(gateway: Gateway) -> None:
    kept = recorded(gateway, "redacted")["arguments"]
    assert kept["message"] == "The disk is full."
    assert kept["details"] == {"api_key": "[redacted]", "host": "db-1"}
    assert len(kept["description"]) < 1_100


def test_full_is_whole_but_for_secrets(gateway: Gateway) -> None:
    kept = recorded(gateway, "full")["arguments"]
    assert kept["description"] == f"{LONG}[redacted]"
    assert kept["details"] == {"api_key": "[redacted]", "host": "db-1"}


@pytest.mark.parametrize("verbosity", ["none", "redacted", "full"])
def test_two_calls_alike_can_be_told_to_be_alike_in_each(gateway: Gateway, verbosity: str) -> None:
    connection = gateway.connect()
    switch_on(argument_verbosity=verbosity)
    for _ in range(2):
        connection.call(CREATE, ARGUMENTS)
    connection.call(CREATE, {"message": "Another."})
    admitted = AuditRow.objects.filter(event="call.admitted").order_by("pk")
    first, second, third = [row.detail["arguments_digest"] for row in admitted]
    assert first == second != third
