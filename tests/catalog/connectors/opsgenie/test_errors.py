"""Every failure as one ConnectorError, over a real connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.connectors.base import CallContext, Certainty, ConnectorError, Target, ToolResult
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.outbound import Deadline

from .conftest import CALL_ID, KEY, PERSON
from .upstream import Reply, Upstream

Failing = Callable[..., ConnectorError]

REFUSED, UNCERTAIN, NOT_SENT = Certainty.REFUSED, Certainty.UNCERTAIN, Certainty.NOT_SENT


@pytest.mark.parametrize(
    ("status", "code", "certainty"),
    [
        (400, "upstream_rejected", REFUSED),
        (401, "upstream_unauthorized", REFUSED),
        (402, "upstream_plan", REFUSED),
        (403, "upstream_forbidden", REFUSED),
        (404, "upstream_not_found", REFUSED),
        (405, "upstream_rejected", REFUSED),
        (409, "upstream_conflict", REFUSED),
        (410, "upstream_gone", REFUSED),
        (415, "upstream_rejected", REFUSED),
        (418, "upstream_rejected", REFUSED),
        (422, "upstream_rejected", REFUSED),
        (428, "upstream_in_use", REFUSED),
        (429, "upstream_rate_limited", REFUSED),
        (500, "upstream_error", UNCERTAIN),
        (501, "upstream_error", UNCERTAIN),
        (502, "upstream_error", UNCERTAIN),
        (503, "upstream_error", UNCERTAIN),
        (504, "upstream_error", UNCERTAIN),
        (304, "upstream_garbage", UNCERTAIN),
    ],
)
def test_each_status(
    upstream: Upstream, failed_call: Failing, status: int, code: str, certainty: Certainty
) -> None:
    upstream.answer(Reply(status, {"message": "The reason.", "requestId": "r-1", "took": 0.1}))
    error = failed_call("delete_team", identifier="payments")
    assert (error.code, error.certainty) == (code, certainty)
    assert f"(HTTP {status})" in error.message
    assert error.remedy
    assert error.trace.status == status
    if status != 304:  # it has no body
        assert "The reason." in error.message
        assert error.trace.request_id == "r-1"
        assert error.trace.received_bytes > 0
    assert len(upstream.asked) == 1, "never sent twice"


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("API Key is not granted with write access.", "Create and Update"),
        ("API Key is not granted with configuration access.", "Configuration Access"),
        ("API Key is not granted with delete access.", "Delete"),
        ("Account does not have access to Opsgenie.", "Delete and Configuration Access"),
    ],
)
def test_403_names_the_missing_right(upstream: Upstream, failed_call: Failing, told: str, right: str) -> None:
    upstream.answer(Reply(403, {"message": told, "code": 40301}))
    error = failed_call("delete_team", identifier="payments")
    assert error.code == "upstream_forbidden"
    assert f"needs the right {right}." in error.message
    assert "API integration key" in error.message
    assert right in error.remedy


def test_403_for_the_wrong_kind_of_key(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(
        Reply(
            403, {"message": "To perform this action, use an API key from an API integration.", "code": 40301}
        )
    )
    error = failed_call("create_alert", message="m")
    assert error.code == "upstream_forbidden"
    assert "only with an API integration key" in error.message
    assert "API integration" in error.remedy


def test_403_40302_is_unsupported(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(403, {"message": "Not supported", "code": 40302}))
    assert failed_call("get_team", identifier="payments").code == "upstream_unsupported"


def test_a_malformed_key_is_not_blamed_on_the_arguments(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(422, {"message": "Key format is not valid!", "took": 0.0, "requestId": ""}))
    error = failed_call("get_account")
    assert (error.code, error.certainty) == ("upstream_unauthorized", REFUSED)


def test_422_names_our_parameters(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(
        Reply(
            422,
            {
                "message": "Request body is not processable. Please check the errors.",
                "errors": {
                    "visibleTo#type": "Invalid recipient type 'bb'",
                    "priority": "should be one of [ P1, P2 ]",
                    "somethingElse": "is odd",
                },
            },
        )
    )
    error = failed_call("create_alert", message="m")
    assert "visible_to: Invalid recipient type 'bb'" in error.message
    assert "priority: should be one of" in error.message
    assert "somethingElse: is odd" in error.message


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, 60.0),
        ({"X-RateLimit-Period-In-Sec": "1"}, 1.0),
        ({"Retry-After": "7", "X-RateLimit-Period-In-Sec": "60"}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "X-RateLimit-Period-In-Sec": "1"}, 1.0),
        ({"Retry-After": "nonsense"}, 60.0),
        ({"Retry-After": "nan"}, 60.0),
        ({"Retry-After": "-5"}, 60.0),
        ({"Retry-After": "1e300"}, 3600.0),
    ],
)
def test_429_says_how_long_to_wait(
    upstream: Upstream, failed_call: Failing, headers: dict[str, str], pause: float
) -> None:
    upstream.answer(Reply(429, {"message": "Too many requests"}, headers))
    assert failed_call("list_alerts").retry_after == pause


def test_503_passes_a_wish_to_wait_on(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(503, {}, {"Retry-After": "3"}))
    assert failed_call("list_alerts").retry_after == 3.0
    upstream.answer(Reply(503, {}))
    assert failed_call("list_alerts").retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"data": NaN}',
        [],
        "text",
        None,
        {"data": 1},
        {"took": 1},
        {"data": "x", "errors": {}},
    ],
)
@pytest.mark.parametrize("tool", ["get_alert", "list_team_routing_rules", "close_alert"])
def test_a_2xx_that_cannot_be_read_is_garbage(
    upstream: Upstream, failed_call: Failing, tool: str, body: Any
) -> None:
    upstream.answer(Reply(200, body))
    error = failed_call(tool, identifier="1")
    assert (error.code, error.certainty) == ("upstream_garbage", UNCERTAIN)
    assert error.trace.status == 200


@pytest.mark.parametrize("status", [401, 422, 429, 500])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"x" * 5000 + b"</html>",
        b"",
        [1, 2],
        {"message": 5, "errors": [1]},
        {"message": {"a": 1}, "errors": {"a": {"b": 1}}, "code": []},
        {"message": "m\x00\x1b[0m\n" + "x" * 5000, "errors": {"k" * 4000: "v" * 4000}},
        {"requestId": 5},
    ],
)
def test_an_odd_error_body_is_still_one_short_sentence(
    upstream: Upstream, failed_call: Failing, status: int, body: Any
) -> None:
    upstream.answer(Reply(status, body))
    message = failed_call("list_alerts").message
    assert len(message) < 500
    assert message.isprintable()


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 422, 500])
def test_the_key_never_comes_back(
    upstream: Upstream, call: Callable[..., ToolResult], failed_call: Failing, status: int
) -> None:
    echo = f"you sent GenieKey {KEY}"
    body = {
        "message": echo,
        "errors": {"note": echo},
        "requestId": KEY,
        "result": KEY,
        "data": [{"note": KEY, "owner": echo}],
    }
    upstream.answer(Reply(status, body, {"X-Request-Id": KEY}))
    if status < 300:
        result = call("list_alert_notes", identifier="1")
        said = f"{result.structured} {result.text} {result.trace}"
    else:
        error = failed_call("list_alert_notes", identifier="1")
        said = f"{error.message} {error.remedy} {error.trace} {error!r}"
    assert KEY not in said
    assert "[removed]" in said or status in (401, 403)


def test_a_connection_cut_is_uncertain(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(cut=True))
    error = failed_call("close_alert", identifier="1")
    assert (error.code, error.certainty) == ("upstream_interrupted", UNCERTAIN)


def test_a_slow_upstream_is_uncertain(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(delay=1.0))
    error = failed_call("list_alerts", seconds=0.2)
    assert (error.code, error.certainty) == ("upstream_timeout", UNCERTAIN)


def test_a_deadline_already_passed_sends_nothing(upstream: Upstream, failed_call: Failing) -> None:
    error = failed_call("list_alerts", seconds=-1)
    assert (error.code, error.certainty) == ("deadline_passed", NOT_SENT)
    assert upstream.asked == []


def test_a_redirect_elsewhere_is_not_followed(upstream: Upstream, failed_call: Failing) -> None:
    upstream.answer(Reply(302, {}, {"Location": "http://elsewhere.example/"}))
    error = failed_call("list_alerts")
    assert (error.code, error.certainty) == ("upstream_redirected", UNCERTAIN)


def test_an_answer_too_large(upstream: Upstream, failed_call: Failing, settings: Any) -> None:
    settings.PORTCULLIS_UPSTREAM_MAX_BYTES = 100
    upstream.answer(Reply(200, b"x" * 200))
    assert failed_call("list_alerts").code == "upstream_too_large"


def _call_at(url: str, key: str = KEY, tool: str = "get_account") -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        OpsgenieConnector().call(
            target=Target(url, {"Authorization": f"GenieKey {key}"}, "account"),
            tool_name=tool,
            arguments={},
            context=CallContext(CALL_ID, PERSON, Deadline(5)),
        )
    return caught.value


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://name.invalid", "", "not a url"])
def test_an_unreachable_upstream_got_nothing(upstream: Upstream, url: str) -> None:
    error = _call_at(url)
    assert (error.code, error.certainty) == ("upstream_unreachable", NOT_SENT)


def test_a_private_address_is_refused(upstream: Upstream, settings: Any) -> None:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = False
    assert _call_at(upstream.url).code == "upstream_address_refused"


@pytest.mark.parametrize("key", ["schlüssel", "a\nb", "a\r\nX-Other: 1"])
def test_a_key_that_cannot_be_a_header_is_not_sent(upstream: Upstream, key: str) -> None:
    error = _call_at(upstream.url, key=key)
    assert (error.code, error.certainty) == ("upstream_unauthorized", NOT_SENT)
    assert key not in f"{error.message}{error.remedy}"
    assert upstream.asked == []


def test_an_unknown_tool(upstream: Upstream) -> None:
    assert (_call_at(upstream.url, tool="no_such_tool").certainty) == NOT_SENT
