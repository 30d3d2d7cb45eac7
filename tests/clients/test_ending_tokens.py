from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from audit.models import AuditRow
from clients import tokens
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, issue_token
from tests.database import everything
from tests.threads import Beside

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)


def events() -> list[str]:
    endings = ("token.revoked", "client.closed")
    return list(AuditRow.objects.filter(event__in=endings).order_by("pk").values_list("event", flat=True))


def test_revoking_ends_it_now(mia: User) -> None:
    token, text = issue_token(mia)
    with time_machine.travel(NOW, tick=False):
        tokens.revoke(actor=SYSTEM, token=token)
    assert Token.objects.get().revoked_at == NOW
    assert not tokens.find(text).is_valid(NOW)  # type: ignore[union-attr]
    row = AuditRow.objects.first()
    assert (row.event, row.object_name) == ("token.revoked", f"pct_{token.public_id}_…")
    assert row.detail == {"after": {"revoked_at": "2026-08-01T09:30:00Z"}}


def test_revoking_twice_is_an_error(mia: User) -> None:
    token, _ = issue_token(mia)
    stale = Token.objects.get()
    tokens.revoke(actor=SYSTEM, token=token)
    before = everything()
    for known in (token, stale):
        with pytest.raises(ValidationError, match="already revoked"):
            tokens.revoke(actor=SYSTEM, token=known)
    assert everything() == before


def test_other_tokens_go_on(mia: User, otto: User) -> None:
    token, _ = issue_token(mia)
    others = [issue_token(mia)[0], issue_token(otto)[0]]
    tokens.revoke(actor=SYSTEM, token=token)
    assert set(Token.objects.filter(revoked_at=None)) == set(others)


def test_a_token_ends_at_the_moment_it_was_given(mia: User) -> None:
    with time_machine.travel(NOW, tick=False):
        token, _ = issue_token(mia, expires_at=NOW + timedelta(hours=1))
    assert token.is_valid(NOW + timedelta(hours=1, microseconds=-1))
    assert not token.is_valid(NOW + timedelta(hours=1))


def test_closing_a_client_ends_its_tokens(mia: User) -> None:
    token, _ = issue_token(mia)
    earlier = Token.objects.create(
        client=token.client, public_id="earlier", hash="x", created_by="tests", expires_at=NOW, revoked_at=NOW
    )
    other, _ = issue_token(mia)
    tokens.close_client(actor=SYSTEM, client=token.client)
    assert Client.objects.get(pk=token.client_id).state == "closed"
    token.refresh_from_db()
    earlier.refresh_from_db()
    other.refresh_from_db()
    assert token.revoked_at is not None
    assert earlier.revoked_at == NOW
    assert other.revoked_at is None
    assert events() == ["client.closed", "token.revoked"]


def test_closing_says_what_it_was_before(mia: User) -> None:
    token, _ = issue_token(mia)
    Client.objects.update(state=Client.State.HIDDEN)
    token.client.refresh_from_db()
    tokens.close_client(actor=SYSTEM, client=token.client)
    row = AuditRow.objects.get(event="client.closed")
    assert row.detail == {"before": {"state": "hidden"}, "after": {"state": "closed"}}


@pytest.mark.parametrize("state", [Client.State.CLOSED, Client.State.DELETED])
def test_a_client_that_is_not_open_is_not_closed_again(mia: User, state: Client.State) -> None:
    token, _ = issue_token(mia)
    Client.objects.update(state=state)
    before = everything()
    with pytest.raises(ValidationError, match="not open"):
        tokens.close_client(actor=SYSTEM, client=token.client)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_revocations_at_once_one_wins(mia: User) -> None:
    token, _ = issue_token(mia)

    def revoke() -> str:
        try:
            tokens.revoke(actor=SYSTEM, token=Token.objects.get(pk=token.pk))
        except ValidationError:
            return "refused"
        return "done"

    beside = [Beside(revoke) for _ in range(4)]
    assert sorted(thread.result() for thread in beside) == ["done", "refused", "refused", "refused"]
    assert events() == ["token.revoked"]
