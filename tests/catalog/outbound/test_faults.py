"""Whatever an upstream does wrong ends in an OutboundError in time, which says whether the request left."""

from __future__ import annotations

import gzip
import os
import socket
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import outbound
from catalog.outbound import Deadline, OutboundError, send
from tests.catalog.outbound.hostile import (
    OK,
    Behaviour,
    HostileServer,
    drip,
    flood,
    say,
    say_and_reset,
    silence,
)
from tests.services import free_port

Start = Callable[..., HostileServer]

# Enough to fail in any other way on a busy machine, and little to wait for what must run into it.
SECONDS, BRIEFLY = 10.0, 0.6
LIMIT = 100_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ZIPPED = HEAD + b"Content-Encoding: gzip\r\n"


def sized(size: int) -> bytes:
    return HEAD + f"Content-Length: {size}\r\n\r\n".encode()


def failure(url: str, method: str = "GET", seconds: float = SECONDS, **options: Any) -> OutboundError:
    """The error of a request, which came within two seconds of the deadline: the machine may be busy."""
    started = time.monotonic()
    with pytest.raises(OutboundError) as caught:
        send(method, url, headers={"Authorization": "GenieKey canary"}, deadline=Deadline(seconds),
             max_bytes=LIMIT, **options)  # fmt: skip
    assert time.monotonic() - started < seconds + 2
    assert "canary" not in caught.value.message
    return caught.value


