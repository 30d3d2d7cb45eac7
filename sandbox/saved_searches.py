"""Saved searches of alerts and of users."""

from sandbox.alerts import searchable_alerts
from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import find, identifier_type, user_named
from sandbox.errors import ApiError
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.search_matching import compile_query
from sandbox.state import Record
from sandbox.times import format_instant

ALERTS = "/v2/alerts/saved-searches"
USERS = "/v2/users/saved-searches"
USER_NEEDS = {"configuration": True, "account_wide": True}


def find_search(call: Call, table: str, identifier: str) -> Record:
    """A saved search by id or name."""
    return find(call.state, table, identifier, kind="Saved search", identifier_type=identifier_type(call))


def read_search(call: Call, keeper: str = "") -> Record:
    """Read a saved search of alerts; the query has to make sense."""
    body = call.body
    search: Record = {
        "name": body.text("name", required=True, longest=100),
        "description": body.text("description", longest=15000),
        "query": body.text("query", required=True, longest=1000),
    }
    owner = body.object("owner", required=True)
    username = owner.text("username")
    user = call.state.table("users").get(owner.text("id")) or user_named(call.state, username)
    if body.given("owner") and user is None:
        owner.complain("id", "User does not exist")
    search["owner"] = {"id": user["id"]} if user else {}
    search["teams"] = []
    for reference in body.objects("teams", most=20):
        wanted = (reference.text("id"), reference.text("name"))
        teams = call.state.table("teams").values()
        team = next((each for each in teams if each["id"] == wanted[0] or each["name"] == wanted[1]), None)
        if team is None:
            reference.complain("id", f"Team does not exist: [{wanted[0] or wanted[1]}]")
        else:
            search["teams"].append({"id": team["id"]})
    body.check()
    compile_query(search["query"], searchable_alerts(call.state), call.now)
    for other in call.state.table("alert_searches").values():
        if other["name"] == search["name"] and other["id"] != keeper:
            raise ApiError(409, "There is already one Saved Search with same name")
    return search


@operation("GET", ALERTS, Right.READ, domain="Search")
def list_alert_saved_searches(call: Call) -> Answer:
    """All saved searches of alerts, in short."""
    searches = call.state.table("alert_searches").values()
    return found([{"id": each["id"], "name": each["name"]} for each in searches])


@operation("GET", f"{ALERTS}/<identifier>", Right.READ, domain="Search")
def get_alert_saved_search(call: Call, identifier: str) -> Answer:
    """One saved search of alerts."""
    return found(find_search(call, "alert_searches", identifier))


@operation("POST", ALERTS, Right.WRITE, domain="Search")
def create_alert_saved_search(call: Call) -> Answer:
    """A new saved search of alerts."""
    stamp = format_instant(call.now)
    search = {"id": call.state.new_id(), "createdAt": stamp, "updatedAt": stamp, **read_search(call)}
    call.state.table("alert_searches")[search["id"]] = search
    return created({"id": search["id"], "name": search["name"]})


@operation("PATCH", f"{ALERTS}/<identifier>", Right.WRITE, domain="Search")
def update_alert_saved_search(call: Call, identifier: str) -> Answer:
    """Replace a saved search; though the verb is PATCH, every mandatory field has to be sent."""
    search = find_search(call, "alert_searches", identifier)
    search.update(read_search(call, keeper=search["id"]))
    search["updatedAt"] = format_instant(call.now)
    return changed("Updated", {"id": search["id"], "name": search["name"]})


@operation("DELETE", f"{ALERTS}/<identifier>", Right.DELETE, domain="Search")
def delete_alert_saved_search(call: Call, identifier: str) -> Answer:
    """Remove a saved search of alerts."""
    del call.state.table("alert_searches")[find_search(call, "alert_searches", identifier)["id"]]
    return changed("Deleted")


@operation("GET", USERS, Right.READ, **USER_NEEDS)
def list_user_saved_searches(call: Call) -> Answer:
    """All saved searches of users, in short. They are made in the web interface; the seed has one."""
    searches = call.state.table("user_searches").values()
    return found([{"id": each["id"], "name": each["name"]} for each in searches])


@operation("GET", f"{USERS}/<identifier>", Right.READ, **USER_NEEDS)
def get_user_saved_search(call: Call, identifier: str) -> Answer:
    """One saved search of users."""
    return found(find_search(call, "user_searches", identifier))


@operation("DELETE", f"{USERS}/<identifier>", Right.DELETE, **USER_NEEDS)
def delete_user_saved_search(call: Call, identifier: str) -> Answer:
    """Remove a saved search of users."""
    del call.state.table("user_searches")[find_search(call, "user_searches", identifier)["id"]]
    return changed("Deleted")
