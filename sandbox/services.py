"""Services: what incidents happen to (/v1/services)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.errors import ApiError, in_use, not_found
from sandbox.keys import Right
from sandbox.operations import PAID_PLANS, operation
from sandbox.paging import ordered, page
from sandbox.search_matching import Searchable, compile_query
from sandbox.state import Record

PATH = "/v1/services"
NEEDS = {"configuration": True, "plans": PAID_PLANS}
# The documents write the second one with an underscore in some places and with a hyphen in others.
VISIBILITIES = ("TEAM_MEMBERS", "OPSGENIE_USERS", "OPSGENIE-USERS")
SEARCH = Searchable(
    words=("name", "description", "tags"),
    texts={"description": "description"},
    exact={
        "name": "name",
        "teamid": "teamId",
        "tag": "tags",
        "tags": "tags",
        "visibility": "visibility",
        "id": "id",
    },
)


def find_service(call: Call, identifier: str) -> Record:
    """A service by id, if the key may see it."""
    service = call.state.table("services").get(identifier)
    if service is None:
        raise not_found("Service", identifier)
    call.require_team(service["teamId"])
    return service


def service_view(service: Record) -> Record:
    """A service as reads show it."""
    shown = ("id", "name", "teamId", "description", "visibility", "tags", "isExternal")
    return {name: service[name] for name in shown}


@operation("GET", PATH, Right.READ, **NEEDS)
def list_services(call: Call) -> Answer:
    """A page of services."""
    query = call.query
    limit = query.number("limit", least=1, most=100, default=100)
    offset = query.number("offset", least=0)
    sort = query.choice("sort", ("name", "id"), default="name")
    order = query.choice("order", ("asc", "desc"), default="asc")
    query.check()
    wanted = compile_query(query.text("query"), SEARCH, call.now)
    services = [
        each for each in call.state.table("services").values() if call.sees(each["teamId"]) and wanted(each)
    ]
    shown = [service_view(each) for each in ordered(services, sort, order)[offset : offset + limit]]
    return page(call, shown, offset=offset, limit=limit, total=len(services))


@operation("GET", f"{PATH}/<identifier>", Right.READ, **NEEDS)
def get_service(call: Call, identifier: str) -> Answer:
    """One service."""
    return found(service_view(find_service(call, identifier)))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_service(call: Call) -> Answer:
    """A new service of a team."""
    body = call.body
    service: Record = {
        "id": call.state.new_id(),
        "name": body.text("name", required=True, longest=200),
        "teamId": body.text("teamId", required=True),
        "description": body.text("description", longest=10000),
        "visibility": body.choice("visibility", VISIBILITIES, default="TEAM_MEMBERS").replace("-", "_"),
        "tags": body.strings("tags", most=20, longest=50),
        "isExternal": False,
        "incidentRules": [],
        "incidentTemplates": [],
        "audienceTemplate": {
            "responder": {"teams": [], "individuals": []},
            "stakeholder": {
                "individuals": [],
                "conditionMatchType": "match-all-conditions",
                "conditions": [],
            },
        },
    }
    if body.given("teamId") and service["teamId"] not in call.state.table("teams"):
        body.complain("teamId", f"Team does not exist with id: [{service['teamId']}]")
    body.check()
    call.require_team(service["teamId"])
    ensure_free(call, service["name"])
    call.state.table("services")[service["id"]] = service
    return created({"id": service["id"], "name": service["name"]})


def ensure_free(call: Call, name: str, keeper: str = "") -> None:
    """Refuse a name another service has."""
    for service in call.state.table("services").values():
        if service["name"] == name and service["id"] != keeper:
            raise ApiError(409, "There is already one Service with same name")


@operation("PATCH", f"{PATH}/<identifier>", Right.WRITE, **NEEDS)
def update_service(call: Call, identifier: str) -> Answer:
    """Change the fields given; the team stays."""
    service, body = find_service(call, identifier), call.body
    changes: Record = {}
    if body.given("name"):
        changes["name"] = body.text("name", required=True, longest=200)
    if body.given("description"):
        changes["description"] = body.text("description", longest=10000)
    if body.given("visibility"):
        changes["visibility"] = body.choice("visibility", VISIBILITIES).replace("-", "_")
    if body.given("tags"):
        changes["tags"] = body.strings("tags", most=20, longest=50)
    body.check()
    ensure_free(call, changes.get("name", ""), keeper=identifier)
    service.update(changes)
    return changed("Updated", {"id": identifier, "name": service["name"]})


@operation("DELETE", f"{PATH}/<identifier>", Right.DELETE, **NEEDS)
def delete_service(call: Call, identifier: str) -> Answer:
    """Remove a service no open incident is about."""
    service = find_service(call, identifier)
    for incident in call.state.table("incidents").values():
        if identifier in incident["impactedServices"] and incident["status"] == "open":
            raise in_use("Service", service["name"], f"incident [{incident['tinyId']}]")
    del call.state.table("services")[identifier]
    return changed("Deleted")
