"""How many secrets are on the newest encryption key, and the one next step."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from catalog import encryption_status as module
from catalog import rotation
from catalog.encryption_status import encryption_status
from catalog.fields import Secret
from catalog.models import Credential, Server
from tests.catalog.conftest import NEW_KEY, SECRET_FIELD
from tests.conftest import SYSTEM, make_server


def test_without_secrets_there_is_nothing_to_do(db: None) -> None:
    assert encryption_status().sentence() == "No secret is stored."


def test_from_a_new_key_in_front_to_the_old_one_taken_out(
    server: Server, use_keys: Any, settings: Any
) -> None:
    old = settings.FERNET_KEYS[0]
    assert encryption_status().what_to_do() == "Nothing is left to do."

    use_keys(NEW_KEY, old)
    make_server(name="Another", prefix="another")
    status = encryption_status()
    assert (status.newest, status.older, status.total) == (1, 1, 2)
    assert status.sentence() == "1 of 2 secrets are on the newest encryption key."
    assert "rotate_encryption" in status.what_to_do()

    call_command("rotate_encryption", stdout=io.StringIO())
    status = encryption_status()
    assert status.sentence() == "2 of 2 secrets are on the newest encryption key."
    assert "can be taken out of PORTCULLIS_FERNET_KEYS" in status.what_to_do()


def test_a_revoked_key_has_no_secret_to_count(server: Server) -> None:
    rotation.revoke(actor=SYSTEM, credential=server.credentials.get())
    assert encryption_status().total == 0


def test_bytes_that_no_key_opens_are_not_on_the_newest(server: Server) -> None:
    Credential.objects.filter(server=server).update(
        secret=Secret(ciphertext=Fernet(Fernet.generate_key()).encrypt(b"x"), field=SECRET_FIELD)
    )
    status = encryption_status()
    assert (status.newest, status.older) == (0, 1)
    assert "names those that no configured key opens" in status.what_to_do()


def test_of_very_many_only_the_first_are_looked_at_and_it_says_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 2)
    for number in range(3):
        make_server(name=f"Other {number}", prefix=f"other{number}")
    status = encryption_status()
    assert (status.looked_at, status.total) == (2, 4)
    assert status.sentence() == "2 of 2 secrets are on the newest encryption key, of 4 in all."
    assert "those that were not looked at" in status.what_to_do()
