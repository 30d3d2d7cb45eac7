"""Escalations (/v2/escalations)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import ensure_name_is_free, find_escalation, owner_id, owner_team
from sandbox.durations import read_duration
from sandbox.errors import in_use
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_recipient, refreshed
from sandbox.state import Record, State
from sandbox.usage import users_of

CONDITIONS = ("if-not-acked", "if-not-closed")
NOTIFY_TYPES = ("default", "next", "previous", "users", "admins", "random", "all")
RECIPIENTS = ("user", "team", "schedule")


def escalation_view(state: State, escalation: Record) -> Record:
    """An escalation as reads show it."""
    rules = [{**rule, "recipient": refreshed(state, rule["recipient"])} for rule in escalation["rules"]]
    shown = {**escalation, "rules": rules}
    return {name: value for name, value in shown.items() if value is not None}


def read_rules(call: Call) -> list[Record]:
    """Read the rules of an escalation; there has to be one."""
    rules = call.body.objects("rules", required=True, most=100)
    if call.body.given("rules") and not rules:
        call.body.complain("rules", "may not be empty")
    return [read_rule(call, rule) for rule in rules]


def read_rule(call: Call, fields: Fields) -> Record:
    """Read one step of an escalation."""
    return {
        "condition": fields.choice("condition", CONDITIONS, required=True),
        "notifyType": fields.choice("notifyType", NOTIFY_TYPES, required=True),
        "delay": read_duration(fields, "delay", required=True),
        "recipient": read_recipient(call.state, fields.object("recipient", required=True), RECIPIENTS),
    }


def read_repeat(call: Call) -> Record | None:
    """Read what happens when every step is over and nobody has reacted."""
    if not call.body.given("repeat"):
        return None
    repeat = call.body.object("repeat")
    return {
        "waitInterval": repeat.number("waitInterval", least=0),
        "count": repeat.number("count", least=0, most=20, default=1),
        "resetRecipientStates": repeat.flag("resetRecipientStates"),
        "closeAlertAfterAll": repeat.flag("closeAlertAfterAll"),
    }


@operation("GET", "/v2/escalations", Right.READ, configuration=True)
def list_escalations(call: Call) -> Answer:
    """All escalations; this list isn't paged."""
    escalations = call.state.table("escalations").values()
    return found([escalation_view(call.state, each) for each in escalations if call.sees(owner_id(each))])


@operation("GET", "/v2/escalations/<identifier>", Right.READ, configuration=True)
def get_escalation(call: Call, identifier: str) -> Answer:
    """One escalation."""
    return found(escalation_view(call.state, find_escalation(call, identifier)))


@operation("POST", "/v2/escalations", Right.WRITE, configuration=True)
def create_escalation(call: Call) -> Answer:
    """A new escalation."""
    body = call.body
    escalation: Record = {
        "id": call.state.new_id(),
        "name": body.text("name", required=True, longest=100),
        "description": body.text("description", longest=10000),
        "ownerTeam": owner_team(call),
        "rules": read_rules(call),
        "repeat": read_repeat(call),
    }
    body.check()
    ensure_name_is_free(call.state, escalation["name"])
    call.state.table("escalations")[escalation["id"]] = escalation
    return created({"id": escalation["id"], "name": escalation["name"]})


@operation("PATCH", "/v2/escalations/<identifier>", Right.WRITE, configuration=True)
def update_escalation(call: Call, identifier: str) -> Answer:
    """Change the fields given; rules, if given, replace all there were."""
    body, escalation = call.body, find_escalation(call, identifier)
    changes: Record = {}
    if body.given("name"):
        changes["name"] = body.text("name", required=True, longest=100)
    if body.given("description"):
        changes["description"] = body.text("description", longest=10000)
    if body.given("ownerTeam"):
        changes["ownerTeam"] = owner_team(call)
    if body.given("rules"):
        changes["rules"] = read_rules(call)
    if body.given("repeat"):
        changes["repeat"] = read_repeat(call)
    body.check()
    ensure_name_is_free(call.state, changes.get("name", ""), keeper=escalation["id"])
    escalation.update(changes)
    return changed("Updated", {"id": escalation["id"], "name": escalation["name"]})


@operation("DELETE", "/v2/escalations/<identifier>", Right.DELETE, configuration=True)
def delete_escalation(call: Call, identifier: str) -> Answer:
    """Remove an escalation nothing refers to."""
    escalation = find_escalation(call, identifier)
    for user in users_of(call.state, "escalation", escalation["id"]):
        raise in_use("Escalation", escalation["name"], user)
    del call.state.table("escalations")[escalation["id"]]
    return changed("Deleted")
