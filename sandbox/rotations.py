"""Rotations of a schedule (/v2/schedules/{identifier}/rotations)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import find_schedule
from sandbox.errors import not_found
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_recipient, refreshed
from sandbox.restrictions import read_restriction
from sandbox.rotation_calendar import UNITS
from sandbox.state import Record
from sandbox.times import format_instant, parse_instant

PATH = "/v2/schedules/<identifier>/rotations"
PARTICIPANTS = ("user", "team", "escalation", "none")


def read_rotation(call: Call, fields: Fields, present: Record | None, ordinal: int) -> Record:
    """Read a new rotation, or the changes to a present one, into a whole record."""
    new = present is None
    rotation: Record = {
        "id": call.state.new_id(),
        "name": f"Rot{ordinal}",
        "startDate": None,
        "endDate": None,
        "type": "weekly",
        "length": 1,
        "participants": [],
        "timeRestriction": None,
        **(present or {}),
    }
    if fields.given("name"):
        rotation["name"] = fields.text("name", longest=100)
    for name in ("startDate", "endDate"):
        instant = fields.instant(name, required=new and name == "startDate")
        if instant:
            rotation[name] = format_instant(instant)
    rotation["type"] = fields.choice("type", tuple(UNITS), required=new, default=rotation["type"])
    rotation["length"] = fields.number("length", least=1, most=1000, default=rotation["length"])
    if new or fields.given("participants"):
        participants = fields.objects("participants", required=True, most=200)
        if fields.given("participants") and not participants:
            fields.complain("participants", "may not be empty")
        rotation["participants"] = [read_recipient(call.state, each, PARTICIPANTS) for each in participants]
    if fields.given("timeRestriction"):
        rotation["timeRestriction"] = read_restriction(fields)
    starts, ends = rotation["startDate"], rotation["endDate"]
    if starts and ends and parse_instant(ends) <= parse_instant(starts):
        fields.complain("endDate", "should be later than startDate")
    return rotation


def find_rotation(schedule: Record, rotation_id: str) -> Record:
    """A rotation of a schedule by id."""
    for rotation in schedule["rotations"]:
        if rotation["id"] == rotation_id:
            return rotation
    raise not_found("Rotation", rotation_id)


def rotation_document(call: Call, rotation: Record) -> Record:
    """A rotation as reads show it: present names, nothing that isn't set."""
    participants = [refreshed(call.state, participant) for participant in rotation["participants"]]
    return {
        name: value for name, value in {**rotation, "participants": participants}.items() if value is not None
    }


@operation("GET", PATH, Right.READ, configuration=True)
def list_schedule_rotations(call: Call, identifier: str) -> Answer:
    """A schedule's rotations, in order."""
    schedule = find_schedule(call, identifier)
    return found([rotation_document(call, rotation) for rotation in schedule["rotations"]])


@operation("GET", f"{PATH}/<rotation_id>", Right.READ, configuration=True)
def get_schedule_rotation(call: Call, identifier: str, rotation_id: str) -> Answer:
    """One rotation, with the schedule it belongs to."""
    schedule = find_schedule(call, identifier)
    rotation = rotation_document(call, find_rotation(schedule, rotation_id))
    parent = {"id": schedule["id"], "name": schedule["name"], "enabled": schedule["enabled"]}
    return found({"_parent": parent, **rotation})


@operation("POST", PATH, Right.WRITE, configuration=True)
def create_schedule_rotation(call: Call, identifier: str) -> Answer:
    """Add a rotation; it comes last."""
    schedule = find_schedule(call, identifier)
    rotation = read_rotation(call, call.body, None, len(schedule["rotations"]) + 1)
    call.body.check()
    schedule["rotations"].append(rotation)
    return created({"id": rotation["id"], "name": rotation["name"]})


@operation("PATCH", f"{PATH}/<rotation_id>", Right.WRITE, configuration=True)
def update_schedule_rotation(call: Call, identifier: str, rotation_id: str) -> Answer:
    """Change the fields given."""
    schedule = find_schedule(call, identifier)
    rotation = find_rotation(schedule, rotation_id)
    changes = read_rotation(call, call.body, rotation, 0)
    call.body.check()
    rotation.update(changes)
    return changed("Updated", {"id": rotation["id"], "name": rotation["name"]})


@operation("DELETE", f"{PATH}/<rotation_id>", Right.DELETE, configuration=True)
def delete_schedule_rotation(call: Call, identifier: str, rotation_id: str) -> Answer:
    """Remove a rotation."""
    schedule = find_schedule(call, identifier)
    schedule["rotations"].remove(find_rotation(schedule, rotation_id))
    return changed("Deleted")
