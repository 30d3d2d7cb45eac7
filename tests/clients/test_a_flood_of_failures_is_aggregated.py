from __future__ import annotations

import pytest

from audit.actor import Actor
from audit.models import AuditRow
from clients import authentication, authentication_failures
from clients.authentication_failures import FailureLog
from clients.models import User
from clients.token_text import new_token_text
from tests.conftest import issue_token
from tests.threads import Beside
from tests.wire import Connection


class Clock:
    """What the failure log sees as the monotonic time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(authentication_failures.time, "monotonic", lambda: self.now)


def rows() -> list[tuple[str, str | None, int]]:
    """Reason, address and what was left out before, of each row."""
    failed = AuditRow.objects.filter(event="authentication.failed").order_by("pk")
    return [(row.reason, row.source_address, row.detail["repeated_before"]) for row in failed]


@pytest.mark.django_db
def test_a_thousand_failures_are_one_row() -> None:
    connection = Connection(None)
    for _ in range(998):
        assert connection.send({}).status_code == 401
    connection.token = "nonsense"
    assert connection.send({}).status_code == 401
    connection.token = new_token_text()[1]
    assert connection.send({}).status_code == 401
    assert rows() == [("token_missing", "127.0.0.1", 0), ("token_unknown", "127.0.0.1", 0)]


@pytest.mark.django_db
def test_the_next_minutes_row_tells_how_many_there_were(monkeypatch: pytest.MonkeyPatch) -> None:
    log, clock = FailureLog(), Clock(monkeypatch)
    for _ in range(1_000):
        log.record(actor=Actor.anonymous("192.0.2.1"), reason="token_unknown")
        clock.now += 0.059
    assert rows() == [("token_unknown", "192.0.2.1", 0)]
    clock.now = 1_060.0
    log.record(actor=Actor.anonymous("192.0.2.1"), reason="token_unknown")
    assert rows()[1:] == [("token_unknown", "192.0.2.1", 999)]
    clock.now += 3_600
    log.record(actor=Actor.anonymous("192.0.2.1"), reason="token_unknown")
    assert rows()[2:] == [("token_unknown", "192.0.2.1", 0)]


@pytest.mark.django_db
def test_a_flood_of_one_kind_does_not_hide_another(mia: User) -> None:
    log = FailureLog()
    for _ in range(50):
        log.record(actor=Actor.anonymous("192.0.2.1"), reason="token_unknown")
    log.record(actor=Actor.anonymous("192.0.2.1"), reason="token_missing")
    log.record(actor=Actor.anonymous("192.0.2.2"), reason="token_unknown")
    log.record(actor=Actor.person(mia, source_address="192.0.2.1"), reason="token_revoked", token="pct_a_…")
    log.record(actor=Actor.person(mia, source_address="192.0.2.1"), reason="token_revoked", token="pct_b_…")
    assert len(rows()) == 5


@pytest.mark.django_db
def test_a_flood_from_everywhere_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication_failures, "MOST_SOURCES", 20)
    log, clock = FailureLog(), Clock(monkeypatch)
    for minute in range(3):
        clock.now = 1_000.0 + 61 * minute
        for number in range(500):
            source = f"2001:db8::{minute:x}:{number:x}"
            for _ in range(2):
                log.record(actor=Actor.anonymous(source), reason="token_unknown")
        # Twenty sources with a place of their own, and one row for all the others.
        assert len(rows()) <= 21 * (minute + 1)
        assert len(log._windows) <= 21
    told = sum(1 + repeated for _, _, repeated in rows())
    assert told + sum(window.unrecorded for window in log._windows.values()) == 3_000


@pytest.mark.django_db(transaction=True)
def test_failures_at_once_are_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    log = FailureLog()
    monkeypatch.setattr(authentication, "failures", log)

    def fail() -> None:
        connection = Connection("nonsense")
        for _ in range(25):
            connection.send({})

    for thread in [Beside(fail) for _ in range(8)]:
        thread.result()
    assert rows() == [("token_unknown", "127.0.0.1", 0)]
    assert [window.unrecorded for window in log._windows.values()] == [199]


@pytest.mark.django_db
def test_good_requests_are_not_counted(mia: User) -> None:
    connection = Connection(issue_token(mia)[1])
    for _ in range(3):
        assert connection.request("server/discover").status_code == 200
    assert rows() == []
