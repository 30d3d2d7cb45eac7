from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.conftest import Gateway
from tests.wire import HANDSHAKE, MODERN, answer_of, last_row, rows_since

CALL = {"name": "opsgenie_get_alert", "arguments": {"identifier": "1"}}


@pytest.mark.parametrize("version", [*HANDSHAKE, MODERN, None])
@pytest.mark.parametrize(
    "message",
    [
        {"method": "notifications/initialized"},
        {"method": "notifications/cancelled", "params": {"requestId": 1, "reason": "x"}},
        {"method": "notifications/no_such"},
        {"id": 1, "result": {}},
        {"id": 1, "error": {"code": -1, "message": "x"}},
    ],
)
def test_it_is_taken_in_silence(gateway: Gateway, version: str | None, message: dict[str, Any]) -> None:
    connection = gateway.connect()
    last = last_row()
    headers = {"mcp_protocol_version": version} if version else {}
    response = connection.send({"jsonrpc": "2.0", **message}, **headers)
    assert (response.status_code, response.content) == (202, b"")
    assert rows_since(last) == []


@pytest.mark.parametrize("version", [*HANDSHAKE, MODERN])
def test_a_call_without_an_id_is_not_carried_out(gateway: Gateway, version: str) -> None:
    """Nobody would learn what came of it."""
    connection = gateway.connect(version)
    message = connection.message("tools/call", CALL)
    del message["id"]
    last = last_row()
    response = connection.send(message, **connection.headers(message))
    assert (response.status_code, response.content) == (202, b"")
    assert not gateway.upstream.asked
    assert rows_since(last) == []


def test_a_request_that_is_also_an_answer_is_a_request(gateway: Gateway) -> None:
    connection = gateway.connect("2025-11-25")
    response = connection.send({"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}})
    assert answer_of(response) == {"jsonrpc": "2.0", "id": 1, "result": {}}
