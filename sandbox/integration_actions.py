"""What an integration does with what it receives (/v2/integrations/{id}/actions)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.conditions import MATCH_TYPES, OPERATIONS
from sandbox.errors import ApiError
from sandbox.fields import Fields
from sandbox.integrations import NEEDS, PATH, find_integration, integration_meta
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record

KINDS = ("ignore", "create", "close", "acknowledge", "addNote")


def read_action(fields: Fields, kind: str) -> Record:
    """Read an action. Its filter is checked; the fields of its kind are kept as they came."""
    fields.text("name", required=True, longest=250)
    order = fields.number("order", least=0)
    criteria = fields.object("filter", required=True)
    criteria.choice("conditionMatchType", MATCH_TYPES, default="match-all")
    for condition in criteria.objects("conditions", most=100):
        condition.text("field", required=True)
        condition.choice("operation", OPERATIONS, required=True)
    return {**fields.document, "type": kind, "order": order}


def actions_view(integration: Record) -> Record:
    """An integration's actions by kind."""
    actions = integration.get("actions", {})
    return {"_parent": integration_meta(integration), **{kind: actions.get(kind, []) for kind in KINDS}}


@operation("GET", f"{PATH}/<integration_id>/actions", Right.READ, **NEEDS)
def list_integration_actions(call: Call, integration_id: str) -> Answer:
    """An integration's actions."""
    return found(actions_view(find_integration(call, integration_id)))


@operation("POST", f"{PATH}/<integration_id>/actions", Right.WRITE, **NEEDS)
def create_integration_action(call: Call, integration_id: str) -> Answer:
    """Add an action."""
    integration = find_integration(call, integration_id)
    kind = call.body.choice("type", KINDS, required=True)
    action = read_action(call.body, kind)
    call.body.check()
    actions = integration.setdefault("actions", {}).setdefault(kind, [])
    if any(each["name"] == action["name"] for each in actions):
        raise ApiError(409, "There is already one action with same name")
    actions.insert(action["order"], action)
    return created(actions_view(integration))


@operation("PUT", f"{PATH}/<integration_id>/actions", Right.WRITE, **NEEDS)
def replace_integration_actions(call: Call, integration_id: str) -> Answer:
    """Replace all actions; a kind that isn't given has none afterwards."""
    integration = find_integration(call, integration_id)
    actions: Record = {}
    for kind in KINDS:
        actions[kind] = [read_action(each, kind) for each in call.body.objects(kind, most=100)]
    call.body.check()
    integration["actions"] = actions
    return changed("Updated", actions_view(integration))
