"""When and how a user is notified (/v2/users/{identifier}/notification-rules)."""

import copy

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.conditions import read_filter
from sandbox.contacts import METHODS
from sandbox.directory import find_user
from sandbox.durations import read_duration
from sandbox.errors import not_found, unprocessable
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_recipient, refreshed
from sandbox.restrictions import read_restriction
from sandbox.state import Record, State

PATH = "/v2/users/<identifier>/notification-rules"
NEEDS = {"configuration": True, "account_wide": True}
ACTION_TYPES = (
    "create-alert",
    "acknowledged-alert",
    "closed-alert",
    "renotified-alert",
    "assigned-alert",
    "add-note",
    "schedule-start",
    "schedule-end",
    "incoming-call-routing",
)
NOTIFY_TIMES = ("just-before", "15-minutes-ago", "1-hour-ago", "1-day-ago")
# Copying calls one of the action types by another name.
COPIED_TYPES = {"new-alert": "create-alert", **{name: name for name in ACTION_TYPES}}


def rules_of(state: State, user: Record) -> list[Record]:
    """A user's rules, in their order."""
    rules = [each for each in state.table("notification_rules").values() if each["userId"] == user["id"]]
    return sorted(rules, key=lambda rule: (ACTION_TYPES.index(rule["actionType"]), rule["order"]))


def find_rule(call: Call, identifier: str, rule_id: str) -> Record:
    """A user's rule by id."""
    user = find_user(call.state, identifier)
    rule = call.state.table("notification_rules").get(rule_id)
    if rule is None or rule["userId"] != user["id"]:
        raise not_found("Notification rule", rule_id)
    return rule


def rule_meta(rule: Record) -> Record:
    """The short form of a rule."""
    return {name: rule[name] for name in ("id", "name", "actionType", "order", "enabled")}


def rule_view(call: Call, rule: Record) -> Record:
    """A rule as get shows it."""
    schedules = [refreshed(call.state, each) for each in rule["schedules"]]
    shown = {**rule, "schedules": schedules}
    return {name: value for name, value in shown.items() if value is not None and name != "userId"}


def read_step(call: Call, fields: Fields, present: Record | None) -> Record:
    """Read one step of a rule: through which contact, and after how long."""
    new = present is None
    step: Record = {
        "id": call.state.new_id(),
        "contact": {},
        "sendAfter": None,
        "enabled": True,
        **(present or {}),
    }
    if new or fields.given("contact"):
        contact = fields.object("contact", required=True)
        step["contact"] = {
            "method": contact.choice("method", METHODS, required=True),
            "to": contact.text("to", required=True),
        }
    if fields.given("sendAfter"):
        step["sendAfter"] = read_duration(fields, "sendAfter")
    if fields.given("enabled"):
        step["enabled"] = fields.flag("enabled")
    return step


def read_rule(call: Call, present: Record | None) -> Record:
    """Read a new rule, or the changes to a present one, into a whole record."""
    body, new = call.body, present is None
    rule: Record = {
        "id": call.state.new_id(),
        "name": "",
        "actionType": "",
        "criteria": None,
        "notificationTime": [],
        "order": 0,
        "timeRestriction": None,
        "steps": [],
        "schedules": [],
        "repeat": None,
        "enabled": True,
        **(present or {}),
    }
    if new or body.given("name"):
        rule["name"] = body.text("name", required=True, longest=100)
    if new:
        rule["actionType"] = body.choice("actionType", ACTION_TYPES, required=True)
    if body.given("criteria"):
        rule["criteria"] = read_filter(body.object("criteria"))
    if body.given("notificationTime"):
        rule["notificationTime"] = body.strings("notificationTime")
    if any(time not in NOTIFY_TIMES for time in rule["notificationTime"]):
        body.complain("notificationTime", f"should be among [ {', '.join(NOTIFY_TIMES)} ]")
    if rule["actionType"] in ("schedule-start", "schedule-end") and not rule["notificationTime"]:
        body.complain("notificationTime", "may not be empty")
    if body.given("timeRestriction"):
        rule["timeRestriction"] = read_restriction(body)
    if body.given("schedules"):
        schedules = body.objects("schedules")
        rule["schedules"] = [
            read_recipient(call.state, each, ("schedule",), default_type="schedule") for each in schedules
        ]
    # The Go client writes the plural wrong.
    for name in ("steps", "step"):
        if body.given(name):
            rule["steps"] = [read_step(call, each, None) for each in body.objects(name, most=20)]
    if body.given("repeat"):
        repeat = body.object("repeat")
        rule["repeat"] = {
            "loopAfter": repeat.number("loopAfter", least=0),
            "enabled": repeat.flag("enabled", default=True),
        }
    rule["enabled"] = body.flag("enabled", default=rule["enabled"])
    body.check()
    return rule


