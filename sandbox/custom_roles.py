"""The account's own user roles (/v2/roles)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import find, identifier_type
from sandbox.errors import ApiError, in_use
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record
from sandbox.users import BUILT_IN_ROLES

NEEDS = {"configuration": True, "account_wide": True}
EXTENDED_ROLES = ("user", "observer", "stakeholder")
RIGHTS = (
    "contacts-edit", "contacts-delete", "notification-rules-edit", "notification-rules-delete",
    "quiet-hours-edit", "who-is-on-call-show-all", "alerts-access-all", "alert-create",
    "alert-acknowledge", "alert-unacknowledge", "alert-snooze", "alert-escalate", "alert-close",
    "alert-delete", "alert-take-ownership", "alert-assign-ownership", "alert-add-recipient",
    "alert-add-team", "alert-edit-tags", "alert-edit-details", "alert-execute-custom-action",
    "alert-add-attachment", "alert-delete-attachment", "alert-add-note", "alert-update-priority",
    "incident-create", "incident-add-stakeholder", "incident-add-responder", "incident-resolve",
    "incident-reopen", "mass-notification-create", "service-access", "schedules-access-all",
    "profile-edit", "logs-page-access", "logs-page-detail-view", "integrations-page-access",
    "teams-page-access",
)  # fmt: skip


def find_role(call: Call, identifier: str) -> Record:
    """A role by id or name."""
    return find(
        call.state, "roles", identifier, kind="Custom user role", identifier_type=identifier_type(call)
    )


def read_role(call: Call, present: Record | None) -> Record:
    """Read a new role, or the changes to a present one, into a whole record."""
    body, new = call.body, present is None
    role: Record = {
        "id": call.state.new_id(),
        "name": "",
        "extendedRole": "user",
        "grantedRights": [],
        "disallowedRights": [],
        **(present or {}),
    }
    if new or body.given("name"):
        role["name"] = body.text("name", required=True, longest=100)
    role["extendedRole"] = body.choice("extendedRole", EXTENDED_ROLES, default=role["extendedRole"])
    for name in ("grantedRights", "disallowedRights"):
        if body.given(name):
            role[name] = body.strings(name, most=100)
            if unknown := [right for right in role[name] if right not in RIGHTS]:
                body.complain(name, f"Unknown right '{unknown[0]}'")
    if both := set(role["grantedRights"]) & set(role["disallowedRights"]):
        body.complain("disallowedRights", f"'{min(both)}' is granted and disallowed")
    body.check()
    built_in = [each.lower() for each in BUILT_IN_ROLES]
    others = [each["name"] for each in call.state.table("roles").values() if each["id"] != role["id"]]
    if role["name"] in others or role["name"].lower() in built_in:
        raise ApiError(409, "There is already one Custom User Role with same name")
    return role


@operation("GET", "/v2/roles", Right.READ, **NEEDS)
def list_custom_roles(call: Call) -> Answer:
    """All roles, without their rights."""
    roles = call.state.table("roles").values()
    return found([{name: role[name] for name in ("id", "name", "extendedRole")} for role in roles])


@operation("GET", "/v2/roles/<identifier>", Right.READ, **NEEDS)
def get_custom_role(call: Call, identifier: str) -> Answer:
    """One role with its rights."""
    return found(find_role(call, identifier))


@operation("POST", "/v2/roles", Right.WRITE, **NEEDS)
def create_custom_role(call: Call) -> Answer:
    """A new role."""
    role = read_role(call, None)
    call.state.table("roles")[role["id"]] = role
    return created({"id": role["id"], "name": role["name"]})


@operation("PUT", "/v2/roles/<identifier>", Right.WRITE, **NEEDS)
def update_custom_role(call: Call, identifier: str) -> Answer:
    """Change the fields given."""
    role = find_role(call, identifier)
    role.update(read_role(call, role))
    for user in call.state.table("users").values():
        if user["role"]["id"] == role["id"]:
            user["role"] = {"id": role["id"], "name": role["name"]}
    return changed("Updated", {"id": role["id"], "name": role["name"]})


@operation("DELETE", "/v2/roles/<identifier>", Right.DELETE, **NEEDS)
def delete_custom_role(call: Call, identifier: str) -> Answer:
    """Remove a role nobody has."""
    role = find_role(call, identifier)
    for user in call.state.table("users").values():
        if user["role"]["id"] == role["id"]:
            raise in_use("Custom user role", role["name"], user["username"])
    del call.state.table("roles")[role["id"]]
    return changed("Deleted")
