"""The one way out: HTTP requests to upstreams, with limits on time, size and destination.

Nothing else in the product opens a connection to an address a person typed. The limits exist because an
upstream is not trusted: it may be slow, huge, hostile or point somewhere it should not.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from django.conf import settings

from catalog.outbound_connection import (
    AddressRefused,
    Attempt,
    Deadline,
    address_is_allowed,
    current_attempt,
    new_session,
)

__all__ = [
    "Deadline",
    "FilePart",
    "OutboundError",
    "OutboundResponse",
    "address_is_allowed",
    "origin_of",
    "send",
]

CHUNK_BYTES = 64 * 1024
SAME_ORIGIN_REDIRECTS = 3
_URL_TEXT = re.compile(r"[\x21-\x5b\x5d-\x7e]+\Z")
_HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]*)?\Z", re.IGNORECASE)


class OutboundError(Exception):
    """A request without a trustworthy answer. `sent` is False only when no byte of it can have left."""

    def __init__(self, message: str, *, code: str, sent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.sent = sent


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """A whole answer. Header names are matched without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file in a form, under the name the receiver should know it by."""

    name: str
    content: bytes = field(repr=False)


def origin_of(url: str) -> str:
    """`scheme://host:port` of a URL, lower case, with the port always written out.

    Raises ValueError when the URL is not an absolute http(s) URL in plain ASCII, or carries a user name or
    password.
    """
    # Anything else is read differently by the parsers on the way: one drops a tab, another maps a letter or
    # takes a backslash for a slash, and a check of one host would let a request to another through.
    if not _URL_TEXT.match(url):
        raise ValueError("The URL must hold no spaces, backslashes or characters beyond ASCII.")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The URL must be absolute and start with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The URL must not carry a user name or a password.")
    if not _HOST_AND_PORT.match(parts.netloc):
        raise ValueError("The URL's host must be a name or an IP address, with a port at most.")
    port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    if port == 0:
        raise ValueError("The URL's port must be between 1 and 65535.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


_session = new_session()


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    query: Mapping[str, Any] | None = None,
    json: Any = None,
    form: Mapping[str, str | FilePart] | None = None,
    deadline: Deadline,
    max_bytes: int | None = None,
) -> OutboundResponse:
    """Send one request and read the whole answer, within `deadline` and `max_bytes`.

    The body is `json`, or a multipart form of the fields and files in `form`.
    Redirects are followed for GET only, within the same origin; the credential never leaves it.
    Raises OutboundError, whose `sent` is False when it failed before a byte of the request was written: DNS,
    refused, TLS and address errors.
    """
    limit = max_bytes or settings.PORTCULLIS_UPSTREAM_MAX_BYTES
    content = {"json": json} if form is None else {"files": _parts(form)}
    request_headers = {"Accept": "application/json", "User-Agent": "Portcullis", **headers}
    attempt = Attempt(deadline)
    token = current_attempt.set(attempt)
    try:
        for _ in range(SAME_ORIGIN_REDIRECTS + 1):
            answer = _send_once(method, url, request_headers, query, content, attempt, limit)
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return answer
            url = _redirected_url(method, url, location)
            query = None
    finally:
        current_attempt.reset(token)
    raise OutboundError("The upstream redirects in a circle.", code="upstream_redirected", sent=True)


def _parts(form: Mapping[str, str | FilePart]) -> dict[str, Any]:
    """The form as requests takes it, which escapes names: none can end its header early."""
    return {
        name: (part.name, part.content, "application/octet-stream")
        if isinstance(part, FilePart)
        else (None, part)
        for name, part in form.items()
    }


def _redirected_url(method: str, url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        same_origin = origin_of(target) == origin_of(url)
    except ValueError:
        same_origin = False
    if method != "GET" or not same_origin:
        raise OutboundError(
            "The upstream answered with a redirect to another address, which is not followed.",
            code="upstream_redirected",
            sent=True,
        )
    return target


def _send_once(
    method: str,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, Any] | None,
    content: Mapping[str, Any],
    attempt: Attempt,
    limit: int,
) -> OutboundResponse:
    remaining = attempt.deadline.remaining()
    if remaining <= 0:
        raise OutboundError(
            "There was no time left to send the request.", code="deadline_passed", sent=attempt.may_have_left
        )
    try:
        # The connections keep to the deadline by themselves; this is what urllib3 would do without.
        response = _session.request(
            method, url, headers=dict(headers), params=query, timeout=remaining,
            allow_redirects=False, stream=True, **content,
        )  # fmt: skip
    except requests.RequestException as error:
        raise _outbound_error(error, attempt) from error
    with response:
        body = _read_body(response, attempt, limit)
    return OutboundResponse(status=response.status_code, headers=response.headers, body=body)


def _read_body(response: requests.Response, attempt: Attempt, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    too_large = OutboundError(
        f"The upstream's answer is larger than {limit:,} bytes.", code="upstream_too_large", sent=True
    )
    # What urllib3 made of the Content-Length header; None where it is missing or no number.
    if (response.raw.length_remaining or 0) > limit:
        raise too_large
    try:
        # read1 hands over what one socket read brought, so that a body that only drips is noticed to be
        # too large or too slow at every byte.
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > limit:
                raise too_large
            attempt.deadline.require_remaining()
            chunks.append(chunk)
    except (urllib3.exceptions.HTTPError, TimeoutError) as error:
        raise _outbound_error(error, attempt) from error
    return b"".join(chunks)


def _outbound_error(error: Exception, attempt: Attempt) -> OutboundError:
    """What a transport exception means, in a sentence; whether the request left is known from the attempt."""
    causes = list(_causes(error))
    sent = attempt.may_have_left
    for cause in causes:
        if isinstance(cause, AddressRefused):
            return OutboundError(f"{cause}.", code="upstream_address_refused", sent=sent)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return OutboundError(
            "The upstream's TLS certificate could not be verified.", code="upstream_tls", sent=sent
        )
    if not sent:
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return OutboundError("The upstream does not speak TLS properly.", code="upstream_tls", sent=False)
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
            return OutboundError("The upstream's URL is not valid.", code="upstream_unreachable", sent=False)
        return OutboundError("The upstream could not be reached.", code="upstream_unreachable", sent=False)
    if any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in causes):
        return OutboundError("The upstream did not answer in time.", code="upstream_timeout", sent=True)
    return OutboundError("The upstream broke the connection.", code="upstream_interrupted", sent=True)


def _causes(error: BaseException | None) -> Any:
    """The exception and everything it wraps; requests and urllib3 hide the reason in args and `reason`."""
    pending: list[Any] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
