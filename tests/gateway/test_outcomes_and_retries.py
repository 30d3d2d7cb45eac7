"""How a call ends, how often it is tried, and what of it is told: section 6 of the design as a table."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from mcp_types import CallToolResult
from mcp_types.methods import validate_server_result

from audit.models import AuditRow
from catalog import servers
from tests.catalog.connectors.opsgenie.upstream import Reply
from tests.conftest import KEY, SYSTEM
from tests.gateway.conftest import Gateway
from tests.gateway.opsgenie import ALERT, REQUEST_ID, TEAM_CREATED, answered, failure
from tests.wire import VERSIONS, last_row, rows_since

READ = ("opsgenie_get_alert", {"identifier": "1"})
WRITE = ("opsgenie_create_team", {"name": "Databases"})
DESTROY = ("opsgenie_delete_team", {"identifier": "t-1"})
UNKNOWN = "not known whether this was applied"

pytestmark = pytest.mark.usefixtures("quick_retries")


@dataclass(frozen=True)
class Case:
    """What the upstream answers, one reply an attempt, the last one for ever; and what comes of it."""

    tool: tuple[str, dict[str, Any]]
    replies: list[Reply]
    outcome: str
    reason: str = ""
    attempts: int = 1
    status: int | None = None


GOOD = Reply(body=answered(ALERT))
CUT = Reply(cut=True)
GARBAGE = Reply(200, b"<html>we are down</html>")
SHORT = Reply(200, b'{"data": {"id":')

CASES: dict[str, Case] = {
    "a read that works": Case(READ, [GOOD], "succeeded", "", 1, 200),
    "a write that works": Case(WRITE, [TEAM_CREATED], "succeeded", "", 1, 201),
    # Reads are tried again, whatever is known of the attempt before.
    "a read, cut once": Case(READ, [CUT, GOOD], "succeeded", "", 2, 200),
    "a read, cut twice": Case(READ, [CUT, CUT, GOOD], "succeeded", "", 3, 200),
    "a read, always cut": Case(READ, [CUT], "failed", "upstream_interrupted", 3, None),
    "a read, 500 once": Case(READ, [failure(500), GOOD], "succeeded", "", 2, 200),
    "a read, always 500": Case(READ, [failure(500)], "failed", "upstream_error", 3, 500),
    "a read, always 502": Case(READ, [failure(502)], "failed", "upstream_error", 3, 502),
    "a read, always 503": Case(READ, [failure(503)], "failed", "upstream_error", 3, 503),
    "a read, always garbage": Case(READ, [GARBAGE], "failed", "upstream_garbage", 3, 200),
    "a read, half an answer once": Case(READ, [SHORT, GOOD], "succeeded", "", 2, 200),
    "a read, 500 then refused": Case(
        READ, [failure(500), failure(404)], "failed", "upstream_not_found", 2, 404
    ),
    # Writes never, once a byte may have left: they may have been applied.
    "a write, cut": Case(WRITE, [CUT, TEAM_CREATED], "unknown", "upstream_interrupted", 1, None),
    "a write, 500": Case(WRITE, [failure(500), TEAM_CREATED], "unknown", "upstream_error", 1, 500),
    "a write, 503": Case(WRITE, [failure(503, Retry_After="0")], "unknown", "upstream_error", 1, 503),
    "a write, garbage": Case(WRITE, [GARBAGE, TEAM_CREATED], "unknown", "upstream_garbage", 1, 200),
    "a removal, cut": Case(DESTROY, [CUT], "unknown", "upstream_interrupted", 1, None),
    "a removal, 500": Case(DESTROY, [failure(500)], "unknown", "upstream_error", 1, 500),
    # 429: nothing was done, whatever it was.
    "a read, 429 once": Case(READ, [failure(429, Retry_After="0"), GOOD], "succeeded", "", 2, 200),
    "a write, 429 once": Case(WRITE, [failure(429, Retry_After="0"), TEAM_CREATED], "succeeded", "", 2, 201),
    "a write, always 429": Case(
        WRITE, [failure(429, Retry_After="0")], "failed", "upstream_rate_limited", 3, 429
    ),
    "a read, 429 for too long": Case(
        READ, [failure(429, Retry_After="3600"), GOOD], "failed", "upstream_rate_limited", 1, 429
    ),
    "a write, 429 then cut": Case(
        WRITE, [failure(429, Retry_After="0"), CUT], "unknown", "upstream_interrupted", 2, None
    ),
    # Any other refusal is the upstream's last word.
    "a read, 400": Case(READ, [failure(400), GOOD], "failed", "upstream_rejected", 1, 400),
    "a read, 401": Case(READ, [failure(401), GOOD], "failed", "upstream_unauthorized", 1, 401),
    "a read, 403": Case(READ, [failure(403), GOOD], "failed", "upstream_forbidden", 1, 403),
    "a read, 404": Case(READ, [failure(404), GOOD], "failed", "upstream_not_found", 1, 404),
    "a write, 409": Case(WRITE, [failure(409), TEAM_CREATED], "failed", "upstream_conflict", 1, 409),
    "a write, 422": Case(WRITE, [failure(422), TEAM_CREATED], "failed", "upstream_rejected", 1, 422),
    "a read, 404 with a pause": Case(
        READ, [failure(404, Retry_After="0"), GOOD], "failed", "upstream_not_found", 1, 404
    ),
    "a write, 409 with a pause": Case(
        WRITE, [failure(409, Retry_After="0"), TEAM_CREATED], "failed", "upstream_conflict", 1, 409
    ),
    "a read, sent elsewhere": Case(
        READ, [Reply(302, b"", {"Location": "http://192.0.2.1/"})], "failed", "upstream_redirected", 3, None
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_and_the_number_of_attempts(gateway: Gateway, name: str) -> None:
    case = CASES[name]
    gateway.upstream.answer(*case.replies)
    connection = gateway.connect()
    last = last_row()
    result = connection.call(*case.tool)
    admitted, outcome = rows_since(last)
    assert (admitted.event, outcome.event) == ("call.admitted", f"call.{case.outcome}")
    assert admitted.call_id == outcome.call_id
    assert (outcome.reason, outcome.detail["attempts"]) == (case.reason, case.attempts)
    assert outcome.detail["upstream_status"] == case.status
    assert len(gateway.upstream.asked) == case.attempts
    assert result["isError"] == (case.outcome != "succeeded")
    if case.outcome != "succeeded":
        check_failure(result, outcome)


def check_failure(result: dict[str, Any], row: AuditRow) -> None:
    """The reply tells what the row tells, in words that a model can act on."""
    assert "structuredContent" not in result
    (content,) = result["content"]
    told = result["_meta"]["portcullis/failure"]
    assert told["code"] == row.reason
    assert told["outcome"] == row.event.removeprefix("call.")
    assert told["call_id"] == result["_meta"]["portcullis/call_id"] == str(row.call_id)
    assert told["message"] == row.detail["error"]
    assert told["message"] in content["text"]
    assert told["remedy"] in content["text"]
    assert (UNKNOWN in content["text"]) == (row.event == "call.unknown")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_failure_in_each_version(gateway: Gateway, version: str) -> None:
    gateway.upstream.answer(failure(404, "No alert exists with identifier 1"))
    result = gateway.connect(version).call(*READ)
    CallToolResult.model_validate(result)
    validate_server_result("tools/call", version, result)
    assert "No alert exists with identifier 1" in result["content"][0]["text"]


@pytest.mark.parametrize("tool", [READ, WRITE])
def test_what_never_left_is_tried_again_and_failed(
    gateway: Gateway, tool: tuple[str, dict[str, Any]]
) -> None:
    """Nothing listens there, so that even a write can't have been applied."""
    gateway.server.base_url = "http://127.0.0.1:9"
    servers.change(actor=SYSTEM, server=gateway.server, secret_text=KEY, slot="integration")
    connection = gateway.connect()
    last = last_row()
    result = connection.call(*tool)
    outcome = rows_since(last)[-1]
    assert (outcome.event, outcome.reason) == ("call.failed", "upstream_unreachable")
    assert outcome.detail["attempts"] == 3
    check_failure(result, outcome)


