from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit import log
from audit.events import Event
from audit.governance import current_epoch, governed
from audit.models import AuditRow, PolicyEpoch
from tests.conftest import SYSTEM
from tools.models import Review


def change_that_fails() -> None:
    with governed():
        log.record(Event.TOOL_APPROVED, actor=SYSTEM)
        raise LookupError


def change_and_then_fail() -> None:
    with governed():
        log.record(Event.TOOL_APPROVED, actor=SYSTEM)
    raise LookupError


def change_that_can_not_be_committed() -> None:
    with governed():
        log.record(Event.TOOL_APPROVED, actor=SYSTEM)
        Review.objects.create(tool_id=987_654, decision="approve", from_state="pending", reviewer="x")


@pytest.mark.django_db
def test_it_moves_once_a_block() -> None:
    start = current_epoch()
    for step in (1, 2, 3):
        with governed():
            log.record(Event.TOOL_APPROVED, actor=SYSTEM)
            log.record(Event.TOOL_DISABLED, actor=SYSTEM)
            assert current_epoch() == start + step
    assert current_epoch() == start + 3


@pytest.mark.django_db
def test_a_block_inside_a_block_is_the_same_change() -> None:
    start = current_epoch()
    with governed():
        with governed(), governed():
            log.record(Event.TOOL_APPROVED, actor=SYSTEM)
        log.record(Event.TOOL_DISABLED, actor=SYSTEM)
    assert current_epoch() == start + 1


@pytest.mark.django_db
def test_it_stays_when_the_change_fails() -> None:
    start = current_epoch()
    with pytest.raises(LookupError):
        change_that_fails()
    assert current_epoch() == start
    assert not AuditRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_stays_when_the_commit_fails() -> None:
    """The database itself refuses at the end: a foreign key that leads nowhere is found at COMMIT."""
    with governed():
        pass
    start = current_epoch()
    with pytest.raises(IntegrityError):
        change_that_can_not_be_committed()
    assert current_epoch() == start
    assert not AuditRow.objects.exists()


@pytest.mark.django_db
def test_it_goes_with_the_transaction_around_it() -> None:
    start = current_epoch()
    with pytest.raises(LookupError), transaction.atomic():
        change_and_then_fail()
    assert current_epoch() == start
    assert not AuditRow.objects.exists()


@pytest.mark.django_db
def test_the_first_change_of_an_installation_counts_as_one() -> None:
    PolicyEpoch.objects.all().delete()
    assert current_epoch() == 0
    with governed():
        pass
    assert current_epoch() == 1
    assert PolicyEpoch.objects.count() == 1
