"""Who a rotation puts on call: exactly one at any instant, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.rotation_calendar import RotationCalendar, is_within
from sandbox.times import format_instant

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMES = "abcdefg"


def rotation(start: datetime, **fields: Any) -> dict[str, Any]:
    count = fields.pop("count", 3)
    participants = [{"type": "user", "id": name} for name in NAMES[:count]]
    return {
        "startDate": format_instant(start),
        "type": "weekly",
        "length": 1,
        "participants": participants,
        **fields,
    }


instants = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(
    lambda instant: instant.replace(second=0, microsecond=0, tzinfo=UTC)
)
rotations = st.builds(
    rotation,
    instants,
    type=st.sampled_from(["hourly", "daily", "weekly"]),
    length=st.integers(1, 5),
    count=st.integers(1, 7),
)
hours = st.fixed_dictionaries(
    {
        name: st.integers(0, most)
        for name, most in (("startHour", 23), ("startMin", 59), ("endHour", 24), ("endMin", 59))
    }
)
days = st.fixed_dictionaries({"startDay": st.sampled_from(WEEKDAYS), "endDay": st.sampled_from(WEEKDAYS)})
restrictions = st.one_of(
    st.builds(lambda window: {"type": "time-of-day", "restriction": window}, hours),
    st.builds(
        lambda windows: {"type": "weekday-and-time-of-day", "restrictions": windows},
        st.lists(st.builds(lambda one, two: {**one, **two}, days, hours), min_size=1, max_size=3),
    ),
)


@given(rotations, st.sampled_from(ZONES), st.integers(0, 8000), st.integers(1, 400))
def test_exactly_one_is_on_call_at_any_instant(
    fields: dict[str, Any], zone: str, after: int, span: int
) -> None:
    calendar = RotationCalendar(fields, zone)
    start = datetime.fromisoformat(fields["startDate"]) + timedelta(hours=after)
    end = start + timedelta(hours=span)
    shifts = list(calendar.shifts(start, end))
    assert (shifts[0].start, shifts[-1].end) == (start, end)
    for earlier, later in pairwise(shifts):
        assert earlier.end == later.start
    for shift in (shifts[0], shifts[len(shifts) // 2], shifts[-1]):
        middle = shift.start + (shift.end - shift.start) / 2
        for instant in (shift.start, middle, shift.end - timedelta(microseconds=1)):
            assert calendar.participant_at(instant) == shift.participant


@given(rotations, st.sampled_from(ZONES), restrictions, st.integers(0, 3000))
def test_a_restriction_only_takes_time_away(
    fields: dict[str, Any], zone: str, restriction: dict[str, Any], after: int
) -> None:
    free = RotationCalendar(fields, zone)
    bound = RotationCalendar({**fields, "timeRestriction": restriction}, zone)
    start = datetime.fromisoformat(fields["startDate"]) + timedelta(hours=after)
    shifts = list(bound.shifts(start, start + timedelta(days=9)))
    for earlier, later in pairwise(shifts):
        assert earlier.end <= later.start
    for shift in shifts:
        assert shift.start < shift.end
        assert free.participant_at(shift.start) == shift.participant
    for step in range(0, 9 * 24, 5):
        instant = start + timedelta(hours=step)
        within = is_within(restriction, zone, instant)
        assert (bound.participant_at(instant) is not None) is within
        assert any(shift.start <= instant < shift.end for shift in shifts) is within


@given(rotations, st.sampled_from(ZONES), st.integers(-50, 500))
def test_boundaries_go_forward(fields: dict[str, Any], zone: str, number: int) -> None:
    calendar = RotationCalendar(fields, zone)
    assert calendar.boundary(number) <= calendar.boundary(number + 1)


@pytest.mark.parametrize(("day", "length"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-06-01", 24)])
def test_a_day_has_23_or_25_hours_when_the_clocks_change(day: str, length: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=berlin)
    calendar = RotationCalendar(rotation(datetime(2026, 1, 5, 8, tzinfo=UTC), type="daily"), "Europe/Berlin")
    [shift, *_] = calendar.shifts(start.astimezone(UTC), start.astimezone(UTC) + timedelta(hours=30))
    assert shift.end - shift.start == timedelta(hours=length)
    assert shift.end.astimezone(berlin).hour == 9


def test_hourly_rotations_count_real_hours() -> None:
    calendar = RotationCalendar(
        rotation(datetime(2026, 3, 1, tzinfo=UTC), type="hourly", length=12), "Europe/Berlin"
    )
    night = datetime(2026, 3, 28, tzinfo=UTC)
    shifts = list(calendar.shifts(night, night + timedelta(days=2)))
    assert {shift.end - shift.start for shift in shifts} == {timedelta(hours=12)}


def test_nobody_before_the_start_or_after_the_end() -> None:
    start, end = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 7, 9, tzinfo=UTC)
    calendar = RotationCalendar(rotation(start, type="daily", endDate=format_instant(end)), "UTC")
    moment = timedelta(seconds=1)
    names = [calendar.participant_at(instant) for instant in (start - moment, start, end - moment, end)]
    assert [name and name["id"] for name in names] == [None, "a", "b", None]


def test_a_turn_may_be_nobodys() -> None:
    fields = rotation(datetime(2026, 1, 5, tzinfo=UTC), type="daily")
    fields["participants"][1] = {"type": "none"}
    calendar = RotationCalendar(fields, "UTC")
    assert calendar.participant_at(datetime(2026, 1, 6, 12, tzinfo=UTC)) is None
    assert calendar.participant_at(datetime(2026, 1, 7, 12, tzinfo=UTC))["id"] == "c"


def test_a_window_over_midnight_belongs_to_the_evening() -> None:
    restriction = {
        "type": "time-of-day",
        "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 30},
    }
    within = [
        is_within(restriction, "UTC", datetime(2026, 1, 5, hour, tzinfo=UTC))
        for hour in (21, 22, 23, 0, 6, 7)
    ]
    assert within == [False, True, True, True, True, False]


def test_a_window_over_the_weekend() -> None:
    window = {
        "startDay": "friday",
        "startHour": 18,
        "startMin": 0,
        "endDay": "monday",
        "endHour": 8,
        "endMin": 0,
    }
    restriction = {"type": "weekday-and-time-of-day", "restrictions": [window]}
    instants = [
        datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((2, 17), (2, 18), (4, 12), (5, 7), (5, 8))
    ]
    assert [is_within(restriction, "UTC", instant) for instant in instants] == [
        False,
        True,
        True,
        True,
        False,
    ]
