"""Overrides of a schedule (/v2/schedules/{identifier}/overrides). Their key is an alias."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.coverage import overrides_of
from sandbox.directory import find_schedule
from sandbox.errors import ApiError, not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_recipient, refreshed
from sandbox.state import Record
from sandbox.times import format_instant

PATH = "/v2/schedules/<identifier>/overrides"


def read_override(call: Call, schedule: Record) -> Record:
    """Read who takes over, when and in which rotations; none given means all."""
    body = call.body
    start, end = body.required_instant("startDate"), body.required_instant("endDate")
    if end <= start:
        body.complain("endDate", "should be later than startDate")
    user = read_recipient(
        call.state, body.object("user", required=True), ("user", "team", "escalation"), default_type="user"
    )
    rotations = []
    for reference in body.objects("rotations", most=100):
        wanted = reference.text("id") or reference.text("name")
        rotation = next(
            (each for each in schedule["rotations"] if wanted in (each["id"], each["name"])), None
        )
        if rotation is None:
            reference.complain("id", f"Rotation does not exist: [{wanted}]")
        else:
            rotations.append({"id": rotation["id"], "name": rotation["name"]})
    body.check()
    return {
        "user": user,
        "startDate": format_instant(start),
        "endDate": format_instant(end),
        "rotations": rotations,
    }


def find_override(call: Call, schedule: Record, alias: str) -> Record:
    """A schedule's override by alias."""
    for override in overrides_of(call.state, schedule["id"]):
        if override["alias"] == alias:
            return override
    raise not_found("Override", alias, "alias")


def override_view(call: Call, schedule: Record, override: Record) -> Record:
    """An override as reads show it."""
    parent = {"id": schedule["id"], "name": schedule["name"], "enabled": schedule["enabled"]}
    shown = {name: value for name, value in override.items() if name != "scheduleId"}
    return {"_parent": parent, **shown, "user": refreshed(call.state, override["user"])}


@operation("GET", PATH, Right.READ, configuration=True)
def list_schedule_overrides(call: Call, identifier: str) -> Answer:
    """A schedule's overrides."""
    schedule = find_schedule(call, identifier)
    return found([override_view(call, schedule, each) for each in overrides_of(call.state, schedule["id"])])


@operation("GET", f"{PATH}/<alias>", Right.READ, configuration=True)
def get_schedule_override(call: Call, identifier: str, alias: str) -> Answer:
    """One override."""
    schedule = find_schedule(call, identifier)
    return found(override_view(call, schedule, find_override(call, schedule, alias)))


@operation("POST", PATH, Right.WRITE, configuration=True)
def create_schedule_override(call: Call, identifier: str) -> Answer:
    """Cover a stretch of a schedule. Without an alias one is made up."""
    schedule = find_schedule(call, identifier)
    alias = call.body.text("alias", longest=512) or call.state.new_id()
    override = read_override(call, schedule)
    if any(each["alias"] == alias for each in overrides_of(call.state, schedule["id"])):
        raise ApiError(409, f"There is already one override with alias [{alias}]")
    call.state.table("overrides")[f"{schedule['id']}/{alias}"] = {
        "alias": alias,
        "scheduleId": schedule["id"],
        **override,
    }
    return created({"alias": alias})


@operation("PUT", f"{PATH}/<alias>", Right.WRITE, configuration=True)
def update_schedule_override(call: Call, identifier: str, alias: str) -> Answer:
    """Replace an override."""
    schedule = find_schedule(call, identifier)
    override = find_override(call, schedule, alias)
    override.update(read_override(call, schedule))
    return changed("Updated", {"alias": alias})


@operation("DELETE", f"{PATH}/<alias>", Right.DELETE, configuration=True)
def delete_schedule_override(call: Call, identifier: str, alias: str) -> Answer:
    """Remove an override."""
    schedule = find_schedule(call, identifier)
    find_override(call, schedule, alias)
    del call.state.table("overrides")[f"{schedule['id']}/{alias}"]
    return changed("Deleted")
