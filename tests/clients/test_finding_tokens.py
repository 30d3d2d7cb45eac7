from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients import tokens
from clients.models import User
from clients.token_text import _checksum, new_token_text
from tests.conftest import SYSTEM, issue_token


def test_its_text_finds_it_with_client_and_owner(mia: User) -> None:
    token, text = issue_token(mia)
    issue_token(mia)
    found = tokens.find(text)
    assert found == token
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert (found.client, found.client.owner) == (token.client, mia)
    assert not queries.captured_queries


def test_a_text_nobody_was_given_finds_nothing(mia: User) -> None:
    issue_token(mia)
    assert tokens.find(new_token_text()[1]) is None


def test_another_secret_with_a_known_public_part_finds_nothing(mia: User) -> None:
    """The checksum is no secret: anybody can compute it."""
    token, text = issue_token(mia)
    body = f"pct_{token.public_id}_{'A' * 40}"
    forged = body + _checksum(body)
    assert len(forged) == len(text)
    assert tokens.find(forged) is None


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "pct_", "nonsense", "pct_" + "A" * 12 + "_" + "A" * 46, "\0", "é" * 63])
def test_a_malformed_text_is_not_looked_up(text: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert tokens.find(text) is None
    assert not queries.captured_queries


def test_the_stored_hash_is_no_token(mia: User) -> None:
    token, _ = issue_token(mia)
    assert tokens.find(token.hash) is None


def test_an_ended_token_is_found_so_that_its_end_can_be_told(mia: User) -> None:
    token, text = issue_token(mia)
    tokens.revoke(actor=SYSTEM, token=token)
    found = tokens.find(text)
    assert found is not None
    assert found.revoked_at is not None
