"""The audit log names the caller's own address, whatever the caller claims."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditRow

pytestmark = pytest.mark.django_db

PROXY = "10.0.0.9"


def recorded_address(client: Client, forwarded: str | None) -> str | None:
    """The source of a refused request that reached us from the proxy."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    answer = client.post(
        "/mcp", data="{}", content_type="application/json", headers=headers, REMOTE_ADDR=PROXY
    )
    assert answer.status_code == 401
    row = AuditRow.objects.first()
    assert row is not None
    return row.source_address


@pytest.fixture(autouse=True)
def no_flood_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test's first failure is the first of its minute."""
    from clients import authentication
    from clients.authentication_failures import FailureLog

    monkeypatch.setattr(authentication, "failures", FailureLog())


@pytest.mark.parametrize(
    ("proxies", "forwarded", "recorded"),
    [
        (0, None, PROXY),
        (0, "203.0.113.7", PROXY),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, None, PROXY),
        (2, "203.0.113.7", PROXY),
        (1, "not an address", PROXY),
        (1, "", PROXY),
    ],
)
def test_the_address_is_counted_from_our_own_proxies(
    client: Client, settings: Any, proxies: int, forwarded: str | None, recorded: str
) -> None:
    settings.PORTCULLIS_PROXIES = proxies

    assert recorded_address(client, forwarded) == recorded
