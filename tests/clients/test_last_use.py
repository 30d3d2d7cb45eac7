from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from clients import tokens
from clients.models import Client, Token, User
from tests.conftest import issue_token
from tests.database import everything

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)


def use(seconds: float, *, software: str = "") -> tuple[datetime | None, datetime | None]:
    """Use the token so long after NOW, by a row that is read again; what token and client then say."""
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        tokens.note_use(Token.objects.select_related("client").get(), software=software)
    return Token.objects.get().last_used_at, Client.objects.get().last_used_at


def test_it_is_noted_at_most_once_a_minute(mia: User) -> None:
    issue_token(mia)
    assert use(0) == (NOW, NOW)
    assert use(1) == (NOW, NOW)
    assert use(59.9) == (NOW, NOW)
    later = NOW + timedelta(seconds=60)
    assert use(60) == (later, later)
    assert use(119) == (later, later)


def test_a_row_read_before_does_not_turn_the_clock_back(mia: User) -> None:
    issue_token(mia)
    stale = Token.objects.select_related("client").get()
    use(30)
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        tokens.note_use(stale)
    assert Token.objects.get().last_used_at == NOW + timedelta(seconds=30)


def test_the_program_is_noted_when_it_changes(mia: User) -> None:
    issue_token(mia)
    use(0, software="Claude Code 2.1")
    assert Client.objects.get().software == "Claude Code 2.1"
    use(1)
    assert Client.objects.get().software == "Claude Code 2.1"
    before = everything()
    use(2, software="Claude Code 2.1")
    assert everything() == before
    use(3, software="Cursor 1.0")
    assert Client.objects.get().software == "Cursor 1.0"


def test_a_name_that_is_too_long_is_cut(mia: User) -> None:
    issue_token(mia)
    use(0, software="x" * 500)
    assert Client.objects.get().software == "x" * 120


def test_nothing_else_of_the_rows_is_written(mia: User) -> None:
    """A request that began before a revocation must not undo it by saving what it read."""
    issue_token(mia)
    stale = Token.objects.select_related("client").get()
    Token.objects.update(revoked_at=NOW)
    Client.objects.update(state=Client.State.CLOSED)
    tokens.note_use(stale, software="Claude")
    assert Token.objects.get().revoked_at == NOW
    assert Client.objects.get().state == "closed"
