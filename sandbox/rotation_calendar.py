"""Who a rotation puts on call, and when.

A daily or weekly rotation hands over at the same wall-clock time in the schedule's time zone, so its shifts
are an hour longer or shorter when the clocks change. An hourly rotation counts real hours. Restrictions are
wall-clock windows too. Everything is computed as UTC instants, and "who is on call at t" and "the shifts
between a and b" come from the same boundaries, so that they can't disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.restrictions import WEEKDAYS
from sandbox.state import Record
from sandbox.times import parse_instant

UNITS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
# Wall clocks move by three hours at most (and once, in Samoa, by a day): enough to look around a window.
MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class Shift:
    """A stretch of time with one participant."""

    start: datetime
    end: datetime
    participant: Record

    def clipped(self, start: datetime, end: datetime) -> "Shift | None":
        """The part of the shift within [start, end), if there is one."""
        first, last = max(self.start, start), min(self.end, end)
        return Shift(first, last, self.participant) if first < last else None


class RotationCalendar:
    """The shifts of one rotation."""

    def __init__(self, rotation: Record, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._start = parse_instant(rotation["startDate"])
        self._end = parse_instant(rotation["endDate"]) if rotation.get("endDate") else None
        self._participants: list[Record] = rotation["participants"]
        self._hourly = rotation["type"] == "hourly"
        self._length = UNITS[rotation["type"]] * (rotation.get("length") or 1)
        self._restriction: Record | None = rotation.get("timeRestriction")

    def boundary(self, number: int) -> datetime:
        """The instant at which shift `number` begins."""
        if self._hourly:
            return self._start + number * self._length
        wall_clock = self._start.astimezone(self._zone).replace(tzinfo=None) + number * self._length
        return to_instant(wall_clock, self._zone)

    def shift_number(self, instant: datetime) -> int:
        """The number of the shift an instant falls in; negative before the rotation starts."""
        number = (instant - self._start) // self._length
        # The estimate ignores clock changes; at most a step or two corrects it.
        while self.boundary(number) > instant:
            number -= 1
        while self.boundary(number + 1) <= instant:
            number += 1
        return number

    def participant_at(self, instant: datetime) -> Record | None:
        """Who is on call at an instant, or None."""
        shift = next(self.shifts(instant, instant + timedelta(microseconds=1)), None)
        return shift.participant if shift else None

    def shifts(self, start: datetime, end: datetime) -> Iterator[Shift]:
        """All shifts within [start, end), cut to the windows of the time restriction, in order."""
        start = max(start, self._start)
        end = min(end, self._end) if self._end else end
        if start >= end or not self._participants:
            return
        number = self.shift_number(start)
        while (shift_start := self.boundary(number)) < end:
            participant = self._participants[number % len(self._participants)]
            shift = Shift(shift_start, self.boundary(number + 1), participant).clipped(start, end)
            if shift and participant["type"] != "none":
                yield from self._restricted(shift)
            number += 1

    def _restricted(self, shift: Shift) -> Iterator[Shift]:
        if self._restriction is None:
            yield shift
            return
        for window_start, window_end in restriction_windows(
            self._restriction, self._zone, shift.start, shift.end
        ):
            part = shift.clipped(window_start, window_end)
            if part:
                yield part


def to_instant(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time. One the clocks skip is read with the offset before the change;
    of one they repeat, the first is meant."""
    return wall_clock.replace(tzinfo=zone, fold=0).astimezone(UTC)


def is_within(restriction: Record | None, timezone: str, instant: datetime) -> bool:
    """Whether a time restriction allows an instant."""
    if restriction is None:
        return True
    after = instant + timedelta(microseconds=1)
    return any(True for _ in restriction_windows(restriction, ZoneInfo(timezone), instant, after))


def restriction_windows(
    restriction: Record, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The windows of a restriction that meet [start, end), merged where they overlap, in order."""
    windows = sorted(
        (to_instant(first, zone), to_instant(last, zone))
        for first, last in _wall_clock_windows(restriction, start.astimezone(zone), end.astimezone(zone))
    )
    merged: list[tuple[datetime, datetime]] = []
    for first, last in windows:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    for first, last in merged:
        if max(first, start) < min(last, end):
            yield max(first, start), min(last, end)


def _wall_clock_windows(
    restriction: Record, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    first_day, last_day = (start - MARGIN).date(), (end + MARGIN).date()
    if restriction["type"] == "time-of-day":
        hours = restriction["restriction"]
        for day in _days(first_day, last_day):
            yield _window(day, hours, timedelta(days=1), end_day=day)
        return
    monday = first_day - timedelta(days=first_day.weekday() + 7)
    for week in _days(monday, last_day, step=7):
        for hours in restriction["restrictions"]:
            start_day = week + timedelta(days=WEEKDAYS.index(hours["startDay"]))
            end_day = week + timedelta(days=WEEKDAYS.index(hours["endDay"]))
            yield _window(start_day, hours, timedelta(weeks=1), end_day=end_day)


def _days(first: date, last: date, step: int = 1) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=step)


def _window(start_day: date, hours: Record, period: timedelta, *, end_day: date) -> tuple[datetime, datetime]:
    """One occurrence; an end that isn't after its start belongs to the next day or week."""
    start = datetime.combine(start_day, time()) + timedelta(
        hours=hours["startHour"], minutes=hours["startMin"]
    )
    end = datetime.combine(end_day, time()) + timedelta(hours=hours["endHour"], minutes=hours["endMin"])
    return start, end if end > start else end + period
