"""What the endpoint answers to each kind of request, in both eras: status, error code, id, audit row."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from audit.models import AuditRow
from tests.gateway.conftest import Gateway
from tests.wire import HANDSHAKE, META, MODERN, Connection, answer_of, error_of, last_row, rows_since

Send = Callable[[Connection], HttpResponse]
OLD = "2025-11-25"
TOOL = "opsgenie_get_alert"


def handshake(message: dict[str, Any], **headers: str) -> Send:
    """Send a message of the handshake era with its usual header, or these."""
    headers = headers or {"mcp_protocol_version": OLD}
    return lambda c: c.send({"jsonrpc": "2.0", "id": 2, **message}, **headers)


def envelope(method: str, params: dict[str, Any] | None = None, **headers: str) -> Send:
    """Send a request of the envelope era, with these headers over the right ones."""
    return lambda c: c.request(method, params, **headers)


def without_header(method: str, header: str) -> Send:
    return lambda c: c.request(method, without=(header,))


def without_meta(key: str | None = None, **params: Any) -> Send:
    """An envelope that lacks all, or one part, of what it must hold."""

    def send(connection: Connection) -> HttpResponse:
        message = connection.message("tools/list", params)
        if key is None:
            del message["params"]["_meta"]
        else:
            del message["params"]["_meta"][META + key]
        return connection.send(message, **connection.headers(message))

    return send


def versions(header: str, meta: str) -> Send:
    """The version as the header has it, and as the envelope has it."""
    return lambda c: c.request(
        "tools/list", {"_meta": {f"{META}protocolVersion": meta}}, mcp_protocol_version=header
    )


def identified(value: Any) -> Send:
    return handshake({"method": "ping", "id": value})


CALL = {"name": TOOL, "arguments": {"identifier": "1"}}

#: Name: how it is sent; status, error code (None: a result) and id of the answer; reason of its one row.
REFUSED: dict[str, tuple[Send, tuple[int, int, Any], str]] = {
    "malformed JSON": (lambda c: c.send(b"{"), (400, -32700, None), "malformed_json"),
    "empty body": (lambda c: c.send(b""), (400, -32700, None), "malformed_json"),
    "not UTF-8": (lambda c: c.send(b'"\xff"'), (400, -32700, None), "malformed_json"),
    "NaN": (lambda c: c.send(b'{"jsonrpc":"2.0","id":NaN}'), (400, -32700, None), "malformed_json"),
    "a number": (lambda c: c.send(b"5"), (400, -32600, None), "invalid_request"),
    "null": (lambda c: c.send(b"null"), (400, -32600, None), "invalid_request"),
    "no jsonrpc": (lambda c: c.send({"id": 2, "method": "ping"}), (400, -32600, None), "invalid_request"),
    "jsonrpc 1.0": (handshake({"method": "ping", "jsonrpc": "1.0"}), (400, -32600, None), "invalid_request"),
    "no method": (handshake({}), (400, -32600, None), "invalid_request"),
    "a method that is no text": (handshake({"method": 5}), (400, -32600, None), "invalid_request"),
    "id null": (identified(None), (400, -32600, None), "invalid_request"),
    "id 1.5": (identified(1.5), (400, -32600, None), "invalid_request"),
    "id true": (identified(True), (400, -32600, None), "invalid_request"),
    "id object": (identified({}), (400, -32600, None), "invalid_request"),
    "id beyond 64 bits": (identified(2**64), (400, -32600, None), "invalid_request"),
    "params that are a list": (
        handshake({"method": "ping", "params": [1]}), (200, -32602, 2), "invalid_params",
    ),
    "batch in 2025-11-25": (
        lambda c: c.send([], mcp_protocol_version=OLD), (400, -32600, None), "invalid_request",
    ),
    "batch in 2026-07-28": (
        lambda c: c.send([], mcp_protocol_version=MODERN), (400, -32600, None), "invalid_request",
    ),
    "no content type": (
        lambda c: c.send({}, without=("content-type",)), (415, -32600, None), "not_json",
    ),
    "text/plain": (lambda c: c.send({}, content_type="text/plain"), (415, -32600, None), "not_json"),
    "a form": (
        lambda c: c.send(b"a=b", content_type="application/x-www-form-urlencoded"),
        (415, -32600, None), "not_json",
    ),
    "accept text/html": (
        handshake({"method": "ping"}, accept="text/html"), (406, -32600, None), "json_not_accepted",
    ),
    # The handshake era: errors travel under 200, or old clients end the session.
    "unknown version header": (
        handshake({"method": "ping"}, mcp_protocol_version="1999-01-01"),
        (400, -32602, 2), "invalid_envelope",
    ),
    "unknown method": (handshake({"method": "no/such"}), (200, -32601, 2), "unknown_method"),
    "a method not offered": (handshake({"method": "prompts/list"}), (200, -32601, 2), "unknown_method"),
    "unknown tool": (
        handshake({"method": "tools/call", "params": {"name": "no_such"}}), (200, -32602, 2), "unknown_tool",
    ),
    "call without a name": (
        handshake({"method": "tools/call", "params": {}}), (200, -32602, 2), "invalid_params",
    ),
    "arguments that are a list": (
        handshake({"method": "tools/call", "params": {"name": TOOL, "arguments": []}}),
        (200, -32602, 2), "invalid_params",
    ),
    "bad cursor": (
        handshake({"method": "tools/list", "params": {"cursor": "x"}}), (200, -32602, 2), "invalid_cursor",
    ),
    "initialize without a version": (
        handshake({"method": "initialize", "params": {}}), (200, -32602, 2), "invalid_params",
    ),
    "the envelope era's method": (
        handshake({"method": "server/discover"}), (200, -32601, 2), "unknown_method",
    ),
    # The envelope era: the status says it too.
    "envelope: unknown method": (envelope("no/such"), (404, -32601, 7), "unknown_method"),
    "envelope: a method not offered": (envelope("prompts/list"), (404, -32601, 7), "unknown_method"),
    "envelope: initialize": (envelope("initialize"), (404, -32601, 7), "unknown_method"),
    "envelope: ping": (envelope("ping"), (404, -32601, 7), "unknown_method"),
    "envelope: unknown tool": (envelope("tools/call", {"name": "no_such"}), (400, -32602, 7), "unknown_tool"),
    "envelope: call without a name": (envelope("tools/call", {}), (400, -32602, 7), "invalid_params"),
    "envelope: arguments that are a list": (
        envelope("tools/call", {"name": TOOL, "arguments": []}), (400, -32602, 7), "invalid_params",
    ),
    "envelope: bad cursor": (envelope("tools/list", {"cursor": "x"}), (400, -32602, 7), "invalid_cursor"),
    "envelope: no _meta": (without_meta(), (400, -32602, 7), "invalid_envelope"),
    "envelope: no version in _meta": (without_meta("protocolVersion"), (400, -32602, 7), "invalid_envelope"),
    "envelope: no capabilities": (without_meta("clientCapabilities"), (400, -32602, 7), "invalid_envelope"),
    "envelope: version only in _meta": (
        without_header("tools/list", "mcp-protocol-version"), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: an old version in the header": (versions(OLD, MODERN), (400, -32020, 7), "invalid_envelope"),
    "envelope: an old version in _meta": (versions(MODERN, OLD), (400, -32020, 7), "invalid_envelope"),
    "envelope: no Mcp-Method": (
        without_header("tools/list", "mcp-method"), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: another Mcp-Method": (
        envelope("tools/list", mcp_method="tools/call"), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: Mcp-Method in another case": (
        envelope("tools/list", mcp_method="Tools/List"), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: no Mcp-Name": (
        lambda c: c.request("tools/call", CALL, without=("mcp-name",)), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: another Mcp-Name": (
        envelope("tools/call", CALL, mcp_name="opsgenie_list_alerts"), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: broken base64 in Mcp-Name": (
        envelope("tools/call", CALL, mcp_name="=?base64?%%%?="), (400, -32020, 7), "invalid_envelope",
    ),
    "envelope: a version to come": (
        versions("2027-01-01", "2027-01-01"), (400, -32022, 7), "unsupported_version",
    ),
}  # fmt: skip

#: What is answered with a result, and its id.
ANSWERED: dict[str, tuple[Send, Any]] = {
    "ping": (handshake({"method": "ping"}), 2),
    "ping without the header": (lambda c: c.send({"jsonrpc": "2.0", "id": 2, "method": "ping"}), 2),
    "a text as id": (identified("a-1"), "a-1"),
    "an empty text as id": (identified(""), ""),
    "a negative id": (identified(-5), -5),
    "accept json only": (handshake({"method": "ping"}, accept="application/json"), 2),
    "no accept": (lambda c: c.request("tools/list", without=("accept",)), 7),
    "accept anything": (envelope("tools/list", accept="*/*"), 7),
    "a charset": (envelope("tools/list", content_type="application/json; charset=utf-8"), 7),
    "Mcp-Name in base64": (
        lambda c: c.request(
            "tools/call", CALL, mcp_name=f"=?base64?{base64.b64encode(TOOL.encode()).decode()}?="
        ),
        7,
    ),
    "a stray session id": (envelope("tools/list", mcp_session_id="abc"), 7),
    "extra members": (handshake({"method": "ping", "extra": 1, "params": {"extra": 2}}), 2),
    "with a slash at the end": (
        lambda c: c.http.post(
            "/mcp/", {"jsonrpc": "2.0", "id": 2, "method": "ping"}, content_type="application/json",
            headers={"authorization": f"Bearer {c.token}"},
        ),
        2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_request_and_its_one_row(gateway: Gateway, kind: str) -> None:
    send, answer, reason = REFUSED[kind]
    connection = gateway.connect()
    last = last_row()
    response = send(connection)
    assert error_of(response) == answer
    assert response["Cache-Control"] == "no-store"
    assert "Mcp-Session-Id" not in response
    (row,) = rows_since(last)
    assert row.event == ("call.denied" if reason == "unknown_tool" else "request.refused")
    assert (row.reason, row.actor_name, row.source_address) == (reason, "mia", "127.0.0.1")
    assert row.request_id == response["X-Request-Id"]
    assert not gateway.upstream.asked


@pytest.mark.parametrize("kind", ANSWERED)
def test_an_answered_request(gateway: Gateway, kind: str) -> None:
    send, message_id = ANSWERED[kind]
    response = send(gateway.connect())
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    answer = answer_of(response)
    assert answer.keys() == {"jsonrpc", "id", "result"}
    assert answer["id"] == message_id
    assert type(answer["id"]) is type(message_id)
    assert "Mcp-Session-Id" not in response
    assert not AuditRow.objects.filter(event="request.refused").exists()


def test_a_version_we_lack_is_told_with_those_we_have(gateway: Gateway) -> None:
    error = answer_of(versions("2027-01-01", "2027-01-01")(gateway.connect()))["error"]
    assert error["data"] == {"requested": "2027-01-01", "supported": [MODERN, *reversed(HANDSHAKE)]}


@pytest.mark.parametrize("method", ["get", "delete", "put", "patch", "head", "trace"])
@pytest.mark.parametrize("with_token", [True, False])
def test_other_methods_are_told_which_there_are(gateway: Gateway, method: str, with_token: bool) -> None:
    connection = gateway.connect()
    last = last_row()
    headers = {"authorization": f"Bearer {connection.token}"} if with_token else {}
    response = getattr(connection.http, method)("/mcp", headers={"accept": "text/event-stream", **headers})
    assert response.status_code == 405
    assert response["Allow"] == "POST, OPTIONS"
    if method != "head":
        assert error_of(response) == (405, -32600, None)
    assert rows_since(last) == []


def test_an_unknown_host_is_refused(gateway: Gateway) -> None:
    connection = gateway.connect()
    response = connection.request("tools/list", host="evil.example")
    assert response.status_code == 400
    assert b"Traceback" not in response.content
