"""Routing rules of a team: who hears of an alert the team gets (/v2/teams/{identifier}/routing-rules)."""

from datetime import datetime

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.conditions import matches, read_filter
from sandbox.directory import find_team
from sandbox.errors import ApiError, not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_recipient, refreshed
from sandbox.restrictions import read_restriction
from sandbox.rotation_calendar import is_within
from sandbox.state import Record, State

PATH = "/v2/teams/<identifier>/routing-rules"
NOTIFIED = ("escalation", "schedule", "none")


def route(team: Record, alert: Record, now: datetime) -> Record | None:
    """Whom the first matching rule notifies, or None if it says nobody."""
    for rule in team["routingRules"]:
        if matches(rule["criteria"], alert) and is_within(rule["timeRestriction"], rule["timezone"], now):
            return None if rule["notify"]["type"] == "none" else rule["notify"]
    return None


def rule_view(state: State, rule: Record) -> Record:
    """A routing rule as reads show it."""
    shown = {**rule, "notify": refreshed(state, rule["notify"])}
    return {name: value for name, value in shown.items() if value is not None}


def find_rule(team: Record, rule_id: str) -> Record:
    """A routing rule of a team by id."""
    for rule in team["routingRules"]:
        if rule["id"] == rule_id:
            return rule
    raise not_found("Routing rule", rule_id)


def read_rule(call: Call, present: Record | None) -> Record:
    """Read a new rule, or the changes to a present one, into a whole record."""
    body, new = call.body, present is None
    rule: Record = {
        "id": call.state.new_id(),
        "name": "",
        "isDefault": False,
        "order": 0,
        "criteria": {"type": "match-all"},
        "timezone": "UTC",
        "timeRestriction": None,
        "notify": {"type": "none"},
        **(present or {}),
    }
    if body.given("name"):
        rule["name"] = body.text("name", longest=100)
    if body.given("criteria"):
        rule["criteria"] = read_filter(body.object("criteria"))
    if body.given("timezone"):
        rule["timezone"] = body.timezone("timezone", default="UTC")
    if body.given("timeRestriction"):
        rule["timeRestriction"] = read_restriction(body)
    if new or body.given("notify"):
        rule["notify"] = read_recipient(call.state, body.object("notify", required=True), NOTIFIED)
    return rule


def place(team: Record, rule: Record, order: int) -> None:
    """Put a rule at a position. The default rule stays last: nothing after it would ever be asked."""
    others = [each for each in team["routingRules"] if each["id"] != rule["id"] and not each["isDefault"]]
    defaults = [each for each in team["routingRules"] if each["isDefault"]]
    others.insert(order, rule)
    team["routingRules"] = [*others, *defaults]
    for position, each in enumerate(team["routingRules"]):
        each["order"] = position


@operation("GET", PATH, Right.READ, configuration=True)
def list_team_routing_rules(call: Call, identifier: str) -> Answer:
    """A team's routing rules, in the order they are asked."""
    team = find_team(call, identifier)
    return found([rule_view(call.state, rule) for rule in team["routingRules"]])


@operation("GET", f"{PATH}/<rule_id>", Right.READ, configuration=True)
def get_team_routing_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """One routing rule."""
    return found(rule_view(call.state, find_rule(find_team(call, identifier), rule_id)))


@operation("POST", PATH, Right.WRITE, configuration=True)
def create_team_routing_rule(call: Call, identifier: str) -> Answer:
    """A new rule; without an order it comes first."""
    team = find_team(call, identifier)
    rule = read_rule(call, None)
    order = call.body.number("order", least=0)
    call.body.check()
    place(team, rule, order)
    return created({"id": rule["id"], "name": rule["name"]})


@operation("PATCH", f"{PATH}/<rule_id>", Right.WRITE, configuration=True)
def update_team_routing_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Change the fields given."""
    rule = find_rule(find_team(call, identifier), rule_id)
    changes = read_rule(call, rule)
    call.body.check()
    rule.update(changes)
    return changed("Updated", {"id": rule["id"], "name": rule["name"]})


@operation("DELETE", f"{PATH}/<rule_id>", Right.DELETE, configuration=True)
def delete_team_routing_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Remove a rule; the default one stays."""
    team = find_team(call, identifier)
    rule = find_rule(team, rule_id)
    if rule["isDefault"]:
        raise ApiError(422, "Default routing rule can not be deleted")
    team["routingRules"].remove(rule)
    for position, each in enumerate(team["routingRules"]):
        each["order"] = position
    return changed("Deleted")


@operation("POST", f"{PATH}/<rule_id>/change-order", Right.WRITE, configuration=True)
def change_team_routing_rule_order(call: Call, identifier: str, rule_id: str) -> Answer:
    """Move a rule; the order decides which one an alert meets first."""
    team = find_team(call, identifier)
    rule = find_rule(team, rule_id)
    order = call.body.number("order", required=True, least=0)
    call.body.check()
    if rule["isDefault"]:
        raise ApiError(422, "Order of the default routing rule can not be changed")
    place(team, rule, order)
    return changed("Updated", {"id": rule["id"], "name": rule["name"]})