# Each of them has read the whole request.
AFTER_THE_REQUEST: dict[str, tuple[Behaviour, str]] = {
    "closes without an answer": (say(), "upstream_interrupted"),
    "resets without an answer": (say_and_reset(), "upstream_interrupted"),
    "closes in the first line": (say(b"HTTP/1.1 2"), "upstream_interrupted"),
    "resets in the headers": (say_and_reset(HEAD), "upstream_interrupted"),
    "resets before the body": (say_and_reset(sized(100)), "upstream_interrupted"),
    "resets in the body": (say_and_reset(sized(100) + b"x"), "upstream_interrupted"),
    "closes before the body": (say(sized(100)), "upstream_interrupted"),
    "closes in the body": (say(sized(100), b"x" * 99), "upstream_interrupted"),
    "closes before the first chunk": (say(CHUNKED), "upstream_interrupted"),
    "closes in a chunk": (say(CHUNKED + b"5\r\nhel"), "upstream_interrupted"),
    "closes before the last chunk": (say(CHUNKED + b"5\r\nhello\r\n"), "upstream_interrupted"),
    "resets before the last chunk": (say_and_reset(CHUNKED + b"5\r\nhello\r\n"), "upstream_interrupted"),
    "has a chunk size that is none": (say(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"), "upstream_interrupted"),
    "has a negative chunk size": (say(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"), "upstream_interrupted"),
    "says garbage": (say(b"\x00\xff" * 50), "upstream_interrupted"),
    "speaks another protocol": (say(b"SSH-2.0-OpenSSH_9.9\r\n"), "upstream_interrupted"),
    "has a status that is none": (say(b"HTTP/1.1 abc OK\r\n\r\n"), "upstream_interrupted"),
    "has an endless first line": (flood(b"HTTP/1.1 200 ", b"O"), "upstream_interrupted"),
    "has an endless header line": (flood(HEAD + b"X-Long: ", b"y"), "upstream_interrupted"),
    "has endless headers": (flood(HEAD, b"X-More: y\r\n"), "upstream_interrupted"),
    "has a compressed body that isn't": (
        say(ZIPPED + b"Content-Length: 5\r\n\r\nhello"),
        "upstream_interrupted",
    ),
    "announces too much": (say(sized(LIMIT + 1)), "upstream_too_large"),
    "announces more than any number": (
        flood(HEAD + b"Content-Length: " + b"9" * 4300 + b"\r\n\r\n", b"x"),
        "upstream_too_large",
    ),
    "sends too much, announced": (flood(sized(10**9), b"x"), "upstream_too_large"),
    "sends too much in chunks": (flood(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), "upstream_too_large"),
    "sends without an end": (flood(HEAD + b"\r\n", b"x"), "upstream_too_large"),
    "sends without an end after a length that is none": (
        flood(HEAD + b"Content-Length: \xb2\r\n\r\n", b"x"),
        "upstream_too_large",
    ),
    "sends without an end after a length too long to read": (
        flood(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"x"),
        "upstream_too_large",
    ),
    "answers with silence": (silence, "upstream_timeout"),
    "falls silent in the first line": (drip(b"HTTP/1.1 2", b"0", every=60), "upstream_timeout"),
    "falls silent in the headers": (drip(HEAD, b"X", every=60), "upstream_timeout"),
    "falls silent before the body": (drip(sized(100), b"x", every=60), "upstream_timeout"),
    "falls silent in a chunk": (drip(CHUNKED + b"5\r\nhe", b"l", every=60), "upstream_timeout"),
    "drips its first line": (drip(b"HTTP/1.1 200 ", b"O"), "upstream_timeout"),
    "drips its headers": (drip(HEAD, b"X-More: yyyyyyyyyy\r\n"), "upstream_timeout"),
    "drips one header": (drip(HEAD + b"X-Long: ", b"y"), "upstream_timeout"),
    "drips its body": (drip(sized(1000), b"x"), "upstream_timeout"),
    "drips its chunks": (drip(CHUNKED, b"1\r\nx\r\n"), "upstream_timeout"),
    "drips a chunk size": (drip(CHUNKED, b"0"), "upstream_timeout"),
    "drips a compressed body": (drip(ZIPPED + b"\r\n", gzip.compress(os.urandom(5000))), "upstream_timeout"),
    "repeats that it will go on": (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "upstream_timeout"),
    "has endless trailers": (flood(CHUNKED + b"0\r\n", b"X-More: y\r\n"), "upstream_timeout"),
}


@pytest.mark.parametrize("name", AFTER_THE_REQUEST)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_upstream_that(hostile: Start, name: str, method: str) -> None:
    behaviour, code = AFTER_THE_REQUEST[name]
    server = hostile(behaviour)
    error = failure(
        server.url,
        method,
        json={"message": "x"} if method == "POST" else None,
        seconds=BRIEFLY if code == "upstream_timeout" else SECONDS,
    )
    assert (error.code, error.sent) == (code, True)
    assert server.request_count == 1, "a request is never repeated here"


def test_an_upstream_that_closes_before_it_has_read(hostile: Start) -> None:
    """Whether it got the request can't be known."""
    error = failure(hostile(say_and_reset(), reads=False).url, "POST", json={"message": "x" * 1000})
    assert (error.code, error.sent) == ("upstream_interrupted", True)


def test_an_upstream_that_never_reads_a_large_request(hostile: Start) -> None:
    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        time.sleep(3)

    error = failure(
        hostile(behave, reads=False).url, "POST", json={"message": "x" * 20_000_000}, seconds=BRIEFLY
    )
    assert (error.code, error.sent) == ("upstream_timeout", True)


def test_an_upstream_that_stops_reading_on_a_connection_used_before(hostile: Start) -> None:
    """The time-out left on a pooled connection is that of a request with more time."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.sendall(OK)
        time.sleep(3)

    server = hostile(behave)
    send("GET", server.url, headers={}, deadline=Deadline(30))
    error = failure(server.url, "POST", json={"message": "x" * 20_000_000}, seconds=BRIEFLY)
    assert (error.code, error.sent) == ("upstream_timeout", True)
    assert len(server.received) == 1


@pytest.mark.parametrize("layers", [1, 2])
def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off_early(hostile: Start, layers: int) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    if layers == 2:
        bomb = gzip.compress(bomb)
    assert len(bomb) < LIMIT
    encoding = ", ".join(["gzip"] * layers).encode()
    server = hostile(say(HEAD + b"Content-Encoding: " + encoding + b"\r\n\r\n", bomb))
    tracemalloc.start()
    try:
        error = failure(server.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (error.code, error.sent) == ("upstream_too_large", True)
    assert peak < 5_000_000


# --- Nothing was sent -----------------------------------------------------------------------------------


def test_a_refused_connection() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}", "POST", json={})
    assert (error.code, error.sent) == ("upstream_unreachable", False)


@pytest.mark.parametrize("url", ["http://nowhere.invalid", "http://a..b/", f"http://{'a' * 70}.example/"])
def test_a_name_that_does_not_exist(url: str) -> None:
    error = failure(url, "POST", json={})
    assert (error.code, error.sent) == ("upstream_unreachable", False)


def test_a_resolver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(3))
    error = failure("http://slow.example", "POST", json={}, seconds=BRIEFLY)
    assert (error.code, error.sent) == ("upstream_unreachable", False)


def test_an_address_that_swallows_everything() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        error = failure(url, "POST", json={}, seconds=BRIEFLY)
        for filler in fillers:
            filler.close()
    assert (error.code, error.sent) == ("upstream_unreachable", False)


def test_the_time_to_connect_has_a_limit_of_its_own(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PORTCULLIS_UPSTREAM_CONNECT_SECONDS = 0.2
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(3))
    started = time.monotonic()
    error = failure("http://slow.example", seconds=20)
    assert time.monotonic() - started < 1.2
    assert error.sent is False


def test_no_time_left(hostile: Start) -> None:
    server = hostile(say(OK))
    error = failure(server.url, seconds=0)
    assert (error.code, error.sent) == ("deadline_passed", False)
    assert server.received == []


TLS_FAULTS: dict[str, tuple[Behaviour, str]] = {
    "answers in plain HTTP": (say(OK), "upstream_tls"),
    "closes": (say(), "upstream_tls"),
    "resets": (say_and_reset(), "upstream_unreachable"),
    "is silent": (silence, "upstream_unreachable"),
    "drips": (drip(b"\x16\x03\x03\x40\x00", b"\x02"), "upstream_unreachable"),
}


@pytest.mark.parametrize("name", TLS_FAULTS)
def test_an_upstream_that_does_not_get_through_the_tls_handshake_and(hostile: Start, name: str) -> None:
    behaviour, code = TLS_FAULTS[name]
    server = hostile(behaviour, reads=False)
    error = failure(f"https://127.0.0.1:{server.port}", "POST", json={}, seconds=1)
    assert (error.code, error.sent) == (code, False)


def test_a_certificate_nobody_trusts(hostile: Start, certificate: Path) -> None:
    server = hostile(say(OK), certificate=certificate)
    error = failure(server.url, "POST", json={})
    assert (error.code, error.sent) == ("upstream_tls", False)
    assert server.received == [b""]


def test_a_certificate_for_another_name(
    hostile: Start, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound._session, "verify", str(certificate))
    server = hostile(say(OK), certificate=certificate)
    error = failure(f"https://localhost:{server.port}", "POST", json={})
    assert (error.code, error.sent) == ("upstream_tls", False)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (drip(HEAD, b"X-More: yyyyyyyyyy\r\n"), "upstream_timeout"),
        (drip(sized(1000), b"x"), "upstream_timeout"),
        (flood(HEAD + b"\r\n", b"x"), "upstream_too_large"),
        (say_and_reset(sized(1000)), "upstream_interrupted"),
    ],
)
def test_the_same_limits_hold_over_tls(
    hostile: Start, certificate: Path, monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour, code: str
) -> None:
    monkeypatch.setattr(outbound._session, "verify", str(certificate))
    error = failure(hostile(behaviour, certificate=certificate).url, seconds=1)
    assert (error.code, error.sent) == (code, True)
