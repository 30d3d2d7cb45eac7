"""What a well-behaved upstream is sent, and what comes back of its answer."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from catalog.outbound import Deadline, OutboundResponse, send
from tests.catalog.outbound.hostile import OK, Behaviour, HostileServer, say

Start = Callable[..., HostileServer]


def ask(
    server: HostileServer, method: str = "GET", path: str = "/v2/alerts", **options: Any
) -> OutboundResponse:
    options = {"headers": {"Authorization": "GenieKey abc"}, "deadline": Deadline(10), **options}
    return send(method, server.url + path, **options)


def answer(head: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def keep_alive(reply: bytes) -> Behaviour:
    """Answer every request of a connection."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.sendall(reply)
        while visitor.recv(65536):
            visitor.sendall(reply)

    return behave


def test_the_request_carries_the_credential_and_little_else(hostile: Start) -> None:
    server = hostile(say(OK))
    ask(server, query={"query": 'status: "open" & more', "limit": 20})

    first, *headers = server.received[0].decode().strip().split("\r\n")
    assert first == "GET /v2/alerts?query=status%3A+%22open%22+%26+more&limit=20 HTTP/1.1"
    assert {line.partition(": ")[0]: line.partition(": ")[2] for line in headers} == {
        "Host": f"127.0.0.1:{server.port}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Portcullis",
        "Authorization": "GenieKey abc",
    }


def test_a_body_is_sent_as_json(hostile: Start) -> None:
    server = hostile(say(OK))
    ask(server, "POST", json={"message": "Größe ✓"})
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    assert json.loads(body) == {"message": "Größe ✓"}


@pytest.mark.parametrize("status", [200, 201, 202, 304, 400, 401, 404, 429, 500, 503])
def test_every_status_is_an_answer(hostile: Start, status: int) -> None:
    server = hostile(say(f"HTTP/1.1 {status} x\r\nX-Request-Id: r1\r\nContent-Length: 0\r\n\r\n".encode()))
    response = ask(server)
    assert (response.status, response.headers["x-request-ID"], response.body) == (status, "r1", b"")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
ZIPPED = gzip.compress(b"hello world")
BODIES = {
    "by length": answer("", b"hello world"),
    "by chunks": CHUNKED,
    "to the end": b"HTTP/1.1 200 OK\r\n\r\nhello world",
    "compressed": answer("Content-Encoding: gzip\r\n", ZIPPED),
    "compressed to the end": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + ZIPPED,
    "old protocol": b"HTTP/1.0 200 OK\r\n\r\nhello world",
    "after an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n" + answer("", b"hello world"),
}


@pytest.mark.parametrize("reply", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("pieces", ["at once", "byte by byte"])
def test_the_body_is_whole_however_it_is_framed_and_cut(hostile: Start, reply: bytes, pieces: str) -> None:
    def behave(visitor: socket.socket, request: bytes) -> None:
        if pieces == "at once":
            visitor.sendall(reply)
            return
        visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(reply)):
            visitor.sendall(reply[index : index + 1])
            time.sleep(0.001)

    assert ask(hostile(behave)).body == b"hello world"


def test_a_body_of_exactly_the_limit_is_taken(hostile: Start) -> None:
    body = b"x" * 1000
    assert ask(hostile(say(answer("", body))), max_bytes=1000).body == body


def test_connections_are_used_again(hostile: Start) -> None:
    server = hostile(keep_alive(answer("", b"hello")))
    for _ in range(5):
        assert ask(server).body == b"hello"
    assert len(server.received) == 1


def test_a_connection_that_broke_off_is_not_used_again(hostile: Start) -> None:
    server = hostile(say(answer("", b"hello")))
    for _ in range(3):
        assert ask(server).body == b"hello"
        time.sleep(0.2)  # for the news of the end to arrive
    assert len(server.received) == 3


def test_the_deadline_of_a_request_is_not_that_of_the_connection(hostile: Start) -> None:
    """A pooled connection opened with little time left serves a later request with more."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.sendall(answer("", b"quick"))
        visitor.recv(65536)
        time.sleep(0.6)
        visitor.sendall(answer("", b"slower"))

    server = hostile(behave)
    assert ask(server, deadline=Deadline(0.4)).body == b"quick"
    time.sleep(0.1)
    assert ask(server, deadline=Deadline(2)).body == b"slower"
    assert len(server.received) == 1


def test_cookies_are_neither_kept_nor_sent(hostile: Start) -> None:
    server = hostile(say(answer("Connection: close\r\nSet-Cookie: session=canary; Path=/\r\n", b"{}")))
    ask(server)
    ask(server)
    assert b"cookie" not in b"".join(server.received).lower()
