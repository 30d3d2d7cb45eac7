"""A redirect is followed for GET and within the origin only, and never takes the credential elsewhere."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from catalog.outbound import Deadline, OutboundError, OutboundResponse, send
from tests.catalog.outbound.hostile import OK, Behaviour, HostileServer, flood, say

Start = Callable[..., HostileServer]
REDIRECTS = (301, 302, 303, 307, 308)


def ask(url: str, method: str = "GET", **options: Any) -> OutboundResponse:
    return send(method, url, headers={"Authorization": "GenieKey canary"}, deadline=Deadline(2), **options)


def redirect(location: str, status: int = 302, then: bytes = OK) -> Behaviour:
    """Redirect the first path of a connection or a server, and answer every other."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        if request.split(b" ")[1].startswith(b"/first"):
            head = f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n"
            visitor.sendall(f"{head}Location: {location}\r\n\r\n".encode("utf-8", "surrogateescape"))
        else:
            visitor.sendall(then)

    return behave


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_another_origin_gets_neither_the_request_nor_the_credential(
    hostile: Start, status: int, method: str
) -> None:
    elsewhere = hostile(say(OK))
    server = hostile(redirect(f"{elsewhere.url}/stolen", status))
    with pytest.raises(OutboundError) as caught:
        ask(f"{server.url}/first", method)
    assert (caught.value.code, caught.value.sent) == ("upstream_redirected", True)
    assert elsewhere.received == []
    assert server.request_count == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "//127.0.0.1:9/",
        "http://127.0.0.1/",
        "http://127.0.0.2:{port}/",
        "http://127.0.0.1:{port}@attacker.example/",
        "http://attacker.example#@127.0.0.1:{port}/",
        "http://attacker.example\\@127.0.0.1:{port}/",
        "http:\\\\attacker.example/",
        "\\\\attacker.example/",
        "http://127.0.0.1:{port}\t.attacker.example/",
        "http://user:password@127.0.0.1:{port}/",
        "http://[/",
        "http://[::1]attacker.example/",
        "http://127.0.0.1:99999/",
        "http://ⓛocalhost/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "javascript:alert(1)",
        "/path with spaces",
        "/\udcff\udcfe",
    ],
    ids=repr,
)
def test_a_location_that_is_another_origin_or_no_url_is_not_followed(hostile: Start, location: str) -> None:
    server = hostile(say(OK))
    server.behaviour = redirect(location.format(port=server.port))
    with pytest.raises(OutboundError) as caught:
        ask(f"{server.url}/first")
    assert (caught.value.code, caught.value.sent) == ("upstream_redirected", True)
    assert server.request_count == 1


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize(
    "location", ["/second?page=2", "second?page=2", "http://127.0.0.1:{port}/second?page=2"]
)
def test_a_get_within_the_origin_is_followed_with_the_credential(
    hostile: Start, status: int, location: str
) -> None:
    server = hostile(say(OK))
    server.behaviour = redirect(location.format(port=server.port), status)
    assert ask(f"{server.url}/first", query={"limit": 5}).body == b"{}"

    first, second = server.received
    assert first.startswith(b"GET /first?limit=5 HTTP/1.1\r\n")
    assert second.startswith(b"GET /second?page=2 HTTP/1.1\r\n")
    assert b"GenieKey canary" in second


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_but_a_get_is_repeated_within_the_origin(hostile: Start, method: str) -> None:
    server = hostile(redirect("/second", 307))
    with pytest.raises(OutboundError, match="not followed"):
        ask(f"{server.url}/first", method, json={"message": "x"})
    assert server.request_count == 1


def test_a_circle_ends(hostile: Start) -> None:
    server = hostile(redirect("/first"))
    with pytest.raises(OutboundError) as caught:
        ask(f"{server.url}/first")
    assert (caught.value.code, caught.value.sent) == ("upstream_redirected", True)
    assert server.request_count == 4


def test_a_circle_of_slow_answers_ends_with_the_deadline(hostile: Start) -> None:
    def behave(visitor: socket.socket, request: bytes) -> None:
        time.sleep(0.15)
        redirect("/first")(visitor, request)

    server = hostile(behave)
    started = time.monotonic()
    with pytest.raises(OutboundError) as caught:
        send("GET", f"{server.url}/first", headers={}, deadline=Deadline(0.4))
    assert time.monotonic() - started < 1.4
    assert caught.value.sent is True


def test_a_request_whose_second_step_can_not_be_sent_has_been_sent(hostile: Start) -> None:
    """`sent` is about the whole request: its first step did leave."""
    server = hostile(say(OK))

    def behave(visitor: socket.socket, request: bytes) -> None:
        server.stop_listening()
        redirect("/second")(visitor, request)

    server.behaviour = behave
    with pytest.raises(OutboundError) as caught:
        ask(f"{server.url}/first")
    assert caught.value.sent is True


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_are_answers_whatever_location_they_name(hostile: Start, status: int) -> None:
    assert ask(f"{hostile(redirect('/second', status)).url}/first").status == status


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_to_nowhere_is_an_answer(hostile: Start, status: int) -> None:
    assert ask(f"{hostile(redirect('', status)).url}/first", "POST").status == status


def test_the_body_of_a_redirect_has_the_usual_limit(hostile: Start) -> None:
    server = hostile(flood(b"HTTP/1.1 302 Found\r\nLocation: /second\r\n\r\n", b"x"))
    with pytest.raises(OutboundError) as caught:
        ask(f"{server.url}/first", max_bytes=100_000)
    assert (caught.value.code, caught.value.sent) == ("upstream_too_large", True)
