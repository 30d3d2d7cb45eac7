"""When the people of the seeded company are on call, and who is told what."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.rotation_calendar import RotationCalendar, to_instant
from sandbox.seed_people import team_called, user_called
from sandbox.state import Record, State
from sandbox.times import format_instant

# A Monday; the wall clock of each schedule says 09:00 when its rotations begin.
FIRST_HANDOVER = datetime(2025, 1, 6, 9)  # noqa: DTZ001  (a wall-clock time)


WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def _day(start: int, end: int) -> Record:
    return {
        "type": "time-of-day",
        "restriction": {"startHour": start, "startMin": 0, "endHour": end, "endMin": 0},
    }


def _week(*windows: tuple[str, int, str, int]) -> Record:
    return {
        "type": "weekday-and-time-of-day",
        "restrictions": [
            {
                "startDay": start_day,
                "startHour": start,
                "startMin": 0,
                "endDay": end_day,
                "endHour": end,
                "endMin": 0,
            }
            for start_day, start, end_day, end in windows
        ],
    }


# team, name, type, length, restriction, participants
ROTATIONS: tuple[tuple[str, str, str, int, Record | None, tuple[str, ...]], ...] = (
    (
        "Payments",
        "Primary",
        "weekly",
        1,
        None,
        ("Lukas Brandt", "Hannah Weiss", "Claire Dubois", "Amara Okafor"),
    ),
    ("Payments", "Backup", "daily", 1, None, ("Hannah Weiss", "Amara Okafor", "Lukas Brandt")),
    (
        "Parcel Tracking",
        "Working days",
        "weekly",
        1,
        _week(("monday", 6, "friday", 20)),
        ("Daniel Kruger", "Maya Thompson", "Mateo Fuentes"),
    ),
    (
        "Parcel Tracking",
        "Weekend",
        "weekly",
        1,
        _week(("friday", 20, "monday", 6)),
        ("Sofia Almeida", "Daniel Kruger", "Maya Thompson"),
    ),
    ("Route Planning", "Half days", "hourly", 12, None, ("Rohan Iyer", "Grace Tan", "Priya Raman")),
    ("Platform", "Europe", "daily", 1, _day(6, 14), ("Tomasz Wilk", "Owen Gallagher")),
    ("Platform", "Americas", "daily", 1, _day(14, 22), ("Sofia Almeida",)),
    ("Platform", "Asia-Pacific", "daily", 1, _day(22, 6), ("Jack Whitlock", "Kenji Morita")),
    (
        "Customer Portal",
        "Office hours",
        "weekly",
        1,
        _week(*((day, 8, day, 18) for day in WORKING_DAYS)),
        ("Owen Gallagher", "Claire Dubois", "Leila Haddad"),
    ),
    ("Depot Systems", "Depots", "weekly", 2, None, ("Jack Whitlock", "Grace Tan", "Kenji Morita")),
)


def add_schedules(state: State, now: datetime) -> None:
    """Give every team's schedule real rotations, and the account what no team owns."""
    for team_name in dict.fromkeys(rotation[0] for rotation in ROTATIONS):
        _schedule(state, f"{team_name}_schedule")["rotations"] = []
    for team_name, name, kind, length, restriction, participants in ROTATIONS:
        schedule = _schedule(state, f"{team_name}_schedule")
        starts = to_instant(FIRST_HANDOVER, ZoneInfo(schedule["timezone"]))
        schedule["rotations"].append(
            {
                "id": state.new_id(),
                "name": name,
                "startDate": format_instant(starts),
                "endDate": None,
                "type": kind,
                "length": length,
                "participants": [_user(state, participant) for participant in participants],
                "timeRestriction": restriction,
            }
        )
    _add_incident_commanders(state)
    _add_major_incident_escalation(state)
    _add_routing_rules(state)
    _add_absences(state, now)


def _schedule(state: State, name: str) -> Record:
    return next(each for each in state.table("schedules").values() if each["name"] == name)


def _user(state: State, full_name: str) -> Record:
    user = user_called(state, full_name)
    return {"type": "user", "id": user["id"], "username": user["username"]}


