"""Who is on call now, at a date, and next (/v2/schedules/on-calls and friends)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sandbox.answers import Answer, TextAnswer, found
from sandbox.calls import Call
from sandbox.coverage import MOMENT, Period, final_periods, notified_users, on_call_at, users_on_call
from sandbox.directory import find_schedule, find_user, owner_id
from sandbox.icalendar import calendar_export
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import refreshed
from sandbox.schedules import recipient_view, schedule_meta
from sandbox.state import Record, State

ON_CALL = {"configuration": True, "domain": "Schedule-oncalls"}
# How far ahead a next shift is looked for; an empty answer beyond it.
HORIZON = timedelta(days=100)
MINUTES = {"days": 1440, "hours": 60, "minutes": 1, "seconds": 1 / 60}


def instant_asked(call: Call) -> datetime:
    """The `date` parameter, or now."""
    instant = call.query.instant("date")
    call.query.check()
    return instant or call.now


def participant_tree(state: State, period: Period, instant: datetime) -> Record:
    """A participant with, for a team or an escalation, those behind it."""
    participant = _nested(state, period.recipient, instant, frozenset())
    if period.forwarded_from:
        participant["forwardedFrom"] = recipient_view(period.forwarded_from)
    return participant


def _nested(state: State, recipient: Record, instant: datetime, seen: frozenset[str]) -> Record:
    participant = recipient_view(recipient)
    identifier = participant["id"]
    if identifier in seen:
        return participant
    seen = seen | {identifier}
    if recipient["type"] == "team" and identifier in state.table("teams"):
        members = state.table("teams")[identifier]["members"]
        participant["onCallParticipants"] = [
            recipient_view({"type": "user", **member["user"]}) for member in members
        ]
    elif recipient["type"] == "escalation" and identifier in state.table("escalations"):
        participant["onCallParticipants"] = [
            {
                **_nested(state, refreshed(state, rule["recipient"]), instant, seen),
                "escalationTime": round(
                    rule["delay"]["timeAmount"] * MINUTES.get(rule["delay"]["timeUnit"], 0)
                ),
                "notifyType": rule["notifyType"],
            }
            for rule in state.table("escalations")[identifier]["rules"]
        ]
    elif recipient["type"] == "schedule" and identifier in state.table("schedules"):
        periods = on_call_at(state, state.table("schedules")[identifier], instant)
        participant["onCallParticipants"] = [
            _nested(state, each.recipient, instant, seen) for each in periods
        ]
    return participant


def on_call_view(call: Call, schedule: Record, instant: datetime, *, flat: bool) -> Record:
    """Who is on call for one schedule."""
    if flat:
        users = users_on_call(call.state, schedule, instant)
        return {"_parent": schedule_meta(schedule), "onCallRecipients": [user["username"] for user in users]}
    periods = on_call_at(call.state, schedule, instant)
    participants = [participant_tree(call.state, period, instant) for period in periods]
    return {"_parent": schedule_meta(schedule), "onCallParticipants": participants}


@operation("GET", "/v2/schedules/on-calls", Right.READ, **ON_CALL)
def list_on_calls(call: Call) -> Answer:
    """Who is on call for every schedule that is enabled."""
    instant, flat = instant_asked(call), call.query.flag("flat")
    call.query.check()
    schedules = call.state.table("schedules").values()
    visible = [schedule for schedule in schedules if schedule["enabled"] and call.sees(owner_id(schedule))]
    return found([on_call_view(call, schedule, instant, flat=flat) for schedule in visible])


@operation("GET", "/v2/schedules/<identifier>/on-calls", Right.READ, **ON_CALL)
def get_on_calls(call: Call, identifier: str) -> Answer:
    """Who is on call for one schedule."""
    schedule, instant, flat = find_schedule(call, identifier), instant_asked(call), call.query.flag("flat")
    call.query.check()
    return found(on_call_view(call, schedule, instant, flat=flat))


@operation("GET", "/v2/schedules/<identifier>/next-on-calls", Right.READ, **ON_CALL)
def get_next_on_calls(call: Call, identifier: str) -> Answer:
    """Who comes next: per rotation, and (exact) at the very next change of the schedule.

    The names of the fields with and without `flat` are swapped against those of on-calls. That is Opsgenie's.
    """
    schedule, instant, flat = find_schedule(call, identifier), instant_asked(call), call.query.flag("flat")
    call.query.check()
    following = next_periods(call.state, schedule, instant)
    first_change = min((period.start for period in following), default=None)
    exact = [period for period in following if period.start == first_change]
    names = ("nextOnCallParticipants", "exactNextOnCallParticipants")
    if not flat:
        names = ("nextOnCallRecipients", "exactNextOnCallRecipients")
    data: Record = {"_parent": schedule_meta(schedule)}
    for name, periods in zip(names, (following, exact), strict=True):
        data[name] = usernames(call.state, periods) if flat else trees(call.state, periods)
    return found(data)


def next_periods(state: State, schedule: Record, instant: datetime) -> list[Period]:
    """For each rotation, the first period after `instant` that brings somebody else."""
    if not schedule["enabled"]:
        return []
    following = []
    for rotation in schedule["rotations"]:
        periods = final_periods(state, schedule, rotation, instant, instant + HORIZON)
        present = next((each.recipient["id"] for each in periods if each.start <= instant), None)
        later = (each for each in periods if each.start > instant and each.recipient["id"] != present)
        following += [period for period in [next(later, None)] if period]
    return following


def usernames(state: State, periods: Iterable[Period]) -> list[str]:
    """Everybody the periods stand for, once each."""
    names = [
        user["username"]
        for period in periods
        for user in notified_users(state, period.recipient, period.start)
    ]
    return list(dict.fromkeys(names))


def trees(state: State, periods: Iterable[Period]) -> list[Record]:
    """The periods' participants."""
    return [participant_tree(state, period, period.start + MOMENT) for period in periods]


@operation("GET", "/v2/schedules/on-calls/<identifier>.ics", Right.READ, **ON_CALL)
def export_user_on_calls(call: Call, identifier: str) -> TextAnswer:
    """A user's coming three months on call, over all schedules."""
    user = find_user(call.state, identifier)
    entries = [
        (schedule["name"], period)
        for schedule in call.state.table("schedules").values()
        if call.sees(owner_id(schedule))
        for rotation in schedule["rotations"]
        for period in final_periods(call.state, schedule, rotation, call.now, call.now + timedelta(days=90))
        if period.recipient.get("id") == user["id"]
    ]
    return calendar_export(user["username"], entries, call.now)
