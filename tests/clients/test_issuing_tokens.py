from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from clients import tokens
from clients.models import Client, Token, User
from tests.conftest import SYSTEM
from tests.database import everything

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_half_past_nine(db: None) -> None:
    with time_machine.travel(NOW, tick=False):
        yield


def issue(owner: User, *, life: timedelta = timedelta(days=30), name: str = "Claude") -> tuple[Token, str]:
    return tokens.issue(actor=SYSTEM, owner=owner, client_name=name, expires_at=NOW + life)


def test_it_makes_a_client_and_one_token(sam: User, mia: User) -> None:
    token, _ = tokens.issue(
        actor=Actor.person(sam), owner=mia, client_name="  Claude  ", expires_at=NOW + timedelta(days=7)
    )
    client = Client.objects.get()
    assert (client.name, client.owner, client.kind, client.state) == ("Claude", mia, "personal", "active")
    stored = Token.objects.get()
    assert (stored, stored.client, stored.created_by) == (token, client, "sam")
    assert (stored.created_at, stored.expires_at) == (NOW, NOW + timedelta(days=7))
    assert (stored.revoked_at, stored.last_used_at) == (None, None)


def test_only_a_keyed_hash_of_it_is_kept(mia: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token, text = issue(mia)
    assert len(Token.objects.get().hash) == 64
    secret = text.split("_")[2]
    whole = repr(everything()) + caplog.text + repr(token) + str(token) + repr(token.__dict__)
    assert not any(secret[start : start + 8] in whole for start in range(len(secret) - 8))


def test_two_texts_have_nothing_in_common(mia: User) -> None:
    first, second = issue(mia), issue(mia)
    assert first[1] != second[1]
    assert first[0].hash != second[0].hash
    assert first[0].client != second[0].client


def test_its_rows_name_the_person_and_the_end(mia: User) -> None:
    token, _ = issue(mia)
    created, issued = AuditRow.objects.order_by("pk")
    assert (created.event, created.object_name, created.client_name) == ("client.created", "Claude", "Claude")
    assert created.client_id == str(token.client.pk)
    assert created.detail["after"] == {"kind": "personal", "owner": "mia"}
    assert (issued.event, issued.object_name) == ("token.issued", f"pct_{token.public_id}_…")
    assert issued.detail["after"] == {"owner": "mia", "expires_at": "2026-08-31T09:30:00Z"}


@pytest.mark.parametrize(
    "life", [timedelta(0), timedelta(seconds=-1), timedelta(days=-400), timedelta(days=366, seconds=1)]
)
def test_its_end_lies_ahead_within_a_year(mia: User, life: timedelta) -> None:
    with pytest.raises(ValidationError) as caught:
        issue(mia, life=life)
    assert list(caught.value.message_dict) == ["expires_at"]
    assert not Client.objects.exists()
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("life", [timedelta(seconds=1), timedelta(days=366)])
def test_the_shortest_and_the_longest_life(mia: User, life: timedelta) -> None:
    assert issue(mia, life=life)[0].expires_at == NOW + life


def test_an_inactive_person_gets_none(mia: User) -> None:
    mia.is_active = False
    mia.save()
    with pytest.raises(ValidationError, match="mia is inactive"):
        issue(mia)
    assert not Client.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_client_has_a_name_of_a_length(mia: User, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        issue(mia, name=name)
    assert list(caught.value.message_dict) == ["name"]
    assert not Client.objects.exists()
