"""What a schedule comes to: rotations, covered by overrides, passed on by forwarding rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.recipients import refreshed
from sandbox.rotation_calendar import RotationCalendar
from sandbox.state import Record, State
from sandbox.times import parse_instant

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Period:
    """A stretch of a timeline. `kind` is default, override or forwarding."""

    start: datetime
    end: datetime
    recipient: Record
    kind: str = "default"
    forwarded_from: Record | None = None


def base_periods(
    state: State, schedule: Record, rotation: Record, start: datetime, end: datetime
) -> list[Period]:
    """What the rotation alone says."""
    calendar = RotationCalendar(rotation, schedule["timezone"])
    return [
        Period(shift.start, shift.end, refreshed(state, shift.participant))
        for shift in calendar.shifts(start, end)
    ]


def override_periods(
    state: State, schedule: Record, rotation: Record, start: datetime, end: datetime
) -> list[Period]:
    """The schedule's overrides that touch the rotation, oldest first. Without rotations, it touches all."""
    periods = []
    for override in overrides_of(state, schedule["id"]):
        rotations = {each["id"] for each in override["rotations"]}
        first = max(parse_instant(override["startDate"]), start)
        last = min(parse_instant(override["endDate"]), end)
        if first < last and (not rotations or rotation["id"] in rotations):
            periods.append(Period(first, last, refreshed(state, override["user"]), "override"))
    return periods


def overrides_of(state: State, schedule_id: str) -> list[Record]:
    """A schedule's overrides, oldest first."""
    return [each for each in state.table("overrides").values() if each["scheduleId"] == schedule_id]


def forwarding_periods(state: State, periods: Iterable[Period]) -> list[Period]:
    """The parts of the given periods that forwarding rules pass on to somebody else."""
    return [period for period in forwarded(state, periods) if period.kind == "forwarding"]


def final_periods(
    state: State, schedule: Record, rotation: Record, start: datetime, end: datetime
) -> list[Period]:
    """Who is really on call for a rotation. The newest override wins, then forwarding applies."""
    periods = base_periods(state, schedule, rotation, start, end)
    for override in override_periods(state, schedule, rotation, start, end):
        periods = [*_without(periods, override), override]
    return sorted(forwarded(state, periods), key=lambda period: period.start)


def _without(periods: Iterable[Period], hole: Period) -> Iterator[Period]:
    for period in periods:
        if period.start < hole.start:
            yield replace(period, end=min(period.end, hole.start))
        if period.end > hole.end:
            yield replace(period, start=max(period.start, hole.end))
        # A period that ends before the hole, or starts after it, comes out of exactly one of the two whole.


def forwarded(state: State, periods: Iterable[Period]) -> Iterator[Period]:
    """Cut periods where a forwarding rule of their user starts or ends. Rules don't chain."""
    rules = list(state.table("forwarding_rules").values())
    for period in periods:
        pieces = [period]
        for rule in rules:
            if rule["fromUser"]["id"] == period.recipient.get("id"):
                pieces = [part for piece in pieces for part in _apply_rule(state, piece, rule)]
        yield from pieces


def _apply_rule(state: State, period: Period, rule: Record) -> Iterator[Period]:
    first = max(parse_instant(rule["startDate"]), period.start)
    last = min(parse_instant(rule["endDate"]), period.end)
    if first >= last or period.kind == "forwarding":
        yield period
        return
    if period.start < first:
        yield replace(period, end=first)
    target = refreshed(state, {"type": "user", **rule["toUser"]})
    yield Period(first, last, target, "forwarding", forwarded_from=period.recipient)
    if last < period.end:
        yield replace(period, start=last)


def on_call_at(state: State, schedule: Record, instant: datetime) -> list[Period]:
    """The periods in force at an instant, one per rotation at most."""
    if not schedule["enabled"]:
        return []
    return [
        period
        for rotation in schedule["rotations"]
        for period in final_periods(state, schedule, rotation, instant, instant + MOMENT)
    ]


def users_on_call(state: State, schedule: Record, instant: datetime) -> list[Record]:
    """The users a schedule would notify at an instant, teams and escalations included."""
    users: dict[str, Record] = {}
    for period in on_call_at(state, schedule, instant):
        for user in notified_users(state, period.recipient, instant, seen=frozenset({schedule["id"]})):
            users[user["id"]] = user
    return list(users.values())


def notified_users(
    state: State, recipient: Record, instant: datetime, seen: frozenset[str] = frozenset()
) -> list[Record]:
    """Who a recipient stands for at an instant. `seen` keeps circles from looping."""
    identifier = recipient.get("id", "")
    if identifier in seen:
        return []
    seen = seen | {identifier}
    if recipient["type"] == "user":
        user = state.table("users").get(identifier)
        return [user] if user else []
    found: list[Record] = []
    if recipient["type"] == "team":
        team = state.table("teams").get(identifier, {"members": []})
        for member in team["members"]:
            found += notified_users(state, {"type": "user", "id": member["user"]["id"]}, instant, seen)
    elif recipient["type"] == "escalation":
        escalation = state.table("escalations").get(identifier, {"rules": []})
        for rule in escalation["rules"]:
            found += notified_users(state, rule["recipient"], instant, seen)
    elif recipient["type"] == "schedule" and identifier in state.table("schedules"):
        for period in on_call_at(state, state.table("schedules")[identifier], instant):
            found += notified_users(state, period.recipient, instant, seen)
    return list({user["id"]: user for user in found}.values())
