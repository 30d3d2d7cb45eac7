"""Integrations and their API keys (/v2/integrations)."""

import uuid

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import owner_id, owner_team
from sandbox.errors import ApiError, not_found
from sandbox.keys import RIGHT_FIELDS, Right
from sandbox.operations import operation
from sandbox.state import Record

PATH = "/v2/integrations"
NEEDS = {"configuration": True, "domain": "Integration Configuration"}
FLAGS = ("suppressNotifications", "ignoreTeamsFromPayload", "ignoreRespondersFromPayload")
# These belong to the integration's identity; a body can't set them.
FIXED = ("id", "apiKey", "enabled", "ownerTeam")


def find_integration(call: Call, integration_id: str) -> Record:
    """An integration by id, if the key may see it."""
    integration = call.state.table("integrations").get(integration_id)
    if integration is None:
        raise not_found("Integration", integration_id)
    call.require_team(owner_id(integration))
    return integration


def integration_meta(integration: Record, *, key: bool = False) -> Record:
    """The short form of an integration. Its key is only told where it is created."""
    shown = {name: integration[name] for name in ("id", "name", "enabled", "type")}
    if integration.get("ownerTeam"):
        shown["teamId"] = integration["ownerTeam"]["id"]
    return {**shown, "apiKey": integration["apiKey"]} if key else shown


def read_integration(call: Call, present: Record | None) -> Record:
    """Read an integration. What the sandbox doesn't know of a type's own fields is kept as it came."""
    body = call.body
    known = {
        "name": body.text("name", required=True, longest=250),
        "type": present["type"] if present else body.text("type", required=True, longest=50),
        **{name: body.flag(name) for name in FLAGS},
        **{
            name: body.flag(name, default=right is not Right.CONFIGURATION)
            for name, right in RIGHT_FIELDS.items()
        },
    }
    if present and body.given("type") and body.text("type") != present["type"]:
        body.complain("type", "can not be changed")
    body.check()
    for other in call.state.table("integrations").values():
        if other["name"] == known["name"] and other is not present:
            raise ApiError(409, "There is already one Integration with same name")
    own = {name: value for name, value in body.document.items() if name not in FIXED}
    return {**own, **known}


@operation("GET", PATH, Right.READ, **NEEDS)
def list_integrations(call: Call) -> Answer:
    """All integrations, or those of a type or a team."""
    query = call.query
    wanted = {"type": query.text("type"), "teamId": query.text("teamId")}
    team_name = query.text("teamName")
    query.check()
    shown = []
    for integration in call.state.table("integrations").values():
        meta = integration_meta(integration)
        named = (integration.get("ownerTeam") or {}).get("name", "")
        if not call.sees(owner_id(integration)) or (team_name and named != team_name):
            continue
        if all(not value or meta.get(name) == value for name, value in wanted.items()):
            shown.append(meta)
    return found(shown)


@operation("GET", f"{PATH}/<integration_id>", Right.READ, **NEEDS)
def get_integration(call: Call, integration_id: str) -> Answer:
    """One integration, its key included."""
    integration = find_integration(call, integration_id)
    shown = {name: value for name, value in integration.items() if name != "actions" and value is not None}
    return found({**shown, "_readOnly": ["id", "apiKey", "type"]})


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_integration(call: Call) -> Answer:
    """A new integration with a new key, which works at once."""
    integration = {
        **read_integration(call, None),
        "id": call.state.new_id(),
        "enabled": call.body.flag("enabled", default=True),
        "apiKey": str(uuid.uuid4()),
        "ownerTeam": owner_team(call),
    }
    call.body.check()
    call.state.table("integrations")[integration["id"]] = integration
    return created(integration_meta(integration, key=True))


@operation("PUT", f"{PATH}/<integration_id>", Right.WRITE, **NEEDS)
def update_integration(call: Call, integration_id: str) -> Answer:
    """Replace an integration; id, key and type stay."""
    integration = find_integration(call, integration_id)
    fields = read_integration(call, integration)
    kept = {name: integration.get(name) for name in (*FIXED, "actions") if name in integration}
    if call.body.given("enabled"):
        kept["enabled"] = call.body.flag("enabled")
    if call.body.given("ownerTeam"):
        kept["ownerTeam"] = owner_team(call)
    call.body.check()
    integration.clear()
    integration.update({**fields, **kept})
    return changed("Updated", integration_meta(integration))


@operation("DELETE", f"{PATH}/<integration_id>", Right.DELETE, **NEEDS)
def delete_integration(call: Call, integration_id: str) -> Answer:
    """Remove an integration; its key is unknown from then on."""
    del call.state.table("integrations")[find_integration(call, integration_id)["id"]]
    return changed("Deleted")


@operation("POST", f"{PATH}/<integration_id>/enable", Right.WRITE, **NEEDS)
def enable_integration(call: Call, integration_id: str) -> Answer:
    """Accept an integration's key again."""
    integration = find_integration(call, integration_id)
    integration["enabled"] = True
    return created(integration_meta(integration), result="Enabled")


@operation("POST", f"{PATH}/<integration_id>/disable", Right.WRITE, **NEEDS)
def disable_integration(call: Call, integration_id: str) -> Answer:
    """Accept an integration's key no longer, even if it is the one this request was made with."""
    integration = find_integration(call, integration_id)
    integration["enabled"] = False
    return created(integration_meta(integration), result="Disabled")


@operation("POST", f"{PATH}/authenticate", Right.READ, domain="Integration")
def authenticate_integration(call: Call) -> Answer:
    """Tell whether a key is good and belongs to an integration of a type."""
    wanted = call.body.text("type", required=True)
    call.body.check()
    integration = call.state.table("integrations").get(call.key.integration_id)
    if integration is None or integration["type"] != wanted:
        raise ApiError(422, f"API key does not belong to an integration of type [{wanted}]")
    return changed("Authenticated", integration_meta(integration))
