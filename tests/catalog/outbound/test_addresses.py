"""Private and reserved addresses are out of reach unless the setting allows them, by whatever name."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog import outbound_connection
from catalog.outbound import Deadline, OutboundError, address_is_allowed, send
from tests.catalog.outbound.hostile import OK, HostileServer, say
from tests.services import free_port

Start = Callable[..., HostileServer]

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # where clouds keep the machine's own credentials
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "233.252.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "52.95.110.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1111"]


@pytest.fixture
def closed(settings: Any) -> None:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = False


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name be at these addresses; the list of names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        return [entry for address in addresses for entry in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def failure(url: str) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        send("POST", url, headers={"Authorization": "GenieKey canary"}, json={}, deadline=Deadline(1))
    return caught.value


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_or_reserved_address_is_not_allowed(closed: None, address: str) -> None:
    assert address_is_allowed(address) is False


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(closed: None, address: str) -> None:
    assert address_is_allowed(address) is True


@pytest.mark.parametrize("address", [*PRIVATE, *PUBLIC])
def test_the_setting_allows_every_address(settings: Any, address: str) -> None:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    assert address_is_allowed(address) is True


@given(number=st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_ipv4_address_is_judged_alike_however_it_is_written(closed: None, number: int) -> None:
    address = ipaddress.IPv4Address(number)
    plain = address_is_allowed(str(address))
    assert plain == (address.is_global and not address.is_multicast and not address.is_reserved)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    for written in (f"::ffff:{address}", f"64:ff9b::{address}", str(six_to_four)):
        assert address_is_allowed(written) == plain, written


@given(number=st.integers(0, 2**128 - 1))
@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_allowed_ipv6_address_is_a_public_unicast_one(closed: None, number: int) -> None:
    address = ipaddress.IPv6Address(number)
    if address_is_allowed(str(address)):
        refused = ("private", "loopback", "link_local", "site_local", "multicast", "unspecified")
        assert [kind for kind in refused if getattr(address, f"is_{kind}")] == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0"]
)
def test_no_spelling_of_the_loopback_address_is_connected_to(closed: None, hostile: Start, host: str) -> None:
    server = hostile(say(OK))
    error = failure(f"http://{host}:{server.port}/")
    assert (error.code, error.sent) == ("upstream_address_refused", False)
    assert server.received == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
def test_no_ipv6_spelling_of_it_either(closed: None, hostile: Start, host: str) -> None:
    server = hostile(say(OK))
    error = failure(f"http://{host}:{server.port}/")
    assert (error.code, error.sent) == ("upstream_address_refused", False)
    assert server.received == []


def test_a_name_at_a_private_address_is_refused(
    closed: None, hostile: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hostile(say(OK))
    resolve_to(monkeypatch, "127.0.0.1")
    error = failure(f"http://api.opsgenie.example:{server.port}/")
    assert (error.code, error.sent) == ("upstream_address_refused", False)
    assert "api.opsgenie.example is at 127.0.0.1" in error.message
    assert server.received == []


def test_over_tls_nothing_is_said_to_it(
    closed: None, hostile: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hostile(say(OK), reads=False)
    resolve_to(monkeypatch, "127.0.0.1")
    assert failure(f"https://api.opsgenie.example:{server.port}/").code == "upstream_address_refused"
    assert server.received == []


def test_an_open_and_a_closed_port_there_look_the_same(closed: None, hostile: Start) -> None:
    """Or else Portcullis could be used to scan the network it is in."""
    opened = failure(f"http://127.0.0.1:{hostile(say(OK)).port}/")
    unopened = failure(f"http://127.0.0.1:{free_port()}/")
    assert (opened.code, opened.message) == (unopened.code, unopened.message)


def test_the_name_is_resolved_once_so_that_what_was_checked_is_what_is_used(
    hostile: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hostile(say(OK))
    asked = resolve_to(monkeypatch, "127.0.0.1")
    send("GET", f"http://rebinding.example:{server.port}/", headers={}, deadline=Deadline(1))
    assert asked == ["rebinding.example"]


def test_of_several_addresses_only_allowed_ones_are_tried(
    hostile: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = hostile(say(OK), host="127.0.0.2")
    allowed = hostile(say(OK), host="127.0.0.1", port=refused.port)
    monkeypatch.setattr(outbound_connection, "address_is_allowed", lambda address: address != "127.0.0.2")
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    send("GET", f"http://both.example:{allowed.port}/", headers={}, deadline=Deadline(1))
    assert (refused.request_count, allowed.request_count) == (0, 1)


def test_when_one_address_swallows_everything_the_next_is_tried(
    hostile: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hostile(say(OK))
    with socket.socket() as listener:
        listener.bind(("127.0.0.3", server.port))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        resolve_to(monkeypatch, "127.0.0.3", "127.0.0.1")
        send("GET", f"http://both.example:{server.port}/", headers={}, deadline=Deadline(1))
        for filler in fillers:
            filler.close()
    assert server.request_count == 1
