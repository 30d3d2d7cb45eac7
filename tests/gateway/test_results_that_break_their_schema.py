from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from mcp_types import CallToolResult
from mcp_types.methods import validate_server_result

from audit.models import AuditRow
from catalog.connectors.base import ToolResult, UpstreamTrace
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tests.gateway.conftest import Gateway
from tests.wire import VERSIONS, last_row, rows_since

pytestmark = pytest.mark.usefixtures("quick_retries")

CANARY = "canary-of-an-upstream-answer"
GOOD = {"id": "1", "message": "Disk full"}
#: None of these is what `get_alert` promised.
BROKEN: dict[str, dict[str, Any]] = {
    "another kind": {"id": [CANARY], "message": CANARY},
    "a field too many": {**GOOD, "secret": CANARY},
    "something deep": {**GOOD, "details": {CANARY: {"x": CANARY}}},
}


def returning(structured: Any) -> Any:
    """A connector's `call` that returns this."""
    return lambda **call: ToolResult(structured, f"text with {CANARY}", UpstreamTrace(200, "r-1", 10))


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("tool", ["get_alert", "create_team"])
def test_it_is_withheld(
    gateway: Gateway, connector: SmallOpsgenie, caplog: pytest.LogCaptureFixture, tool: str, kind: str
) -> None:
    connector.call = returning(BROKEN[kind])  # type: ignore[method-assign]
    client = gateway.connect()
    last = last_row()
    result = client.call(f"opsgenie_{tool}", {"identifier": "1"} if tool == "get_alert" else {"name": "x"})
    admitted, outcome = rows_since(last)
    assert (admitted.event, outcome.event) == ("call.admitted", "call.succeeded")
    assert outcome.detail["result_withheld"] is True
    assert outcome.detail["upstream_status"] == 200
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "Do not repeat it" in result["content"][0]["text"]
    assert result["_meta"]["portcullis/call_id"] == str(outcome.call_id)
    assert str(outcome.call_id) in caplog.text
    assert CANARY not in json.dumps(result) + repr(everything())
    assert CANARY not in caplog.text


@pytest.mark.parametrize("version", VERSIONS)
def test_in_each_version(gateway: Gateway, connector: SmallOpsgenie, version: str) -> None:
    connector.call = returning(BROKEN["another kind"])  # type: ignore[method-assign]
    result = gateway.connect(version).call("opsgenie_get_alert", {"identifier": "1"})
    CallToolResult.model_validate(result)
    validate_server_result("tools/call", version, result)


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "structured",
    [
        {**GOOD, "tags": {CANARY}},
        {**GOOD, "created_at": datetime(2026, 1, 1)},
        {**GOOD, "details": nested(2_000)},
        {5: CANARY},
        [CANARY],
        CANARY,
        None,
    ],
    ids=["a set", "a moment", "too deep", "a number for a name", "a list", "a text", "nothing"],
)
@pytest.mark.parametrize("tool", ["get_alert", "create_team"])
def test_a_result_that_is_no_json_object_ends_in_one_outcome_too(
    gateway: Gateway, connector: SmallOpsgenie, caplog: pytest.LogCaptureFixture, tool: str, structured: Any
) -> None:
    connector.call = returning(structured)  # type: ignore[method-assign]
    client = gateway.connect()
    result = client.call(f"opsgenie_{tool}", {"identifier": "1"} if tool == "get_alert" else {"name": "x"})
    assert result["isError"] is True
    (outcome,) = AuditRow.objects.filter(event__in=["call.succeeded", "call.failed", "call.unknown"])
    assert result["_meta"]["portcullis/call_id"] == str(outcome.call_id)
    assert CANARY not in json.dumps(result) + caplog.text + repr(everything())


def test_a_connector_that_returns_nothing_ends_in_one_outcome_too(
    gateway: Gateway, connector: SmallOpsgenie
) -> None:
    connector.call = lambda **call: None  # type: ignore[method-assign, assignment, return-value]
    result = gateway.connect().call("opsgenie_create_team", {"name": "x"})
    assert result["_meta"]["portcullis/failure"]["outcome"] == "unknown"
    assert AuditRow.objects.filter(event="call.unknown").count() == 1
