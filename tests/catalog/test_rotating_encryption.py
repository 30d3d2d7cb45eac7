"""`rotate_encryption` puts every stored secret under the newest key, and says which it could not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from audit.models import AuditRow
from catalog import credentials, rotation
from catalog.fields import Secret, SecretUnreadable
from catalog.models import Credential, Server
from tests.catalog.conftest import NEW_KEY, SECRET_FIELD
from tests.conftest import KEY, SYSTEM, make_server


def rotate() -> str:
    output = io.StringIO()
    call_command("rotate_encryption", stdout=output)
    return output.getvalue()


def header_of(server: Server) -> str:
    return credentials.target_for(server)[0].headers["Authorization"]


def test_afterwards_the_old_key_can_be_taken_away(server: Server, use_keys: Any, settings: Any) -> None:
    old_key = settings.FERNET_KEYS[0]
    second = make_server(name="Another", prefix="another")
    rotation.store(actor=SYSTEM, server=second, slot="integration", text="another-key-another-key")
    with_secret = Credential.objects.filter(secret__isnull=False).select_related("server")
    before = {row.pk: row.secret.ciphertext for row in with_secret}
    assert (len(before), Credential.objects.count()) == (2, 3), "a revoked one is erased"

    use_keys(NEW_KEY, old_key)
    said = rotate()

    use_keys(NEW_KEY)
    assert header_of(server) == f"GenieKey {KEY}"
    assert header_of(second) == "GenieKey another-key-another-key"
    for row in with_secret.all():
        assert row.secret.ciphertext != before[row.pk]
        assert row.secret.reveal(binding=row.binding())
    assert "2 of 2 secrets done" in said
    assert "All 2 secrets are under the newest key." in said
    row = AuditRow.objects.get(event="encryption.rotated")
    assert (row.actor_name, row.detail) == ("rotate_encryption", {"renewed": 2, "unreadable": []})
    assert KEY not in said + repr([row.__dict__ for row in AuditRow.objects.all()])


def test_it_can_be_repeated(server: Server) -> None:
    rotate()
    rotate()
    assert header_of(server) == f"GenieKey {KEY}"
    assert AuditRow.objects.filter(event="encryption.rotated").count() == 2


def test_without_any_secret_there_is_nothing_to_do(db: None) -> None:
    assert "All 0 secrets" in rotate()


def test_one_that_no_key_opens_is_named_and_left_and_the_others_are_done(
    server: Server, use_keys: Any, settings: Any
) -> None:
    old_key = settings.FERNET_KEYS[0]
    other = make_server(name="Another", prefix="another")
    foreign = Secret(ciphertext=Fernet(Fernet.generate_key()).encrypt(b"{}"), field=SECRET_FIELD)
    Credential.objects.filter(server=other).update(secret=foreign)
    lost = other.credentials.get()

    use_keys(NEW_KEY, old_key)
    with pytest.raises(CommandError) as caught:
        rotate()

    assert str(lost.pk) in str(caught.value)
    assert "1 of 2 secrets" in str(caught.value)
    assert foreign.ciphertext is not None
    assert foreign.ciphertext.decode() not in str(caught.value)
    assert other.credentials.get().secret.ciphertext == foreign.ciphertext
    use_keys(NEW_KEY)
    assert header_of(server) == f"GenieKey {KEY}"
    row = AuditRow.objects.get(event="encryption.rotated")
    assert row.detail == {"renewed": 1, "unreadable": [str(lost.pk)]}


def test_a_copied_secret_is_not_made_good_by_it(server: Server) -> None:
    other = make_server(name="Another", prefix="another")
    Credential.objects.filter(server=other).update(secret=server.credentials.get().secret)
    rotate()
    with pytest.raises(SecretUnreadable):
        credentials.target_for(other)
