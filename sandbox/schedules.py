"""Schedules and their timelines (/v2/schedules)."""

from datetime import datetime, timedelta

from sandbox.answers import Answer, TextAnswer, changed, created, found
from sandbox.calls import Call
from sandbox.coverage import Period, base_periods, final_periods, forwarding_periods, override_periods
from sandbox.directory import ensure_name_is_free, find_schedule, owner_id, owner_team
from sandbox.errors import in_use, unprocessable
from sandbox.fields import Fields
from sandbox.icalendar import calendar_export
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.rotations import read_rotation, rotation_document
from sandbox.state import Record, State
from sandbox.times import format_instant
from sandbox.usage import users_of

SCHEDULE = {"configuration": True}
INTERVAL_DAYS = {"days": 1, "weeks": 7, "months": 31}
LONGEST_TIMELINE_DAYS = 366
LAYERS = ("base", "forwarding", "override")


def schedule_view(call: Call, schedule: Record, *, rotations: bool) -> Record:
    """A schedule as reads show it."""
    shown = {name: value for name, value in schedule.items() if name not in ("rotations", "ownerTeam")}
    if schedule.get("ownerTeam"):
        shown["ownerTeam"] = schedule["ownerTeam"]
    shown["rotations"] = (
        [rotation_document(call, each) for each in schedule["rotations"]] if rotations else []
    )
    return shown


def schedule_meta(schedule: Record) -> Record:
    """The short form of a schedule, as mutations and `_parent` show it."""
    return {"id": schedule["id"], "name": schedule["name"], "enabled": schedule["enabled"]}


@operation("GET", "/v2/schedules", Right.READ, **SCHEDULE)
def list_schedules(call: Call) -> Answer:
    """All schedules; this list isn't paged."""
    expand = "rotation" in call.query.strings("expand")
    schedules = [each for each in call.state.table("schedules").values() if call.sees(owner_id(each))]
    return found([schedule_view(call, each, rotations=expand) for each in schedules], expandable=["rotation"])


@operation("GET", "/v2/schedules/<identifier>", Right.READ, **SCHEDULE)
def get_schedule(call: Call, identifier: str) -> Answer:
    """One schedule with its rotations."""
    return found(schedule_view(call, find_schedule(call, identifier), rotations=True))


@operation("POST", "/v2/schedules", Right.WRITE, **SCHEDULE)
def create_schedule(call: Call) -> Answer:
    """A new schedule, perhaps with rotations."""
    body = call.body
    schedule: Record = {
        "id": call.state.new_id(),
        "name": body.text("name", required=True, longest=100),
        "description": body.text("description", longest=10000),
        "timezone": body.timezone("timezone", default="UTC"),
        "enabled": body.flag("enabled", default=True),
        "ownerTeam": owner_team(call),
        "rotations": [
            read_rotation(call, each, None, ordinal) for ordinal, each in enumerate(rotation_bodies(call), 1)
        ],
    }
    body.check()
    ensure_name_is_free(call.state, schedule["name"])
    call.state.table("schedules")[schedule["id"]] = schedule
    return created(schedule_meta(schedule))


def rotation_bodies(call: Call) -> list[Fields]:
    """The rotations of a schedule's body."""
    return call.body.objects("rotations", most=100)


@operation("PATCH", "/v2/schedules/<identifier>", Right.WRITE, **SCHEDULE)
def update_schedule(call: Call, identifier: str) -> Answer:
    """Change the fields given; rotations, if given, replace all there were."""
    body, schedule = call.body, find_schedule(call, identifier)
    changes: Record = {}
    if body.given("name"):
        changes["name"] = body.text("name", required=True, longest=100)
    if body.given("description"):
        changes["description"] = body.text("description", longest=10000)
    if body.given("timezone"):
        changes["timezone"] = body.timezone("timezone", default="UTC")
    if body.given("enabled"):
        changes["enabled"] = body.flag("enabled", default=True)
    if body.given("ownerTeam"):
        changes["ownerTeam"] = owner_team(call)
    if body.given("rotations"):
        changes["rotations"] = [
            read_rotation(call, each, None, ordinal) for ordinal, each in enumerate(rotation_bodies(call), 1)
        ]
    body.check()
    ensure_name_is_free(call.state, changes.get("name", ""), keeper=schedule["id"])
    schedule.update(changes)
    return changed("Updated", schedule_meta(schedule))


