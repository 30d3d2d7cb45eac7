"""What a fault does to the answer of the request it hits."""

import contextlib
import errno
import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from werkzeug.wrappers import Response

from sandbox.errors import ApiError
from sandbox.faults import Fault

MEGABYTE = 1024 * 1024
MISSING_BYTES = 4096
RATE_LIMIT_MESSAGE = "You are making too many requests! To avoid errors, we recommend you limit requests."


def rate_limited(reason: str, period: int) -> ApiError:
    """The refusal of a caller that is too fast (Opsgenie docs, API rate limiting)."""
    headers = {
        "X-RateLimit-State": "THROTTLED",
        "X-RateLimit-Reason": reason,
        "X-RateLimit-Period-In-Sec": str(period),
    }
    return ApiError(429, RATE_LIMIT_MESSAGE, headers=headers)


def spoil(
    fault: Fault, environ: dict[str, Any], answer: Response | None, refusal: Any, stopping: threading.Event
) -> Response:
    """Answer the way the fault says. `answer` is the true one if its effect has taken place already.

    `refusal` turns an ApiError into a response. Raises ConnectionResetError once the connection is gone.
    """
    if fault.kind == "status":
        return _status(fault, refusal)
    if fault.kind == "rate_limited":
        return refusal(rate_limited(fault.reason, fault.period))
    if fault.kind == "redirect":
        return Response(status=fault.status, headers={"Location": fault.location})
    if fault.kind == "garbage":
        return Response(b"\x00\xff<html>{not json", content_type="application/json")
    if fault.kind == "timeout":
        stopping.wait(fault.seconds)
        return answer or refusal(ApiError(504, "Gateway timeout"))
    if fault.kind == "drip" and answer is not None:
        return _drip(fault, answer, stopping)
    if fault.kind == "huge":
        return _huge(fault)
    if fault.kind == "truncate":
        return _truncate(environ, answer)
    return _reset(environ)


def _status(fault: Fault, refusal: Any) -> Response:
    if fault.body is None:
        return refusal(ApiError(fault.status, "Failed on request"))
    if isinstance(fault.body, str):
        return Response(fault.body, status=fault.status, content_type="text/html; charset=utf-8")
    return Response(json.dumps(fault.body), status=fault.status, content_type="application/json")


def _drip(fault: Fault, answer: Response, stopping: threading.Event) -> Response:
    """The right bytes, one by one, over the given time."""
    content = answer.get_data()
    pause = fault.seconds / max(len(content), 1)

    def bytes_slowly() -> Iterator[bytes]:
        for index in range(len(content)):
            stopping.wait(pause)
            yield content[index : index + 1]

    headers = answer.headers.copy()
    headers["Content-Length"] = str(len(content))
    return Response(bytes_slowly(), status=answer.status_code, headers=headers)


def _huge(fault: Fault) -> Response:
    """Valid JSON of the given size, never held in memory at once."""

    def content() -> Iterator[bytes]:
        yield b'{"data": "'
        for _ in range(fault.megabytes):
            yield b"x" * MEGABYTE
        yield b'", "took": 0.001, "requestId": ""}'

    return Response(content(), content_type="application/json")


def _truncate(environ: dict[str, Any], answer: Response | None) -> NoReturn:
    """Announce more bytes than are sent, then close."""
    content = answer.get_data() if answer else b'{"data": {"id": "'
    announced = len(content) + MISSING_BYTES
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {announced}\r\n"
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        connection.sendall(head.encode() + b"\r\n" + content[: max(len(content) // 2, 1)])
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError(errno.ECONNRESET, "closed by a fault")


def _reset(environ: dict[str, Any]) -> NoReturn:
    """Close the connection with a TCP reset: without lingering, the kernel throws away and says so."""
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    raise ConnectionResetError(errno.ECONNRESET, "reset by a fault")
