"""Storing, replacing and revoking a server's API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog import credentials, rotation
from catalog.credentials import CredentialMissing
from catalog.fields import Secret
from catalog.models import Credential, Server
from clients.models import User
from tests.conftest import KEY, SYSTEM

NEW_KEY = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"


def states(server: Server) -> list[tuple[str, str, str]]:
    return [(row.slot, row.last_four, row.state) for row in server.credentials.order_by("created_at", "pk")]


def audited(*events: str) -> list[AuditRow]:
    return list(AuditRow.objects.filter(event__in=events).order_by("pk"))


def test_a_new_key_replaces_the_old_one_of_its_slot(server: Server, olga: User) -> None:
    rotation.store(actor=Actor.person(olga), server=server, slot="integration", text=NEW_KEY)

    assert states(server) == [("integration", "e1f0", "revoked"), ("integration", "7c6d", "active")]
    assert credentials.target_for(server)[0].headers == {"Authorization": f"GenieKey {NEW_KEY}"}


def test_a_key_of_another_slot_stays(server: Server) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="account", text=NEW_KEY)
    assert states(server) == [("integration", "e1f0", "active"), ("account", "7c6d", "active")]


def test_replacing_is_on_record_with_who_did_it_and_without_any_text(server: Server, olga: User) -> None:
    last = audited("credential.stored")[-1].pk
    rotation.store(actor=Actor.person(olga), server=server, slot="integration", text=NEW_KEY)

    revoked, stored = AuditRow.objects.filter(pk__gt=last, event__startswith="credential.").order_by("pk")
    assert (revoked.event, stored.event) == ("credential.revoked", "credential.stored")
    assert {revoked.actor_name, stored.actor_name} == {"olga"}
    assert {revoked.server_name, stored.server_name} == {"Opsgenie"}
    assert revoked.detail == {"before": {"state": "active"}, "after": {"state": "revoked"}}
    assert stored.detail["after"]["last_four"] == "7c6d"
    everything = str([row.__dict__ for row in AuditRow.objects.all()])
    assert KEY not in everything
    assert NEW_KEY not in everything


def test_the_database_holds_one_active_key_a_slot(server: Server) -> None:
    second = Credential(server=server, slot="integration", state=Credential.State.ACTIVE)
    second.secret = Secret.new(NEW_KEY, binding=second.binding())
    with (
        pytest.raises(IntegrityError, match=r"one_active_credential_per_slot|UNIQUE constraint"),
        transaction.atomic(),
    ):
        second.save(force_insert=True)
    assert states(server) == [("integration", "e1f0", "active")]


def test_the_database_holds_any_number_of_revoked_keys_a_slot(server: Server) -> None:
    for text in ("first-key-first-key", "second-key-second-key"):
        rotation.store(actor=SYSTEM, server=server, slot="integration", text=text)
    assert [state for _, _, state in states(server)] == ["revoked", "revoked", "active"]


def test_a_revoked_key_is_not_used_any_more(server: Server, olga: User) -> None:
    rotation.revoke(actor=Actor.person(olga), credential=server.credentials.get())

    assert states(server) == [("integration", "e1f0", "revoked")]
    with pytest.raises(CredentialMissing):
        credentials.target_for(server, "list_alerts")


def test_revoking_twice_is_an_error_and_one_audit_row(server: Server) -> None:
    shown_twice = [server.credentials.get(), server.credentials.get()]
    rotation.revoke(actor=SYSTEM, credential=shown_twice[0])
    with pytest.raises(ValidationError, match="revoked already"):
        rotation.revoke(actor=SYSTEM, credential=shown_twice[1])
    assert len(audited("credential.revoked")) == 1


def test_a_replaced_key_can_not_be_revoked_in_the_place_of_the_new_one(server: Server) -> None:
    shown = server.credentials.get()
    rotation.store(actor=SYSTEM, server=server, slot="integration", text=NEW_KEY)
    with pytest.raises(ValidationError):
        rotation.revoke(actor=SYSTEM, credential=shown)
    assert states(server)[-1] == ("integration", "7c6d", "active")


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_nothing_changes(server: Server, name: str, request: Any) -> None:
    actor = Actor.person(request.getfixturevalue(name))
    rows = AuditRow.objects.count()
    with pytest.raises(PermissionDenied):
        rotation.store(actor=actor, server=server, slot="integration", text=NEW_KEY)
    with pytest.raises(PermissionDenied):
        rotation.revoke(actor=actor, credential=server.credentials.get())
    assert states(server) == [("integration", "e1f0", "active")]
    assert AuditRow.objects.count() == rows


def test_somebody_anonymous_may_not(server: Server) -> None:
    with pytest.raises(PermissionDenied):
        rotation.store(actor=Actor.anonymous(None), server=server, slot="integration", text=NEW_KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n\t",
        "two words",
        "GenieKey 0f1e2d3c-4b5a-4968-8776-a5b4c3d2e1f0",
        "key\nX-Injected: yes",
        "key\r\nX-Injected: yes",
        "key\x00",
        "key\x7f",
        "clé-of-the-server",
        "key\u200b",
        "ｋｅｙ",
        "\ud800",
        "k" * 4_097,
    ],
    ids=repr,
)
def test_a_text_no_header_could_carry_is_refused_without_repeating_it(server: Server, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rotation.store(actor=SYSTEM, server=server, slot="integration", text=text)
    assert not text.strip() or text.strip() not in str(caught.value)
    assert states(server) == [("integration", "e1f0", "active")]


def test_white_space_around_a_pasted_key_is_not_part_of_it(server: Server) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="integration", text=f"  {NEW_KEY}\r\n")
    assert credentials.target_for(server)[0].headers["Authorization"] == f"GenieKey {NEW_KEY}"


def test_the_longest_key_is_stored(server: Server) -> None:
    longest = "k" * 4_096
    rotation.store(actor=SYSTEM, server=server, slot="integration", text=longest)
    assert credentials.target_for(server)[0].headers["Authorization"] == f"GenieKey {longest}"


def test_a_slot_the_connector_does_not_have_is_refused(server: Server) -> None:
    with pytest.raises(ValidationError) as caught:
        rotation.store(actor=SYSTEM, server=server, slot="root", text=NEW_KEY)
    assert list(caught.value.message_dict) == ["slot"]
    assert states(server) == [("integration", "e1f0", "active")]


def test_of_a_short_key_nothing_is_shown(server: Server) -> None:
    stored = rotation.store(actor=SYSTEM, server=server, slot="integration", text="short-key-15-ch")
    assert stored.last_four == ""
    stored = rotation.store(actor=SYSTEM, server=server, slot="integration", text="longer-key-16-ch")
    assert stored.last_four == "6-ch"


def test_equal_keys_have_equal_fingerprints_that_tell_nothing_elsewhere(
    server: Server, settings: Any
) -> None:
    first = server.credentials.get()
    same = rotation.store(actor=SYSTEM, server=server, slot="account", text=KEY)
    other = rotation.store(actor=SYSTEM, server=server, slot="account", text=NEW_KEY)
    assert first.fingerprint == same.fingerprint != other.fingerprint

    settings.PORTCULLIS_HASH_KEYS = ["tests-only: another installation's key of some length"]
    elsewhere = rotation.store(actor=SYSTEM, server=server, slot="account", text=KEY)
    assert elsewhere.fingerprint != first.fingerprint


def test_use_is_noted_to_the_minute(server: Server) -> None:
    credential = server.credentials.get()
    credentials.note_use(credential)
    first = server.credentials.get().last_used_at
    assert first is not None

    credentials.note_use(server.credentials.get())
    credentials.note_use(credential)  # a copy that is older than the first use
    assert server.credentials.get().last_used_at == first

    earlier = timezone.now() - timedelta(seconds=61)
    Credential.objects.update(last_used_at=earlier)
    credentials.note_use(server.credentials.get())
    assert server.credentials.get().last_used_at > earlier