def _add_incident_commanders(state: State) -> None:
    """A schedule of nobody's own, in which the Platform escalation takes a turn."""
    platform = next(
        each for each in state.table("escalations").values() if each["name"] == "Platform_escalation"
    )
    escalation = {"type": "escalation", "id": platform["id"], "name": platform["name"]}
    starts = to_instant(FIRST_HANDOVER, ZoneInfo("Europe/Oslo"))
    identifier = state.new_id()
    state.table("schedules")[identifier] = {
        "id": identifier,
        "name": "Incident commanders",
        "description": "Who leads when several teams are hit",
        "timezone": "Europe/Oslo",
        "enabled": True,
        "ownerTeam": None,
        "rotations": [
            {
                "id": state.new_id(),
                "name": "Commander",
                "startDate": format_instant(starts),
                "endDate": None,
                "type": "weekly",
                "length": 1,
                "participants": [_user(state, "Tomasz Wilk"), _user(state, "Priya Raman"), escalation],
                "timeRestriction": None,
            }
        ],
    }


def _add_major_incident_escalation(state: State) -> None:
    """From the commander on call over the admins to everybody in Platform."""
    commanders, platform = _schedule(state, "Incident commanders"), team_called(state, "Platform")
    steps = (
        (0, "default", {"type": "schedule", "id": commanders["id"], "name": commanders["name"]}),
        (10, "default", _user(state, "Ingrid Solheim")),
        (20, "all", {"type": "team", "id": platform["id"], "name": platform["name"]}),
    )
    identifier = state.new_id()
    state.table("escalations")[identifier] = {
        "id": identifier,
        "name": "Major incident",
        "description": "For what can't wait for one team",
        "ownerTeam": None,
        "rules": [
            {
                "condition": "if-not-acked",
                "notifyType": notify_type,
                "delay": {"timeAmount": minutes, "timeUnit": "minutes"},
                "recipient": recipient,
            }
            for minutes, notify_type, recipient in steps
        ],
        "repeat": {"waitInterval": 30, "count": 2, "resetRecipientStates": True, "closeAlertAfterAll": False},
    }


def _add_routing_rules(state: State) -> None:
    """Payments takes the worst to the commander; the portal lets trifles wait for office hours."""
    major = next(each for each in state.table("escalations").values() if each["name"] == "Major incident")
    _route(
        state,
        "Payments",
        "Worst case",
        {"field": "priority", "operation": "equals", "expectedValue": "P1"},
        {"type": "escalation", "id": major["id"], "name": major["name"]},
    )
    _route(
        state,
        "Customer Portal",
        "Trifles",
        {"field": "priority", "operation": "equals", "expectedValue": "P5"},
        {"type": "none"},
    )


def _route(state: State, team_name: str, name: str, condition: Record, notify: Record) -> None:
    team = team_called(state, team_name)
    rule = {
        "id": state.new_id(),
        "name": name,
        "isDefault": False,
        "order": 0,
        "criteria": {"type": "match-all-conditions", "conditions": [{**condition, "not": False}]},
        "timezone": team["routingRules"][-1]["timezone"],
        "timeRestriction": None,
        "notify": notify,
    }
    team["routingRules"].insert(0, rule)
    for position, each in enumerate(team["routingRules"]):
        each["order"] = position


def _add_absences(state: State, now: datetime) -> None:
    """Somebody covers the Payments primary right now; Kenji is away and Grace has his notifications."""
    schedule = _schedule(state, "Payments_schedule")
    primary = schedule["rotations"][0]
    hour = now.replace(minute=0, second=0, microsecond=0)
    on_call = RotationCalendar(primary, schedule["timezone"]).participant_at(now)
    # The one whose turn is two weeks away, so that the cover is never the one who is covered.
    position = primary["participants"].index(on_call) if on_call else 0
    cover = primary["participants"][(position + 2) % len(primary["participants"])]
    state.table("overrides")[f"{schedule['id']}/cover-dentist"] = {
        "alias": "cover-dentist",
        "scheduleId": schedule["id"],
        "user": cover,
        "startDate": format_instant(hour - timedelta(hours=2)),
        "endDate": format_instant(hour + timedelta(hours=10)),
        "rotations": [{"id": primary["id"], "name": primary["name"]}],
    }
    away, stand_in = user_called(state, "Kenji Morita"), user_called(state, "Grace Tan")
    identifier = state.new_id()
    state.table("forwarding_rules")[identifier] = {
        "id": identifier,
        "alias": "kenji-away",
        "fromUser": {"id": away["id"], "username": away["username"]},
        "toUser": {"id": stand_in["id"], "username": stand_in["username"]},
        "startDate": format_instant(hour - timedelta(days=2)),
        "endDate": format_instant(hour + timedelta(days=5)),
    }
