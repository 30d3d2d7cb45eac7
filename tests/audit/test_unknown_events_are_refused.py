from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from audit import log
from audit.events import GOVERNANCE, OPERATIONS, TRAFFIC, Event
from audit.governance import governed
from audit.models import AuditRow
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db


def facts() -> log.CallFacts:
    return log.CallFacts(
        call_id=uuid.uuid4(),
        client_id="",
        client_name="Claude",
        tool_name="opsgenie_get_alert",
        protocol_version="2026-07-28",
    )


@pytest.mark.parametrize("word", ["tool.exploded", "", "TOOL_APPROVED", "call.admitted "])
def test_a_word_outside_the_list_is_not_recorded(word: str) -> None:
    with governed(), pytest.raises(ValueError, match="is not a valid Event"):
        log.record(word, actor=SYSTEM)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not a"):
        log.record_call(word, actor=SYSTEM, facts=facts())  # type: ignore[arg-type]
    assert not AuditRow.objects.exists()


def test_a_row_with_such_a_word_is_not_saved_either() -> None:
    with pytest.raises(ValueError, match="is not a valid Event"):
        AuditRow(at=timezone.now(), event="tool.exploded", actor_kind="system", actor_name="x").save()
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("event", [*GOVERNANCE, *OPERATIONS])
def test_a_call_has_no_steps_but_its_own(event: Event) -> None:
    with governed(), pytest.raises(ValueError, match="not a step of a call"):
        log.record_call(event, actor=SYSTEM, facts=facts())
    assert not AuditRow.objects.exists()


def test_every_event_is_of_exactly_one_kind() -> None:
    assert sorted([*GOVERNANCE, *OPERATIONS, *TRAFFIC]) == sorted(Event)
