from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from audit import log
from audit.events import Event
from audit.models import AuditRow
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db


def detail_of(**given: Any) -> dict[str, Any]:
    """What of it came back from the database."""
    row = log.record(Event.SYNC_FAILED, actor=SYSTEM, **given)
    return AuditRow.objects.get(pk=row.pk).detail


def test_equal_fields_are_left_out() -> None:
    before = {"name": "Opsgenie", "state": "active", "tools": ["a", "b"]}
    after = {"name": "Opsgenie", "state": "paused", "tools": ["a"]}
    assert detail_of(before=before, after=after) == {
        "before": {"state": "active", "tools": ["a", "b"]},
        "after": {"state": "paused", "tools": ["a"]},
    }


def test_what_is_new_is_kept_whole() -> None:
    assert detail_of(after={"name": "Opsgenie", "state": None}) == {
        "after": {"name": "Opsgenie", "state": None}
    }


def test_what_is_gone_is_kept_whole() -> None:
    assert detail_of(before={"name": "Opsgenie"}) == {"before": {"name": "Opsgenie"}}


def test_a_field_that_was_not_there_counts_as_changed() -> None:
    assert detail_of(before={}, after={"name": "Opsgenie"}) == {
        "before": {"name": None},
        "after": {"name": "Opsgenie"},
    }


def test_details_stand_beside_it() -> None:
    assert detail_of(before={"a": 1}, after={"a": 2}, detail={"comment": "why"}) == {
        "comment": "why",
        "before": {"a": 1},
        "after": {"a": 2},
    }


def test_moments_are_kept_in_utc() -> None:
    at = datetime(2026, 7, 28, 12, 30, 15, 123456, UTC)
    assert detail_of(after={"until": at}) == {"after": {"until": "2026-07-28T12:30:15.123Z"}}


def test_the_given_mappings_are_not_touched() -> None:
    before, after, detail = {"a": 1}, {"a": 2, "b": 3}, {"c": 4}
    detail_of(before=before, after=after, detail=detail)
    assert (before, after, detail) == ({"a": 1}, {"a": 2, "b": 3}, {"c": 4})


def test_what_a_database_can_not_hold_does_not_keep_a_row_from_being_written() -> None:
    assert detail_of(detail={"a\0": ["\0", {"b": "c\0d"}], "e": 1}) == {
        "a\ufffd": ["\ufffd", {"b": "c\ufffdd"}],
        "e": 1,
    }
