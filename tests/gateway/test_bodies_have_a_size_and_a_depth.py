from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.http import HttpResponse

from tests.gateway.conftest import Gateway
from tests.wire import Connection, error_of, last_row, rows_since

MEBIBYTE = 1024 * 1024


class Unread(io.BytesIO):
    """A body that remembers how much of it was taken."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def stream(connection: Connection, body: io.BytesIO, length: int | str) -> HttpResponse:
    """POST a body of that announced length."""
    return connection.http.generic(
        "POST",
        "/mcp",
        headers={"authorization": f"Bearer {connection.token}"},
        **{"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": "application/json"},
    )


def padded(size: int) -> bytes:
    """A ping of exactly so many bytes."""
    start, end = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"', b'"}}'
    return start + b"x" * (size - len(start) - len(end)) + end


def test_a_body_of_two_megabytes_is_refused_unread(gateway: Gateway) -> None:
    connection = gateway.connect()
    last = last_row()
    body = Unread(padded(2_000_000))
    assert error_of(stream(connection, body, 2_000_000)) == (413, -32600, None)
    assert body.taken == 0
    (row,) = rows_since(last)
    assert (row.event, row.reason) == ("request.refused", "body_too_large")


def test_a_body_beyond_djangos_own_limit_is_refused_alike(gateway: Gateway) -> None:
    connection = gateway.connect()
    last = last_row()
    body = Unread(padded(5 * MEBIBYTE))
    assert error_of(stream(connection, body, 5 * MEBIBYTE)) == (413, -32600, None)
    assert body.taken == 0
    assert [row.reason for row in rows_since(last)] == ["body_too_large"]


@pytest.mark.parametrize(("size", "status"), [(MEBIBYTE, 200), (MEBIBYTE + 1, 413)])
def test_the_limit_is_a_mebibyte_to_the_byte(gateway: Gateway, size: int, status: int) -> None:
    assert gateway.connect().send(padded(size)).status_code == status


def test_the_limit_is_a_setting(gateway: Gateway, settings: Any) -> None:
    settings.PORTCULLIS_MCP_MAX_BODY_BYTES = 100
    connection = gateway.connect()
    assert connection.send(padded(100)).status_code == 200
    assert connection.send(padded(101)).status_code == 413


def test_a_body_that_is_longer_than_announced_is_cut(gateway: Gateway) -> None:
    body = Unread(padded(200) + b"x" * 3 * MEBIBYTE)
    assert stream(gateway.connect(), body, 200).status_code == 200
    assert body.taken == 200


@pytest.mark.parametrize("length", ["banana", "-1", "1e3", "+5", "200, 200"])
def test_a_length_that_is_no_number_is_refused(gateway: Gateway, length: str) -> None:
    connection = gateway.connect()
    last = last_row()
    body = Unread(padded(200))
    assert error_of(stream(connection, body, length)) == (400, -32600, None)
    assert body.taken == 0
    assert [row.event for row in rows_since(last)] == ["request.refused"]


def test_a_body_without_a_length_is_none(gateway: Gateway) -> None:
    assert error_of(stream(gateway.connect(), Unread(padded(200)), "")) == (400, -32700, None)


def test_a_stranger_is_refused_before_the_size_is_looked_at(gateway: Gateway) -> None:
    connection = Connection("nonsense")
    body = Unread(padded(2_000_000))
    assert error_of(stream(connection, body, 2_000_000)) == (401, -32600, None)
    assert body.taken == 0


@pytest.mark.parametrize("depth", [300, 900, 1_020, 100_000])
def test_a_body_that_is_nested_too_deeply_is_refused_and_recorded(gateway: Gateway, depth: int) -> None:
    """JSON is read to a depth to which it can't be written: the call could not be recorded."""
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"opsgenie_get_alert","arguments":'
    connection = gateway.connect()
    last = last_row()
    status, code, _ = error_of(connection.send(body + deep + b"}}"))
    assert (status, code) in ((400, -32700), (400, -32600))
    (row,) = rows_since(last)
    assert row.event == "request.refused"
    assert not gateway.upstream.asked


def test_arguments_may_be_deep_and_are_then_checked(gateway: Gateway) -> None:
    deep: Any = 1
    for _ in range(100):
        deep = {"a": deep}
    last = last_row()
    result = gateway.connect().call("opsgenie_get_alert", {"identifier": deep})
    assert result["_meta"]["portcullis/denial"]["reason"] == "arguments_invalid"
    assert "[too deep]" in json.dumps(rows_since(last)[-1].detail["arguments"])


def test_large_arguments_take_little_room_in_the_log(gateway: Gateway) -> None:
    connection = gateway.connect()
    last = last_row()
    details = {f"{number:04}": "x" * 400 for number in range(2_400)}
    connection.call("opsgenie_create_alert", {"message": "x", "details": details, "tags": ["y"] * 500})
    for row in rows_since(last):
        assert len(json.dumps(row.detail)) < 50_000
