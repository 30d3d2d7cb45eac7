"""Nothing in the environment can send a request, or the key in it, anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import outbound
from catalog.outbound import Deadline, OutboundError, send
from catalog.outbound_connection import new_session
from tests.catalog.outbound.hostile import OK, HostileServer, say

Start = Callable[..., HostileServer]


@pytest.fixture(autouse=True)
def own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made after the environment has been set, as that of a process would be."""
    monkeypatch.setattr(outbound, "_session", new_session())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_are_not_used(hostile: Start, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    proxy = hostile(say(OK))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server = hostile(say(OK))
    url = server.url.replace("http:", f"{scheme}:")
    try:
        send("GET", url, headers={"Authorization": "GenieKey canary"}, deadline=Deadline(1))
    except OutboundError:
        assert scheme == "https"  # nothing here has a certificate
    assert proxy.received == []
    assert len(server.received) == 1


@pytest.mark.parametrize("where", ["NETRC", "HOME"])
def test_passwords_of_a_netrc_are_not_used(
    hostile: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv(where, str(netrc if where == "NETRC" else tmp_path))
    server = hostile(say(OK))
    send("GET", server.url, headers={}, deadline=Deadline(1))
    assert b"authorization" not in server.received[0].lower()


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_named_there_are_not_trusted(
    hostile: Start, monkeypatch: pytest.MonkeyPatch, certificate: Path, name: str
) -> None:
    monkeypatch.setenv(name, str(certificate))
    server = hostile(say(OK), certificate=certificate)
    with pytest.raises(OutboundError) as caught:
        send("GET", server.url, headers={"Authorization": "GenieKey canary"}, deadline=Deadline(1))
    assert caught.value.code == "upstream_tls"
    assert server.received == [b""]
