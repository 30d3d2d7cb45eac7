from __future__ import annotations

from typing import Any

import pytest

from audit.keyed_hash import keyed_hash, matches
from clients import tokens
from clients.models import User
from tests.conftest import issue_token

OLD, NEW, FOREIGN = "the old hash key, 32 characters!", "the new hash key, 32 characters!", "someone else's"


def test_a_new_key_in_front_leaves_old_hashes_good(settings: Any) -> None:
    settings.PORTCULLIS_HASH_KEYS = [OLD]
    stored = keyed_hash("token", "text")
    settings.PORTCULLIS_HASH_KEYS = [NEW, OLD]
    assert matches("token", "text", stored)
    assert keyed_hash("token", "text") != stored


def test_a_removed_key_ends_its_hashes(settings: Any) -> None:
    settings.PORTCULLIS_HASH_KEYS = [OLD]
    stored = keyed_hash("token", "text")
    settings.PORTCULLIS_HASH_KEYS = [NEW]
    assert not matches("token", "text", stored)


def test_another_installations_hash_is_not_ours(settings: Any) -> None:
    settings.PORTCULLIS_HASH_KEYS = [FOREIGN]
    stored = keyed_hash("token", "text")
    settings.PORTCULLIS_HASH_KEYS = [NEW, OLD]
    assert not matches("token", "text", stored)


def test_a_hash_serves_one_purpose_and_one_value() -> None:
    stored = keyed_hash("token", "text")
    assert matches("token", "text", stored)
    assert not matches("credential", "text", stored)
    assert not matches("token", "texu", stored)
    # The purpose ends where the value begins, whatever they are made of.
    assert keyed_hash("token", "s") != keyed_hash("tokens", "")


def test_text_and_its_bytes_hash_alike() -> None:
    assert keyed_hash("token", "schlüssel") == keyed_hash("token", "schlüssel".encode())


@pytest.mark.django_db
def test_tokens_outlive_a_rotation(settings: Any, mia: User) -> None:
    settings.PORTCULLIS_HASH_KEYS = [OLD]
    token, text = issue_token(mia)
    settings.PORTCULLIS_HASH_KEYS = [NEW, OLD]
    assert tokens.find(text) == token
    settings.PORTCULLIS_HASH_KEYS = [NEW]
    assert tokens.find(text) is None
