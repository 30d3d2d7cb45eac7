"""Roles within a team (/v2/teams/{identifier}/roles)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import find_team, identifier_type
from sandbox.errors import ApiError, in_use, not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record
from sandbox.teams import BUILT_IN_ROLES

PATH = "/v2/teams/<identifier>/roles"
RIGHTS = (
    "manage-members", "edit-team-roles", "delete-team-roles", "access-member-profiles",
    "edit-member-profiles", "edit-routing-rules", "delete-routing-rules", "edit-escalations",
    "delete-escalations", "edit-schedules", "delete-schedules", "edit-integrations",
    "delete-integrations", "edit-heartbeats", "delete-heartbeats", "access-reports", "edit-services",
    "delete-services", "edit-rooms", "delete-rooms", "send-service-status-update", "edit-policies",
    "delete-policies", "edit-maintenance", "delete-maintenance", "edit-automation-actions",
    "delete-automation-actions", "subscription-to-services",
)  # fmt: skip


def team_of(call: Call, identifier: str) -> Record:
    """The team of a role's path, where `identifierType` is about the role."""
    return find_team(call, identifier, parameter="teamIdentifierType")


def find_role(call: Call, team: Record, identifier: str) -> Record:
    """A team's role by id or name."""
    kind = identifier_type(call)
    for role in team["roles"]:
        if role[kind] == identifier:
            return role
    raise not_found("Team role", identifier, kind)


def read_rights(call: Call) -> list[Record]:
    """Read what a role grants and what it doesn't."""
    rights = []
    for fields in call.body.objects("rights", required=True, most=100):
        right = fields.choice("right", RIGHTS, required=True)
        rights.append({"right": right, "granted": fields.flag("granted", default=True)})
    return rights


@operation("GET", PATH, Right.READ, configuration=True)
def list_team_roles(call: Call, identifier: str) -> Answer:
    """A team's own roles."""
    return found(team_of(call, identifier)["roles"])


@operation("GET", f"{PATH}/<role>", Right.READ, configuration=True)
def get_team_role(call: Call, identifier: str, role: str) -> Answer:
    """One role."""
    return found(find_role(call, team_of(call, identifier), role))


@operation("POST", PATH, Right.WRITE, configuration=True)
def create_team_role(call: Call, identifier: str) -> Answer:
    """A new role."""
    team = team_of(call, identifier)
    role: Record = {
        "id": call.state.new_id(),
        "name": call.body.text("name", required=True, longest=100),
        "rights": read_rights(call),
    }
    call.body.check()
    ensure_free(team, role["name"])
    team["roles"].append(role)
    return created({"id": role["id"], "name": role["name"]})


def ensure_free(team: Record, name: str, keeper: Record | None = None) -> None:
    """Refuse a name another role of the team has, or one of those every team has."""
    taken = [each["name"] for each in team["roles"] if each is not keeper]
    if name in taken or name in BUILT_IN_ROLES:
        raise ApiError(409, "There is already one Team Role with same name")


@operation("PATCH", f"{PATH}/<role>", Right.WRITE, configuration=True)
def update_team_role(call: Call, identifier: str, role: str) -> Answer:
    """Change the fields given; members keep a role that is renamed."""
    team = team_of(call, identifier)
    record, body = find_role(call, team, role), call.body
    changes: Record = {}
    if body.given("name"):
        changes["name"] = body.text("name", required=True, longest=100)
    if body.given("rights"):
        changes["rights"] = read_rights(call)
    body.check()
    ensure_free(team, changes.get("name", ""), keeper=record)
    for member in team["members"]:
        if member["role"] == record["name"]:
            member["role"] = changes.get("name", record["name"])
    record.update(changes)
    return changed("Updated", {"id": record["id"], "name": record["name"]})


@operation("DELETE", f"{PATH}/<role>", Right.DELETE, configuration=True)
def delete_team_role(call: Call, identifier: str, role: str) -> Answer:
    """Remove a role no member has."""
    team = team_of(call, identifier)
    record = find_role(call, team, role)
    for member in team["members"]:
        if member["role"] == record["name"]:
            raise in_use("Team role", record["name"], member["user"]["username"])
    team["roles"].remove(record)
    return changed("Deleted")
