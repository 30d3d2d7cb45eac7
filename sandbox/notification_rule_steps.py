"""The steps of a notification rule (/v2/users/{identifier}/notification-rules/{ruleId}/steps)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.errors import not_found
from sandbox.keys import Right
from sandbox.notification_rules import NEEDS, find_rule, read_step
from sandbox.operations import operation
from sandbox.state import Record

PATH = "/v2/users/<identifier>/notification-rules/<rule_id>/steps"


def find_step(rule: Record, step_id: str) -> Record:
    """A step of a rule by id."""
    for step in rule["steps"]:
        if step["id"] == step_id:
            return step
    raise not_found("Step", step_id)


def step_view(rule: Record, step: Record) -> Record:
    """A step with the rule it belongs to."""
    shown = {name: value for name, value in step.items() if value is not None}
    return {"_parent": {"id": rule["id"], "name": rule["name"]}, **shown}


@operation("GET", PATH, Right.READ, configuration=True)
def list_notification_rule_steps(call: Call, identifier: str, rule_id: str) -> Answer:
    """The steps of a rule."""
    rule = find_rule(call, identifier, rule_id)
    return found([step_view(rule, step) for step in rule["steps"]])


@operation("GET", f"{PATH}/<step_id>", Right.READ, configuration=True)
def get_notification_rule_step(call: Call, identifier: str, rule_id: str, step_id: str) -> Answer:
    """One step."""
    rule = find_rule(call, identifier, rule_id)
    return found(step_view(rule, find_step(rule, step_id)))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_notification_rule_step(call: Call, identifier: str, rule_id: str) -> Answer:
    """Add a step; it comes last."""
    rule = find_rule(call, identifier, rule_id)
    step = read_step(call, call.body, None)
    call.body.check()
    rule["steps"].append(step)
    return created({"id": step["id"]})


@operation("PATCH", f"{PATH}/<step_id>", Right.WRITE, **NEEDS)
def update_notification_rule_step(call: Call, identifier: str, rule_id: str, step_id: str) -> Answer:
    """Change the fields given."""
    step = find_step(find_rule(call, identifier, rule_id), step_id)
    changes = read_step(call, call.body, step)
    call.body.check()
    step.update(changes)
    return changed("Updated", {"id": step_id})


@operation("DELETE", f"{PATH}/<step_id>", Right.DELETE, **NEEDS)
def delete_notification_rule_step(call: Call, identifier: str, rule_id: str, step_id: str) -> Answer:
    """Remove a step."""
    rule = find_rule(call, identifier, rule_id)
    rule["steps"].remove(find_step(rule, step_id))
    return changed("Deleted")


@operation("POST", f"{PATH}/<step_id>/enable", Right.WRITE, **NEEDS)
def enable_notification_rule_step(call: Call, identifier: str, rule_id: str, step_id: str) -> Answer:
    """Take a step again."""
    find_step(find_rule(call, identifier, rule_id), step_id)["enabled"] = True
    return changed("Enabled", {"id": step_id})


@operation("POST", f"{PATH}/<step_id>/disable", Right.WRITE, **NEEDS)
def disable_notification_rule_step(call: Call, identifier: str, rule_id: str, step_id: str) -> Answer:
    """Leave a step out."""
    find_step(find_rule(call, identifier, rule_id), step_id)["enabled"] = False
    return changed("Disabled", {"id": step_id})