def place(call: Call, user: Record, rule: Record, order: int) -> None:
    """Put a rule at a position among those of its action type."""
    others = [
        each
        for each in rules_of(call.state, user)
        if each["actionType"] == rule["actionType"] and each["id"] != rule["id"]
    ]
    others.insert(order, rule)
    for position, each in enumerate(others):
        each["order"] = position


@operation("GET", PATH, Right.READ, configuration=True)
def list_notification_rules(call: Call, identifier: str) -> Answer:
    """A user's rules in short."""
    return found([rule_meta(rule) for rule in rules_of(call.state, find_user(call.state, identifier))])


@operation("GET", f"{PATH}/<rule_id>", Right.READ, configuration=True)
def get_notification_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """One rule with its steps."""
    return found(rule_view(call, find_rule(call, identifier, rule_id)))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_notification_rule(call: Call, identifier: str) -> Answer:
    """A new rule; without an order it comes last."""
    user = find_user(call.state, identifier)
    rule = {"userId": user["id"], **read_rule(call, None)}
    order = call.body.number("order", least=0, default=len(rules_of(call.state, user)))
    call.body.check()
    call.state.table("notification_rules")[rule["id"]] = rule
    place(call, user, rule, order)
    return created(rule_meta(rule))


@operation("PATCH", f"{PATH}/<rule_id>", Right.WRITE, **NEEDS)
def update_notification_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Change the fields given; steps, if given, replace all there were."""
    rule = find_rule(call, identifier, rule_id)
    rule.update(read_rule(call, rule))
    if call.body.given("order"):
        order = call.body.number("order", least=0)
        call.body.check()
        place(call, find_user(call.state, identifier), rule, order)
    return changed("Updated", rule_meta(rule))


@operation("DELETE", f"{PATH}/<rule_id>", Right.DELETE, **NEEDS)
def delete_notification_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Remove a rule."""
    del call.state.table("notification_rules")[find_rule(call, identifier, rule_id)["id"]]
    return changed("Deleted")


@operation("POST", f"{PATH}/<rule_id>/enable", Right.WRITE, **NEEDS)
def enable_notification_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Apply a rule again."""
    rule = find_rule(call, identifier, rule_id)
    rule["enabled"] = True
    return changed("Enabled", {"id": rule_id, "name": rule["name"]})


@operation("POST", f"{PATH}/<rule_id>/disable", Right.WRITE, **NEEDS)
def disable_notification_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Apply a rule no longer."""
    rule = find_rule(call, identifier, rule_id)
    rule["enabled"] = False
    return changed("Disabled", {"id": rule_id, "name": rule["name"]})


@operation("POST", f"{PATH}/<rule_id>/change-order", Right.WRITE, **NEEDS)
def change_notification_rule_order(call: Call, identifier: str, rule_id: str) -> Answer:
    """Move a rule among those of its action type."""
    rule = find_rule(call, identifier, rule_id)
    order = call.body.number("order", required=True, least=0)
    call.body.check()
    place(call, find_user(call.state, identifier), rule, order)
    return changed("Updated", {"id": rule_id, "name": rule["name"]})


@operation("POST PATCH", f"{PATH}/copy-to", Right.WRITE, **NEEDS)
def copy_notification_rules(call: Call, identifier: str) -> Answer:
    """Replace other users' rules of some types by this user's; "all" means everybody, or every type."""
    source, body = find_user(call.state, identifier), call.body
    names, kinds = body.strings("toUsers"), body.strings("ruleTypes")
    for name, values in (("toUsers", names), ("ruleTypes", kinds)):
        if not values:
            body.complain(name, "may not be empty")
    if unknown := [kind for kind in kinds if kind not in ("all", *COPIED_TYPES)]:
        body.complain("ruleTypes", f"Unknown rule type '{unknown[0]}'")
    body.check()
    everybody = list(call.state.table("users").values())
    targets = everybody if "all" in names else [find_user(call.state, name) for name in names]
    types = set(ACTION_TYPES) if "all" in kinds else {COPIED_TYPES[kind] for kind in kinds}
    if targets == [source]:
        raise unprocessable({"toUsers": "should name somebody else"})
    for target in targets:
        if target["id"] != source["id"]:
            replace_rules(call.state, source, target, types)
    return changed("Copied")


def replace_rules(state: State, source: Record, target: Record, types: set[str]) -> None:
    """Give one user copies of another's rules instead of the own ones of the same types."""
    table = state.table("notification_rules")
    for rule in rules_of(state, target):
        if rule["actionType"] in types:
            del table[rule["id"]]
    for rule in rules_of(state, source):
        if rule["actionType"] in types:
            duplicate = {**copy.deepcopy(rule), "id": state.new_id(), "userId": target["id"]}
            for step in duplicate["steps"]:
                step["id"] = state.new_id()
            table[duplicate["id"]] = duplicate
