from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_types import CallToolResult

from audit.models import AuditRow
from tests.conftest import KEY
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tests.gateway.conftest import Gateway
from tests.wire import VERSIONS, last_row, rows_since

CANARY = "canary-of-a-fault"
TOOLS: dict[str, tuple[dict[str, Any], str]] = {
    "opsgenie_get_alert": ({"identifier": "1"}, "failed"),
    "opsgenie_create_team": ({"name": "x"}, "unknown"),
    "opsgenie_delete_team": ({"identifier": "t-1"}, "unknown"),
}


class Fault:
    """A connector's `call` that raises an exception with secrets in its text, its cause and its notes."""

    def __init__(self, kind: type[Exception]) -> None:
        self.kind = kind
        self.calls = 0

    def __call__(self, **call: Any) -> Any:
        self.calls += 1
        error = self.kind(CANARY, dict(call["target"].headers))
        error.add_note(f"{CANARY} {KEY}")
        raise error from ValueError(f"{CANARY} {call['target'].headers}")


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, OSError, RecursionError, AssertionError])
@pytest.mark.parametrize("tool", TOOLS)
def test_it_ends_in_one_outcome_and_tells_nothing(
    gateway: Gateway,
    connector: SmallOpsgenie,
    caplog: pytest.LogCaptureFixture,
    quick_retries: None,
    tool: str,
    kind: type[Exception],
) -> None:
    arguments, outcome = TOOLS[tool]
    connector.call = fault = Fault(kind)  # type: ignore[method-assign, assignment]
    client = gateway.connect()
    last = last_row()
    result = client.call(tool, arguments)
    admitted, ended = rows_since(last)
    assert (admitted.event, ended.event) == ("call.admitted", f"call.{outcome}")
    assert (ended.reason, ended.detail["attempts"]) == ("connector_fault", fault.calls)
    assert result["isError"] is True
    assert result["_meta"]["portcullis/failure"]["outcome"] == outcome
    assert "fault in Portcullis" in result["content"][0]["text"]
    assert (str(ended.call_id) in caplog.text, kind.__name__ in caplog.text) == (True, True)
    seen = json.dumps(result) + caplog.text + repr(everything())
    assert CANARY not in seen
    assert KEY not in seen
    if outcome == "unknown":
        assert fault.calls == 1, "a write is never tried twice"


@pytest.mark.parametrize("version", VERSIONS)
def test_in_each_version(
    gateway: Gateway, connector: SmallOpsgenie, quick_retries: None, version: str
) -> None:
    connector.call = Fault(RuntimeError)  # type: ignore[method-assign, assignment]
    CallToolResult.model_validate(gateway.connect(version).call("opsgenie_get_alert", {"identifier": "1"}))


def test_the_next_call_works(gateway: Gateway, connector: SmallOpsgenie, quick_retries: None) -> None:
    client = gateway.connect()
    connector.call = Fault(RuntimeError)  # type: ignore[method-assign, assignment]
    client.call("opsgenie_get_alert", {"identifier": "1"})
    del connector.call
    assert client.call("opsgenie_get_alert", {"identifier": "1"})["isError"] is False
    assert AuditRow.objects.filter(event="call.succeeded").count() == 1