@pytest.mark.parametrize(("tool", "outcome"), [(READ, "failed"), (WRITE, "unknown")])
def test_an_upstream_that_is_too_slow_is_left_at_the_deadline(
    gateway: Gateway, settings: Any, tool: tuple[str, dict[str, Any]], outcome: str
) -> None:
    settings.PORTCULLIS_CALL_SECONDS = 0.4
    gateway.upstream.answer(Reply(body=answered(ALERT), delay=1.5))
    connection = gateway.connect()
    last = last_row()
    started = time.monotonic()
    result = connection.call(*tool)
    assert time.monotonic() - started < 1.2
    row = rows_since(last)[-1]
    assert (row.event, row.reason) == (f"call.{outcome}", "upstream_timeout")
    assert row.detail["attempts"] == 1
    assert row.latency_ms >= 400
    check_failure(result, row)


def test_retries_end_with_the_deadline(
    gateway: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTCULLIS_CALL_SECONDS = 0.5
    monkeypatch.setattr("tools.gateway.forward.PAUSES", (0.2, 5.0))
    gateway.upstream.answer(failure(500))
    started = time.monotonic()
    gateway.connect().call(*READ)
    assert time.monotonic() - started < 0.5
    assert len(gateway.upstream.asked) == 2


def test_a_named_wait_is_waited_for(gateway: Gateway) -> None:
    gateway.upstream.answer(failure(429, Retry_After="0.3"), GOOD)
    started = time.monotonic()
    assert gateway.connect().call(*READ)["isError"] is False
    assert time.monotonic() - started >= 0.3


def test_each_attempt_is_the_same_request(gateway: Gateway) -> None:
    gateway.upstream.answer(failure(429, Retry_After="0"), failure(429, Retry_After="0"), TEAM_CREATED)
    gateway.connect().call(*WRITE)
    first, *others = gateway.upstream.asked
    assert len(others) == 2
    assert all(
        (asked.method, asked.path, asked.body) == (first.method, first.path, first.body) for asked in others
    )


def test_the_upstreams_own_name_of_the_request_is_kept(gateway: Gateway) -> None:
    gateway.upstream.answer(failure(422))
    gateway.connect().call(*WRITE)
    row = AuditRow.objects.first()
    assert row is not None
    assert row.detail["upstream_request_id"] == REQUEST_ID
