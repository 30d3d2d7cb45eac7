"""Passing a user's notifications on to another one for a while (/v2/forwarding-rules)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import identifier_type, user_named
from sandbox.errors import ApiError, not_found
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record
from sandbox.times import format_instant

PATH = "/v2/forwarding-rules"
NEEDS = {"configuration": True, "account_wide": True}


def read_user_reference(call: Call, fields: Fields) -> Record:
    """Read a user that has to exist, by id or username."""
    identifier, username = fields.text("id"), fields.text("username")
    user = call.state.table("users").get(identifier) or user_named(call.state, username)
    if user is None:
        fields.complain("id", f"User does not exist: [{identifier or username}]")
        return {}
    return {"id": user["id"], "username": user["username"]}


def read_rule(call: Call) -> Record:
    """Read who forwards to whom, and when."""
    body = call.body
    source = read_user_reference(call, body.object("fromUser", required=True))
    target = read_user_reference(call, body.object("toUser", required=True))
    start, end = body.required_instant("startDate"), body.required_instant("endDate")
    if end <= start:
        body.complain("endDate", "should be later than startDate")
    if source and source == target:
        body.complain("toUser", "should not be the same as fromUser")
    body.check()
    return {
        "fromUser": source,
        "toUser": target,
        "startDate": format_instant(start),
        "endDate": format_instant(end),
    }


def find_rule(call: Call, identifier: str) -> Record:
    """A forwarding rule by id or alias."""
    kind = identifier_type(call, options=("id", "alias"))
    for rule in call.state.table("forwarding_rules").values():
        if rule[kind] == identifier:
            return rule
    raise not_found("Forwarding rule", identifier, kind)


@operation("GET", PATH, Right.READ, **NEEDS)
def list_forwarding_rules(call: Call) -> Answer:
    """All forwarding rules."""
    return found(list(call.state.table("forwarding_rules").values()))


@operation("GET", f"{PATH}/<identifier>", Right.READ, **NEEDS)
def get_forwarding_rule(call: Call, identifier: str) -> Answer:
    """One forwarding rule."""
    return found(find_rule(call, identifier))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_forwarding_rule(call: Call) -> Answer:
    """A new forwarding rule. Without an alias one is made up."""
    alias = call.body.text("alias", longest=512) or call.state.new_id()
    rule = {"id": call.state.new_id(), "alias": alias, **read_rule(call)}
    if any(each["alias"] == alias for each in call.state.table("forwarding_rules").values()):
        raise ApiError(409, f"There is already one forwarding rule with alias [{alias}]")
    call.state.table("forwarding_rules")[rule["id"]] = rule
    return created({"id": rule["id"], "alias": alias})


@operation("PUT", f"{PATH}/<identifier>", Right.WRITE, **NEEDS)
def update_forwarding_rule(call: Call, identifier: str) -> Answer:
    """Replace a forwarding rule."""
    rule = find_rule(call, identifier)
    rule.update(read_rule(call))
    return changed("Updated", {"id": rule["id"], "alias": rule["alias"]})


@operation("DELETE", f"{PATH}/<identifier>", Right.DELETE, **NEEDS)
def delete_forwarding_rule(call: Call, identifier: str) -> Answer:
    """Remove a forwarding rule."""
    del call.state.table("forwarding_rules")[find_rule(call, identifier)["id"]]
    return changed("Deleted")
