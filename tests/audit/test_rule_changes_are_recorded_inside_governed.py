from __future__ import annotations

import threading

import pytest

from audit import log
from audit.events import GOVERNANCE, OPERATIONS, Event
from audit.governance import governed, inside_governed
from audit.models import AuditRow
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("event", GOVERNANCE)
def test_a_change_of_the_rules_is_refused_outside(event: Event) -> None:
    with pytest.raises(RuntimeError, match="must be recorded inside governed"):
        log.record(event, actor=SYSTEM)
    assert not AuditRow.objects.exists()
    with governed():
        log.record(event, actor=SYSTEM)
    assert [row.event for row in AuditRow.objects.all()] == [event]


@pytest.mark.parametrize("event", [*OPERATIONS, Event.REQUEST_REFUSED, Event.AUTHENTICATION_FAILED])
def test_what_changes_no_rule_needs_no_block(event: Event) -> None:
    log.record(event, actor=SYSTEM)
    assert AuditRow.objects.get().event == event


def test_a_block_that_failed_is_left() -> None:
    with pytest.raises(LookupError), governed():
        raise LookupError
    assert not inside_governed()
    with pytest.raises(RuntimeError, match="must be recorded inside governed"):
        log.record(Event.TOOL_APPROVED, actor=SYSTEM)


def test_another_thread_is_not_inside() -> None:
    seen: list[bool] = []
    with governed():
        thread = threading.Thread(target=lambda: seen.append(inside_governed()))
        thread.start()
        thread.join()
    assert seen == [False]
