"""Edited settings are saved and recorded; a new address takes the key along only when it is given again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog import credentials, rotation, servers
from catalog.models import Server
from clients.models import User
from tests.conftest import KEY, SYSTEM, make_server

NEW_KEY = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"


def stored(server: Server) -> Server:
    return Server.objects.get(pk=server.pk)


def slots(server: Server) -> dict[str, str]:
    return {row.slot: row.last_four for row in server.credentials.filter(state="active")}


def test_settings_are_saved_and_recorded_with_before_and_after(server: Server, olga: User) -> None:
    server.name, server.sync_interval_minutes = "Opsgenie production", 5
    servers.change(actor=Actor.person(olga), server=server)

    assert (stored(server).name, stored(server).sync_interval_minutes) == ("Opsgenie production", 5)
    row = AuditRow.objects.get(event="server.changed")
    assert row.actor_name == "olga"
    assert row.detail == {
        "before": {"name": "Opsgenie", "sync_interval_minutes": None},
        "after": {"name": "Opsgenie production", "sync_interval_minutes": 5},
    }
    assert slots(server) == {"integration": "e1f0"}


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:10", "https://127.0.0.1:9", "http://127.0.0.2:9", "http://LOCALHOST:9"]
)
def test_a_new_address_without_the_key_changes_nothing(server: Server, address: str) -> None:
    server.base_url = address
    with pytest.raises(ValidationError, match="Paste the key again"):
        servers.change(actor=SYSTEM, server=server)
    assert stored(server).base_url == "http://127.0.0.1:9"
    assert slots(server) == {"integration": "e1f0"}
    assert not AuditRow.objects.filter(event="server.changed").exists()


def test_another_path_or_spelling_of_the_same_address_needs_no_key(server: Server) -> None:
    server.base_url = "HTTP://127.0.0.1:9/opsgenie"
    servers.change(actor=SYSTEM, server=server)
    assert credentials.target_for(stored(server))[0].headers["Authorization"] == f"GenieKey {KEY}"


def test_a_new_address_with_the_key_ends_the_keys_of_other_slots(server: Server, olga: User) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="account", text="account-key-account-key")
    server.base_url = "http://127.0.0.1:10"
    servers.change(actor=Actor.person(olga), server=server, secret_text=NEW_KEY, slot="integration")

    assert slots(server) == {"integration": "7c6d"}
    assert server.credentials.filter(state="revoked").count() == 2
    target, _ = credentials.target_for(stored(server))
    assert (target.base_url, target.headers["Authorization"]) == (
        "http://127.0.0.1:10",
        f"GenieKey {NEW_KEY}",
    )
    ended = AuditRow.objects.filter(event="credential.revoked", actor_name="olga")
    assert ended.count() == 2


def test_a_new_key_at_the_same_address_leaves_other_slots_alone(server: Server) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="account", text="account-key-account-key")
    servers.change(actor=SYSTEM, server=server, secret_text=NEW_KEY, slot="integration")
    assert slots(server) == {"integration": "7c6d", "account": "-key"}


@pytest.mark.parametrize(("text", "slot"), [("two words", "integration"), (NEW_KEY, "root"), (NEW_KEY, "")])
def test_a_bad_key_or_slot_leaves_the_old_address_and_keys(server: Server, text: str, slot: str) -> None:
    server.base_url = "http://127.0.0.1:10"
    with pytest.raises(ValidationError):
        servers.change(actor=SYSTEM, server=server, secret_text=text, slot=slot)
    assert stored(server).base_url == "http://127.0.0.1:9"
    assert slots(server) == {"integration": "e1f0"}


@pytest.mark.parametrize(
    "address", ["https://user:pw@127.0.0.1:9", "ftp://127.0.0.1", "nonsense", "http://127.0.0.1:99999"]
)
def test_a_bad_address_is_a_validation_error_naming_it(server: Server, address: str) -> None:
    server.base_url = address
    with pytest.raises(ValidationError) as caught:
        servers.change(actor=SYSTEM, server=server, secret_text=NEW_KEY, slot="integration")
    assert list(caught.value.message_dict) == ["base_url"]
    assert stored(server).base_url == "http://127.0.0.1:9"


def test_the_name_of_another_server_is_refused(server: Server) -> None:
    make_server(name="Another", prefix="another")
    server.name = "Another"
    with pytest.raises(ValidationError):
        servers.change(actor=SYSTEM, server=server)
    assert stored(server).name == "Opsgenie"


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_nothing_changes(server: Server, name: str, request: Any) -> None:
    server.name = "Mine now"
    with pytest.raises(PermissionDenied):
        servers.change(actor=Actor.person(request.getfixturevalue(name)), server=server)
    assert stored(server).name == "Opsgenie"


def test_a_page_opened_before_a_pause_does_not_resume_the_server(server: Server) -> None:
    opened = stored(server)
    servers.pause(actor=SYSTEM, server=server)
    opened.name = "Renamed"
    servers.change(actor=SYSTEM, server=opened)
    assert (stored(server).name, stored(server).state) == ("Renamed", Server.State.PAUSED)
    assert opened.state == Server.State.PAUSED
    row = AuditRow.objects.get(event="server.changed")
    assert row.detail == {"before": {"name": "Opsgenie"}, "after": {"name": "Renamed"}}


def test_a_page_opened_before_a_sync_does_not_put_its_schedule_back(server: Server) -> None:
    opened = stored(server)
    later = timezone.now() + timedelta(hours=9)
    Server.objects.filter(pk=server.pk).update(next_sync_at=later)
    opened.name = "Renamed"
    servers.change(actor=SYSTEM, server=opened)
    assert stored(server).next_sync_at == later


def test_a_shorter_interval_counts_from_now(server: Server) -> None:
    """Somebody who sets five minutes on a weekly server doesn't wait for the week to end."""
    Server.objects.filter(pk=server.pk).update(next_sync_at=timezone.now() + timedelta(days=7))
    opened = stored(server)
    opened.sync_interval_minutes = 5
    servers.change(actor=SYSTEM, server=opened)
    assert stored(server).next_sync_at <= timezone.now() + timedelta(minutes=5)
