"""The one way out: HTTP requests to upstreams, with limits on time, size and destination.

Nothing else in the product opens a connection to an address a person typed. The limits exist because an
upstream is not trusted: it may be slow, huge, hostile or point somewhere it should not.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CHUNK_BYTES = 64 * 1024
SAME_ORIGIN_REDIRECTS = 3
_URL_TEXT = re.compile(r"[\x21-\x5b\x5d-\x7e]+\Z")


class Deadline:
    """A moment on the monotonic clock by which work must be done."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self._at - time.monotonic()


class OutboundError(Exception):
    """A request without a trustworthy answer. `sent` is False only when no byte of it can have left."""

    def __init__(self, message: str, *, code: str, sent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.sent = sent


class AddressRefused(OSError):
    """The name resolved to an address that outbound requests may not reach."""


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """A whole answer. Header names are matched without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


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
    port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    if port == 0:
        raise ValueError("The URL's port must be between 1 and 65535.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def address_is_allowed(address: str) -> bool:
    """Whether a connection to this IP address may be used (setting PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS)."""
    if settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS:
        return True
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast


class _GuardedConnection(HTTPConnection):
    """Checks the address it is connected to before a byte is sent.

    Checking the name beforehand would leave a gap in which DNS can answer something else.
    """

    def _new_conn(self) -> Any:
        connected = super()._new_conn()
        address = connected.getpeername()[0]
        if not address_is_allowed(address):
            connected.close()
            raise AddressRefused(f"{self.host} resolves to {address}, a private or reserved address")
        return connected


class _GuardedHTTPSConnection(_GuardedConnection, HTTPSConnection):
    pass


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}


def _new_session() -> requests.Session:
    session = requests.Session()
    # Without this requests re-reads proxies and .netrc from the environment at every call: a third of its
    # cost, and a way to send the key through somebody's proxy.
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _GuardedAdapter(pool_connections=16, pool_maxsize=64, pool_block=False, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


_session = _new_session()


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    query: Mapping[str, Any] | None = None,
    json: Any = None,
    deadline: Deadline,
    max_bytes: int | None = None,
) -> OutboundResponse:
    """Send one request and read the whole answer, within `deadline` and `max_bytes`.

    Redirects are followed for GET only, within the same origin; the credential never leaves it.
    Raises OutboundError: `sent=False` for DNS, refused, TLS and address errors; `sent=True` for everything
    after the first byte may have left.
    """
    limit = max_bytes or settings.PORTCULLIS_UPSTREAM_MAX_BYTES
    request_headers = {"Accept": "application/json", "User-Agent": "Portcullis", **headers}
    for _ in range(SAME_ORIGIN_REDIRECTS + 1):
        answer = _send_once(method, url, request_headers, query, json, deadline, limit)
        location = answer.headers.get("location")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            return answer
        url = _redirected_url(method, url, location)
        query = None
    raise OutboundError("The upstream redirects in a circle.", code="upstream_redirected", sent=True)


def _redirected_url(method: str, url: str, location: str) -> str:
    target = urljoin(url, location)
    try:
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
    json: Any,
    deadline: Deadline,
    limit: int,
) -> OutboundResponse:
    remaining = deadline.remaining()
    if remaining <= 0:
        raise OutboundError("There was no time left to send the request.", code="deadline_passed", sent=False)
    timeout = (min(settings.PORTCULLIS_UPSTREAM_CONNECT_SECONDS, remaining), remaining)
    try:
        response = _session.request(
            method, url, headers=dict(headers), params=query, json=json, timeout=timeout,
            allow_redirects=False, stream=True,
        )  # fmt: skip
    except requests.RequestException as error:
        raise _outbound_error(error) from error
    with response:
        body = _read_body(response, deadline, limit)
    return OutboundResponse(status=response.status_code, headers=response.headers, body=body)


def _read_body(response: requests.Response, deadline: Deadline, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    too_large = OutboundError(
        f"The upstream's answer is larger than {limit:,} bytes.", code="upstream_too_large", sent=True
    )
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    try:
        # read1 hands over what one socket read brought: iter_content would sit out a slow drip until a
        # whole chunk is there, each byte renewing the read timeout.
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > limit:
                raise too_large
            if deadline.remaining() <= 0:
                raise OutboundError("The upstream was too slow.", code="upstream_timeout", sent=True)
            chunks.append(chunk)
    except urllib3.exceptions.HTTPError as error:
        raise _outbound_error(error) from error
    return b"".join(chunks)


def _outbound_error(error: Exception) -> OutboundError:
    """Sort a transport exception by the one thing that matters: can the request have left?"""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, AddressRefused):
            return OutboundError(f"{cause}.", code="upstream_address_refused", sent=False)
    # Only a refused certificate proves that nothing was sent; other TLS errors can come in mid-stream.
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return OutboundError(
            "The upstream's TLS certificate could not be verified.", code="upstream_tls", sent=False
        )
    if isinstance(error, requests.exceptions.ConnectTimeout) or any(
        isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes
    ):
        return OutboundError("The upstream could not be reached.", code="upstream_unreachable", sent=False)
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return OutboundError("The upstream's URL is not valid.", code="upstream_unreachable", sent=False)
    if any(
        isinstance(cause, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError) for cause in causes
    ):
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
