"""After a 202: the real outcome, or an honest 'not known yet'."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import jsonschema_rs
import pytest

from catalog.connectors.base import Certainty, ConnectorError, ToolResult
from catalog.connectors.opsgenie.domains import OPERATIONS

from .conftest import CALL_ID
from .upstream import Reply, Upstream

Call = Callable[..., ToolResult]

ACCEPTED = Reply(202, {"result": "Request will be processed", "took": 0.3, "requestId": "r/1"})
NOT_YET = Reply(404, {"message": "Request not processed"}, {"X-Opsgenie-Errortype": "RequestNotProcessed"})


def outcome(success: Any = True, **more: Any) -> Reply:
    return Reply(
        200,
        {
            "data": {
                "success": success,
                "isSuccess": success,
                "action": "Close",
                "status": "Closed alert",
                "alertId": "a-1",
                "alias": "disk",
                **more,
            },
            "requestId": "another",
        },
    )


def fits(result: ToolResult) -> bool:
    schema = OPERATIONS["close_alert"].definition.output_schema
    return jsonschema_rs.validator_for(schema).is_valid(result.structured)


def test_the_outcome_is_waited_for(upstream: Upstream, call: Call) -> None:
    upstream.answer(ACCEPTED, NOT_YET, NOT_YET, outcome())
    result = call("close_alert", identifier="disk")
    assert result.structured == {
        "accepted": True,
        "processed": True,
        "success": True,
        "status": "Closed alert",
        "alert_id": "a-1",
        "alias": "disk",
        "request_id": "r/1",
    }
    assert fits(result)
    assert [asked.method for asked in upstream.asked] == ["POST", "GET", "GET", "GET"]
    assert upstream.asked[-1].path == "/v2/alerts/requests/r%2F1"
    assert "Closed alert" in result.text


def test_a_refusal_after_the_202_is_a_failure(upstream: Upstream, call: Call) -> None:
    upstream.answer(ACCEPTED, outcome(success=False, status="Alert does not exist", alertId=""))
    with pytest.raises(ConnectorError) as caught:
        call("close_alert", identifier="disk")
    assert (caught.value.code, caught.value.certainty) == ("upstream_not_applied", Certainty.REFUSED)
    assert "Alert does not exist" in caught.value.message


def test_either_name_of_success_will_do(upstream: Upstream, call: Call) -> None:
    upstream.answer(ACCEPTED, Reply(200, {"data": {"isSuccess": True, "status": "Closed alert"}}))
    assert call("close_alert", identifier="disk").structured["success"] is True


@pytest.mark.parametrize(
    "reply",
    [
        NOT_YET,
        Reply(404, {"message": "Request not found"}),
        Reply(401, {"message": "Could not authenticate"}),
        Reply(403, {"message": "API Key is not granted with read access."}),
        Reply(500, b"oops"),
        Reply(200, b"not json"),
        Reply(200, {"data": {"status": "?"}}),
        Reply(cut=True),
    ],
)
def test_not_finding_out_is_no_failure(upstream: Upstream, call: Call, reply: Reply) -> None:
    upstream.answer(ACCEPTED, reply)
    started = monotonic()
    result = call("close_alert", identifier="disk", seconds=1.0)
    assert monotonic() - started < 1.0
    assert (result.structured["accepted"], result.structured["processed"]) == (True, False)
    assert result.structured["request_id"] == "r/1"
    assert "get_alert_request_status" in result.structured["status"]
    assert "success" not in result.structured
    assert fits(result)
    assert result.trace.status == 202


def test_no_time_left_asks_nothing(upstream: Upstream, call: Call) -> None:
    upstream.answer(ACCEPTED)
    result = call("close_alert", identifier="disk", seconds=0.5)
    assert result.structured["processed"] is False
    assert len(upstream.asked) == 1


def test_asking_ends_after_a_few_seconds(upstream: Upstream, call: Call, monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.connectors.opsgenie.request_status.POLLING_SECONDS", 1.0)
    upstream.answer(ACCEPTED, NOT_YET)
    started = monotonic()
    call("close_alert", identifier="disk", seconds=30)
    assert monotonic() - started < 2.0
    assert 3 <= len(upstream.asked) <= 12


def test_the_status_tool_takes_not_yet_for_an_answer(upstream: Upstream, call: Call) -> None:
    upstream.answer(NOT_YET)
    result = call("get_alert_request_status", request_id="r-1")
    assert result.structured["processed"] is False
    upstream.answer(outcome(success=False, status="Alert does not exist"))
    result = call("get_alert_request_status", request_id="r-1")
    assert (result.structured["processed"], result.structured["success"]) == (True, False)


def test_what_was_sent(upstream: Upstream, call: Call) -> None:
    upstream.answer(ACCEPTED, outcome())
    call("create_alert", message="Disk full", responders=["team:payments"])
    first = upstream.asked[0]
    assert (first.method, first.path) == ("POST", "/v2/alerts")
    assert first.headers["Authorization"].startswith("GenieKey ")
    assert first.body["alias"] == f"mcp-{CALL_ID}"
    assert first.body["user"] == "ana@example.com"
