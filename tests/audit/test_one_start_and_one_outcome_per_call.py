from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction

from audit import log
from audit.events import CALL_STARTS, OUTCOMES, Event
from audit.models import AuditRow
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db


def step(event: Event, call_id: uuid.UUID) -> AuditRow:
    facts = log.CallFacts(
        call_id=call_id, client_id="", client_name="", tool_name="opsgenie_get_alert", protocol_version=""
    )
    with transaction.atomic():
        return log.record_call(event, actor=SYSTEM, facts=facts)


@pytest.mark.parametrize("second", CALL_STARTS)
@pytest.mark.parametrize("first", CALL_STARTS)
def test_a_call_starts_once(first: Event, second: Event) -> None:
    call_id = uuid.uuid4()
    step(first, call_id)
    with pytest.raises(IntegrityError):
        step(second, call_id)
    assert [row.event for row in AuditRow.objects.traffic_of(call_id)] == [first]


@pytest.mark.parametrize("second", OUTCOMES)
@pytest.mark.parametrize("first", OUTCOMES)
def test_a_call_ends_once(first: Event, second: Event) -> None:
    call_id = uuid.uuid4()
    step(Event.CALL_ADMITTED, call_id)
    step(first, call_id)
    with pytest.raises(IntegrityError):
        step(second, call_id)
    assert [row.event for row in AuditRow.objects.traffic_of(call_id)] == [Event.CALL_ADMITTED, first]


def test_calls_do_not_stand_in_each_others_way() -> None:
    calls = [uuid.uuid4() for _ in range(3)]
    for call_id in calls:
        step(Event.CALL_ADMITTED, call_id)
    for call_id, outcome in zip(calls, OUTCOMES, strict=True):
        step(outcome, call_id)
    assert AuditRow.objects.count() == 6


def test_rows_that_are_no_steps_share_no_call() -> None:
    for _ in range(2):
        log.record(Event.REQUEST_REFUSED, actor=SYSTEM)
        log.record(Event.AUTHENTICATION_FAILED, actor=SYSTEM)
    assert AuditRow.objects.filter(call_id=None).count() == 4
