"""Revision 2025-03-26 sends many messages at once; no other does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.conftest import Gateway
from tests.wire import HANDSHAKE, META, MODERN, Connection, answer_of, error_of, last_row, rows_since

GET = "opsgenie_get_alert"
VERSION = "2025-03-26"


def message(method: str, message_id: Any = None, **params: Any) -> dict[str, Any]:
    """A request, or a notification without an id."""
    identified = {} if message_id is None else {"id": message_id}
    return {"jsonrpc": "2.0", **identified, "method": method, "params": params}


def outcome(answer: dict[str, Any]) -> Any:
    return answer["error"]["code"] if "error" in answer else "result"


@pytest.mark.parametrize("headers", [{}, {"mcp_protocol_version": VERSION}])
def test_each_request_gets_its_answer(gateway: Gateway, headers: dict[str, str]) -> None:
    connection = gateway.connect(VERSION)
    last = last_row()
    response = connection.send(
        [
            message("ping", 1),
            message("notifications/initialized"),
            message("tools/list", "two"),
            message("tools/call", 3, name=GET, arguments={"identifier": "1"}),
            message("tools/call", 4, name="no_such"),
            message("no/such", 5),
            {"jsonrpc": "2.0", "id": 6, "result": {}},
            {"jsonrpc": "2.0", "id": None, "method": "ping"},
            "not a message",
        ],
        **headers,
    )
    assert response.status_code == 200
    answers = answer_of(response)
    assert [(answer["id"], outcome(answer)) for answer in answers] == [
        (1, "result"),
        ("two", "result"),
        (3, "result"),
        (4, -32602),
        (5, -32601),
        (None, -32600),
        (None, -32600),
    ]
    assert len(gateway.upstream.asked) == 1
    assert [row.event for row in rows_since(last)] == [
        "call.admitted",
        "call.succeeded",
        "call.denied",
        "request.refused",
        "request.refused",
        "request.refused",
    ]


def test_a_batch_that_asks_nothing_gets_nothing(gateway: Gateway) -> None:
    response = gateway.connect().send([message("notifications/initialized"), message("notifications/x")])
    assert (response.status_code, response.content) == (202, b"")


@pytest.mark.parametrize("size", [0, 51, 1_000])
def test_a_batch_has_a_size(gateway: Gateway, size: int) -> None:
    last = last_row()
    connection = gateway.connect()
    last = last_row()
    response = connection.send([message("ping", number) for number in range(size)])
    assert error_of(response) == (400, -32600, None)
    (row,) = rows_since(last)
    assert row.event == "request.refused"


def test_the_largest_batch(gateway: Gateway) -> None:
    response = gateway.connect().send([message("ping", number) for number in range(50)])
    assert [answer["id"] for answer in answer_of(response)] == list(range(50))


@pytest.mark.parametrize("version", [version for version in (*HANDSHAKE, MODERN) if version != VERSION])
def test_no_other_version_has_batches(gateway: Gateway, version: str) -> None:
    connection = gateway.connect()
    last = last_row()
    batch = [message("tools/call", 1, name=GET, arguments={"identifier": "1"})]
    response = connection.send(batch, mcp_protocol_version=version)
    assert error_of(response) == (400, -32600, None)
    assert not gateway.upstream.asked
    assert [row.event for row in rows_since(last)] == ["request.refused"]


def test_an_envelope_in_a_batch_is_told_that_it_does_not_belong_there(gateway: Gateway) -> None:
    modern = Connection(None).message("tools/call", {"name": GET, "arguments": {"identifier": "1"}})
    assert f"{META}protocolVersion" in modern["params"]["_meta"]
    answers = answer_of(gateway.connect().send([modern]))
    assert [(answer["id"], outcome(answer)) for answer in answers] == [(7, -32020)]
    assert not gateway.upstream.asked


def test_one_failed_call_does_not_hold_up_the_others(gateway: Gateway) -> None:
    calls = [message("tools/call", number, name=GET, arguments={"identifier": number}) for number in (1, "2")]
    answers = answer_of(gateway.connect().send(calls))
    assert [answer["result"]["isError"] for answer in answers] == [True, False]
