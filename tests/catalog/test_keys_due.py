"""Keys older than the settings like are due, on the list and on the server's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog import rotation
from catalog.keys_due import age_in_days, due_notes, keys_due
from catalog.models import Server
from tests.conftest import SYSTEM, make_server, switch_on


def aged(server: Server, **time: Any) -> None:
    """Its keys were stored this long ago."""
    server.credentials.update(created_at=timezone.now() - timedelta(**time))


def due() -> list[str]:
    return [str(key) for key in keys_due(timezone.now())]


def test_a_key_is_due_from_the_set_age_on(server: Server) -> None:
    switch_on(key_age_days=90)
    aged(server, days=89, hours=23)
    assert due() == []
    aged(server, days=90)
    assert due() == ["integration …e1f0"]
    (note,) = due_notes(server)
    assert "90 days old and due for rotation" in note


def test_none_is_due_when_the_reminder_is_off(server: Server) -> None:
    switch_on(key_age_days=0)
    aged(server, days=5_000)
    assert due() == []
    assert due_notes(server) == []


def test_the_oldest_comes_first(server: Server) -> None:
    other = make_server(name="Other", prefix="other")
    aged(server, days=100)
    aged(other, days=200)
    assert [key.server.name for key in keys_due(timezone.now())] == ["Other", "Opsgenie"]
    assert due_notes(server) != due_notes(other)


@pytest.mark.parametrize("state", ["staged", "retiring", "revoked"])
def test_only_keys_in_use_are_due(server: Server, state: str) -> None:
    server.credentials.update(state=state, retires_at=timezone.now() + timedelta(days=1))
    aged(server, days=500)
    assert due() == []


def test_a_rotated_key_is_young_and_one_taken_back_as_old_as_before(server: Server) -> None:
    aged(server, days=100)
    old = server.credentials.get()
    rotation.stage(actor=SYSTEM, server=server, slot="integration", text="a-new-key-a-new-key")
    rotation.activate(
        actor=SYSTEM, credential=server.credentials.get(state="staged"), overlap=timedelta(hours=1),
        override_reason="It is a test.",
    )  # fmt: skip
    assert due() == []
    rotation.take_back(actor=SYSTEM, credential=old)
    assert due() == ["integration …e1f0"]
    assert age_in_days(server.credentials.get(state="active"), timezone.now()) == 100
