"""Forms keep the promises of every outbound request: whole, in time, and right about whether it left."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from catalog.outbound import Deadline, FilePart, OutboundError, send
from tests.catalog.outbound.hostile import OK, HostileServer, say
from tests.services import free_port

FORM = {"user": "ana", "file": FilePart("a.txt", b"content")}


@pytest.fixture(autouse=True)
def _local(settings: Any) -> None:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True


def failure(url: str, form: dict[str, str | FilePart], seconds: float) -> OutboundError:
    started = time.monotonic()
    with pytest.raises(OutboundError) as caught:
        send("POST", url, headers={}, form=form, deadline=Deadline(seconds))
    assert time.monotonic() - started < seconds + 1
    return caught.value


def test_the_parts_of_a_form() -> None:
    with HostileServer(say(OK)) as server:
        send("POST", server.url, headers={"Authorization": "GenieKey abc"}, form=FORM, deadline=Deadline(2))
        head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert b"Authorization: GenieKey abc" in head
    boundary = head.split(b"multipart/form-data; boundary=")[1].split(b"\r\n")[0]
    field, file = body.split(b"--" + boundary)[1:-1]
    assert field == b'\r\nContent-Disposition: form-data; name="user"\r\n\r\nana\r\n'
    assert file == (
        b'\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\ncontent\r\n"
    )


def test_a_receiver_that_stops_reading_does_not_hold_it() -> None:
    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        time.sleep(2)

    with HostileServer(behave, reads=False) as server:
        error = failure(server.url, {"file": FilePart("a", b"x" * 20_000_000)}, seconds=0.3)
    assert (error.code, error.sent) == ("upstream_timeout", True)


def test_a_form_to_nobody_has_not_left() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}", FORM, seconds=1)
    assert (error.code, error.sent) == ("upstream_unreachable", False)


def test_a_form_is_not_sent_on_to_another_address() -> None:
    reply = b"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with HostileServer(say(reply)) as server:
        error = failure(server.url, FORM, seconds=1)
    assert (error.code, error.sent) == ("upstream_redirected", True)
