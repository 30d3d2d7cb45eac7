"""A call is recorded before a change commits, or is decided on rules that include it; never in between."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from audit.governance import admitting, current_epoch, governed
from audit.models import PolicyEpoch
from tests.threads import WAIT_SECONDS, Beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def epoch() -> None:
    PolicyEpoch.objects.update_or_create(pk=1, defaults={"value": 100})


def change() -> None:
    with governed():
        pass


def epoch_at_admission() -> int:
    with admitting():
        return current_epoch()


def test_a_change_waits_for_the_admission_under_way() -> None:
    with admitting():
        beside = Beside(change)
        assert beside.is_held()
        assert current_epoch() == 100
    beside.result()
    assert current_epoch() == 101


def test_an_admission_waits_for_the_change_under_way_and_sees_it() -> None:
    with governed():
        beside = Beside(epoch_at_admission)
        assert beside.is_held()
    assert beside.result() == 101


def test_a_change_waits_for_another_change() -> None:
    with governed():
        beside = Beside(change)
        assert beside.is_held()
    beside.result()
    assert current_epoch() == 102


def test_a_change_that_fails_holds_nobody_up() -> None:
    with pytest.raises(LookupError), governed():
        raise LookupError
    assert Beside(epoch_at_admission).result() == 100


def test_many_changes_at_once_all_count() -> None:
    threads = [Beside(change) for _ in range(8)]
    for thread in threads:
        thread.result()
    assert current_epoch() == 108


def test_admissions_do_not_wait_for_each_other() -> None:
    """On PostgreSQL. SQLite has one writer at a time, whatever it writes."""
    together = threading.Barrier(2)

    def admit() -> bool:
        with admitting():
            if connection.vendor == "postgresql":
                together.wait(WAIT_SECONDS)
            return True

    first, second = Beside(admit), Beside(admit)
    assert first.result()
    assert second.result()


def test_an_admission_is_committed_when_its_block_is_over() -> None:
    """Inside somebody's transaction it wouldn't be, so it refuses to begin there."""
    with governed(), pytest.raises(RuntimeError, match="durable"), admitting():
        pass
