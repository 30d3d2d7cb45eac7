"""Maintenance windows (/v1/maintenance)."""

from datetime import datetime, timedelta

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.errors import ApiError, not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record
from sandbox.times import format_instant, parse_instant

PATH = "/v1/maintenance"
NEEDS = {"configuration": True, "account_wide": True}
SPANS = {
    "for-5-minutes": timedelta(minutes=5),
    "for-30-minutes": timedelta(minutes=30),
    "for-1-hour": timedelta(hours=1),
}
# The description and the Go client write "for-5-minutes", some documents "5-minutes".
SHORT_NAMES = {name.removeprefix("for-"): name for name in SPANS}
TIME_TYPES = (*SPANS, *SHORT_NAMES, "indefinitely", "schedule")
ENTITIES = ("integration", "policy", "sync")


def status_of(maintenance: Record, now: datetime) -> str:
    """cancelled, past, planned or active."""
    if maintenance["cancelled"]:
        return "cancelled"
    time = maintenance["time"]
    if time.get("endDate") and parse_instant(time["endDate"]) <= now:
        return "past"
    return "planned" if parse_instant(time["startDate"]) > now else "active"


def maintenance_view(call: Call, maintenance: Record, *, rules: bool) -> Record:
    """A maintenance as reads show it; lists leave the rules out."""
    shown = {name: maintenance[name] for name in ("id", "time", "description")}
    shown["status"] = status_of(maintenance, call.now)
    return {**shown, "rules": maintenance["rules"]} if rules else shown


def find_maintenance(call: Call, maintenance_id: str) -> Record:
    """A maintenance by id."""
    maintenance = call.state.table("maintenances").get(maintenance_id)
    if maintenance is None:
        raise not_found("Maintenance", maintenance_id)
    return maintenance


def read_maintenance(call: Call) -> Record:
    """Read when a maintenance is and what it changes meanwhile."""
    body = call.body
    time = body.object("time", required=True)
    written = time.choice("type", TIME_TYPES, required=True)
    kind = SHORT_NAMES.get(written, written)
    start, end = call.now, None
    if kind == "schedule":
        start, end = time.required_instant("startDate"), time.required_instant("endDate")
        if end <= start:
            time.complain("endDate", "should be later than startDate")
    elif span := SPANS.get(kind):
        end = start + span
    rules = []
    for rule in body.objects("rules", required=True, most=20):
        entity = rule.object("entity", required=True)
        rules.append(
            {
                "state": rule.choice("state", ("enabled", "disabled"), default="disabled"),
                "entity": {
                    "id": entity.text("id", required=True),
                    "type": entity.choice("type", ENTITIES, required=True),
                },
            }
        )
    if body.given("rules") and not rules:
        body.complain("rules", "may not be empty")
    description = body.text("description", longest=10000)
    body.check()
    dates = {"startDate": format_instant(start)}
    if end:
        dates["endDate"] = format_instant(end)
    return {"description": description, "time": {"type": kind, **dates}, "rules": rules}


@operation("GET", PATH, Right.READ, **NEEDS)
def list_maintenances(call: Call) -> Answer:
    """All maintenances, or those that are over, or those that aren't."""
    wanted = call.query.choice("type", ("all", "past", "non-expired"), default="all")
    call.query.check()
    shown = [maintenance_view(call, each, rules=False) for each in call.state.table("maintenances").values()]
    if wanted != "all":
        shown = [each for each in shown if (each["status"] in ("past", "cancelled")) is (wanted == "past")]
    return found(shown)


@operation("GET", f"{PATH}/<maintenance_id>", Right.READ, **NEEDS)
def get_maintenance(call: Call, maintenance_id: str) -> Answer:
    """One maintenance with its rules."""
    return found(maintenance_view(call, find_maintenance(call, maintenance_id), rules=True))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_maintenance(call: Call) -> Answer:
    """A new maintenance."""
    maintenance = {"id": call.state.new_id(), "cancelled": False, **read_maintenance(call)}
    call.state.table("maintenances")[maintenance["id"]] = maintenance
    return created(maintenance_view(call, maintenance, rules=False))


@operation("PUT", f"{PATH}/<maintenance_id>", Right.WRITE, **NEEDS)
def update_maintenance(call: Call, maintenance_id: str) -> Answer:
    """Replace a maintenance that isn't over."""
    maintenance = find_unfinished(call, maintenance_id)
    maintenance.update(read_maintenance(call))
    return changed("Updated", maintenance_view(call, maintenance, rules=False))


def find_unfinished(call: Call, maintenance_id: str) -> Record:
    """A maintenance that can still be changed."""
    maintenance = find_maintenance(call, maintenance_id)
    status = status_of(maintenance, call.now)
    if status in ("past", "cancelled"):
        raise ApiError(422, f"Maintenance is {status}, it can not be changed")
    return maintenance


@operation("POST", f"{PATH}/<maintenance_id>/change-end-date", Right.WRITE, **NEEDS)
def change_maintenance_end_date(call: Call, maintenance_id: str) -> Answer:
    """End a maintenance sooner or later than planned."""
    maintenance = find_unfinished(call, maintenance_id)
    end = call.body.required_instant("endDate")
    if end <= max(parse_instant(maintenance["time"]["startDate"]), call.now):
        call.body.complain("endDate", "should be later than now and than startDate")
    call.body.check()
    maintenance["time"].update(type="schedule", endDate=format_instant(end))
    return changed("Updated", maintenance_view(call, maintenance, rules=False))


@operation("POST", f"{PATH}/<maintenance_id>/cancel", Right.WRITE, **NEEDS)
def cancel_maintenance(call: Call, maintenance_id: str) -> Answer:
    """Call a maintenance off."""
    find_unfinished(call, maintenance_id)["cancelled"] = True
    return changed("Cancelled", {"id": maintenance_id})


@operation("DELETE", f"{PATH}/<maintenance_id>", Right.DELETE, **NEEDS)
def delete_maintenance(call: Call, maintenance_id: str) -> Answer:
    """Remove a maintenance."""
    del call.state.table("maintenances")[find_maintenance(call, maintenance_id)["id"]]
    return changed("Deleted")