@operation("DELETE", "/v2/schedules/<identifier>", Right.DELETE, **SCHEDULE)
def delete_schedule(call: Call, identifier: str) -> Answer:
    """Remove a schedule nothing refers to."""
    schedule = find_schedule(call, identifier)
    for user in users_of(call.state, "schedule", schedule["id"]):
        raise in_use("Schedule", schedule["name"], user)
    remove_schedule(call.state, schedule["id"])
    return changed("Deleted")


def remove_schedule(state: State, schedule_id: str) -> None:
    """Forget a schedule and its overrides."""
    del state.table("schedules")[schedule_id]
    overrides = state.table("overrides")
    for key in [key for key, override in overrides.items() if override["scheduleId"] == schedule_id]:
        del overrides[key]


@operation("GET", "/v2/schedules/<identifier>/timeline", Right.READ, **SCHEDULE)
def get_schedule_timeline(call: Call, identifier: str) -> Answer:
    """Who is on call over an interval; the layers asked for in `expand` come besides the final one."""
    schedule = find_schedule(call, identifier)
    start, end = timeline_interval(call)
    layers = call.query.strings("expand")
    if unknown := [layer for layer in layers if layer not in LAYERS]:
        raise unprocessable(
            {"expand": f"Unknown layer '{unknown[0]}', should be among [ {', '.join(LAYERS)} ]"}
        )
    data = {
        "_parent": schedule_meta(schedule),
        "startDate": format_instant(start),
        "endDate": format_instant(end),
        "finalTimeline": timeline(call, schedule, "final", start, end),
    }
    for layer in LAYERS:
        if layer in layers:
            data[f"{layer}Timeline"] = timeline(call, schedule, layer, start, end)
    return found(data, expandable=[layer for layer in LAYERS if layer not in layers])


def timeline_interval(call: Call) -> tuple[datetime, datetime]:
    """The interval a timeline covers: one week from now unless told otherwise."""
    query = call.query
    start = query.instant("date") or call.now.replace(microsecond=0)
    unit = query.choice("intervalUnit", tuple(INTERVAL_DAYS), default="weeks")
    days = query.number("interval", least=1, default=1) * INTERVAL_DAYS[unit]
    if days > LONGEST_TIMELINE_DAYS:
        query.complain("interval", "should not cover more than a year")
    query.check()
    return start, start + timedelta(days=days)


def timeline(call: Call, schedule: Record, layer: str, start: datetime, end: datetime) -> Record:
    """One layer of a timeline, rotation by rotation."""
    rotations = []
    for order, rotation in enumerate(schedule["rotations"], 1):
        periods = layer_periods(call.state, schedule, rotation, layer, start, end)
        shown = [period_view(call, period, historical=layer == "final") for period in periods]
        rotations.append(
            {"id": rotation["id"], "name": rotation["name"], "order": float(order), "periods": shown}
        )
    return {"rotations": rotations}


def layer_periods(
    state: State, schedule: Record, rotation: Record, layer: str, start: datetime, end: datetime
) -> list[Period]:
    """The periods of one rotation in one layer."""
    if layer == "base":
        return base_periods(state, schedule, rotation, start, end)
    if layer == "override":
        return override_periods(state, schedule, rotation, start, end)
    if layer == "forwarding":
        return forwarding_periods(state, base_periods(state, schedule, rotation, start, end))
    return final_periods(state, schedule, rotation, start, end)


def period_view(call: Call, period: Period, *, historical: bool) -> Record:
    """A period as timelines show it; in the final one, what is over is called historical."""
    over = historical and period.end <= call.now
    shown: Record = {
        "startDate": format_instant(period.start),
        "endDate": format_instant(period.end),
        "type": "historical" if over else period.kind,
        "recipient": recipient_view(period.recipient),
    }
    if period.forwarded_from:
        shown["fromUser"] = recipient_view(period.forwarded_from)["name"]
        # A name here, where on-calls have an object.
        shown["recipient"]["forwardedFrom"] = shown["fromUser"]
    return shown


def recipient_view(recipient: Record) -> Record:
    """On-call answers call a user's username its name."""
    name = recipient.get("username") or recipient.get("name", "")
    return {"id": recipient.get("id", ""), "type": recipient["type"], "name": name}


@operation("GET", "/v2/schedules/<identifier>.ics", Right.READ, **SCHEDULE)
def export_schedule(call: Call, identifier: str) -> TextAnswer:
    """The coming three months of a schedule as a calendar."""
    schedule = find_schedule(call, identifier)
    start, end = call.now, call.now + timedelta(days=90)
    periods = [
        period
        for rotation in schedule["rotations"]
        for period in final_periods(call.state, schedule, rotation, start, end)
    ]
    return calendar_export(schedule["name"], [(schedule["name"], period) for period in periods], call.now)
