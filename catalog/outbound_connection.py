"""Connections to upstreams that open only to allowed addresses and never outlast their request's deadline.

The usual time-outs are for one operation on the socket each, so that a peer which sends a byte now and then
can hold a thread for ever. Here each operation gets what is left of the deadline, and none starts after it.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import queue
import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

SEND_BYTES = 16 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Deadline:
    """A moment on the monotonic clock by which work must be done."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self._at - time.monotonic()

    def require_remaining(self) -> float:
        """Seconds left. Raises TimeoutError when it has passed."""
        remaining = self.remaining()
        if remaining <= 0:
            raise TimeoutError("The deadline has passed.")
        return remaining


@dataclass(slots=True)
class Attempt:
    """One request under way: its deadline, and whether any byte of it may have left."""

    deadline: Deadline
    may_have_left: bool = False


#: Set by `catalog.outbound.send` around each request. Pooled connections read it, as they outlive requests.
current_attempt: ContextVar[Attempt] = ContextVar("outbound_attempt")


class AddressRefused(OSError):
    """The name resolved only to addresses that outbound requests may not reach."""


def address_is_allowed(address: str) -> bool:
    """Whether a connection to this IP address may be used (setting PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS)."""
    if settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS:
        return True
    parsed: Any = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = _carried_ipv4(parsed) or parsed
    # `is_global` alone takes multicast, reserved and the old site-local addresses for public ones.
    never = parsed.is_multicast or parsed.is_reserved or getattr(parsed, "is_site_local", False)
    return parsed.is_global and not never


def _carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one is only a way to write, or a tunnel to."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def new_session() -> requests.Session:
    """A pooled session that takes nothing from the environment and keeps no cookies."""
    session = _Session()
    # Without this requests re-reads proxies and .netrc from the environment at every call: a third of its
    # cost, and a way to send the key through somebody's proxy.
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _GuardedAdapter(pool_connections=16, pool_maxsize=64, pool_block=False, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Session(requests.Session):
    # Even when told not to follow redirects, requests prepares to: it reads the whole body, of any size, and
    # fails on a location that is no URL. `catalog.outbound` follows those that may be followed.
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def _resolved(host: str, port: int, seconds: float) -> list[Any]:
    """What `getaddrinfo` says, given up after `seconds`: the system's resolver has no time-out to set.

    Raises OSError (gaierror among them), UnicodeError for a host that is no name, TimeoutError.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="outbound-resolver").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"{host} could not be resolved in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _DeadlineReader(io.RawIOBase):
    """A socket's bytes, each read of which has what is left of the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.require_remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock, current_attempt.get().deadline))


class _GuardedConnection(HTTPConnection):
    """Resolves once and connects to exactly the addresses that were checked.

    Checking a name beforehand would leave a gap in which DNS can answer something else, and connecting first
    would tell which ports are open on a network that may not be reached.
    """

    response_class = _DeadlineResponse

    def _new_conn(self) -> socket.socket:
        attempt = current_attempt.get()
        limit = Deadline(min(settings.PORTCULLIS_UPSTREAM_CONNECT_SECONDS, attempt.deadline.remaining()))
        try:
            connected = self._connected_to_one(self._allowed_addresses(limit), limit)
        except AddressRefused:
            raise
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"No connection to {self.host}: {error}") from error
        # For the TLS handshake, which comes next; requests and answers set their own.
        connected.settimeout(max(limit.remaining(), 0.001))
        return connected

    def _allowed_addresses(self, limit: Deadline) -> list[Any]:
        found = _resolved(self._dns_host.strip("[]"), self.port, limit.require_remaining())
        allowed = [entry for entry in found if address_is_allowed(entry[4][0])]
        if not allowed:
            raise AddressRefused(f"{self.host} is at {found[0][4][0]}, a private or reserved address")
        return allowed

    def _connected_to_one(self, addresses: list[Any], limit: Deadline) -> socket.socket:
        problem: OSError = TimeoutError("There was no time to connect.")
        for tried, (family, kind, protocol, _, address) in enumerate(addresses):
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                # A first address that swallows everything leaves time for the others.
                sock.settimeout(limit.require_remaining() / (len(addresses) - tried))
                sock.connect(address)
            except OSError as error:
                sock.close()
                problem = error
            else:
                return sock
        raise problem

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        attempt = current_attempt.get()
        attempt.deadline.require_remaining()
        attempt.may_have_left = True
        # In pieces: the time-out of a TLS socket begins anew with each write to the network.
        for start in range(0, len(data), SEND_BYTES):
            self.sock.settimeout(attempt.deadline.require_remaining())
            super().send(data[start : start + SEND_BYTES])


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
