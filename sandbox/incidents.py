"""Reading incidents (/v1/incidents)."""

from sandbox.answers import Answer, changed, found
from sandbox.background import request_status
from sandbox.calls import Call
from sandbox.errors import not_found
from sandbox.history import history
from sandbox.incident_records import incident_of_path, incident_view, visible
from sandbox.keys import Right
from sandbox.operations import PAID_PLANS, operation
from sandbox.paging import history_page, ordered, page
from sandbox.search_matching import Searchable, compile_query

PATH = "/v1/incidents"
INCIDENTS = {"domain": "Incident", "plans": PAID_PLANS}
SORTABLE = ("insertedAt", "createdAt", "tinyId", "message", "status", "isSeen", "owner")
SEARCH = Searchable(
    words=("message", "description", "tags", "tinyId"),
    texts={"message": "message", "description": "description"},
    exact={
        "incidentid": "id", "tinyid": "tinyId", "status": "status", "priority": "priority", "tag": "tags",
        "tags": "tags", "owner": "owner", "isseen": "isSeen", "source": "source", "ownerteam": "ownerTeam",
        "impactedservices": "impactedServices",
    },
    instants={"createdat": "createdAt", "insertedat": "createdAt", "updatedat": "updatedAt"},
    computed={
        "responders": lambda incident: [each["id"] for each in incident["responders"]],
        "details.key": lambda incident: list(incident["extraProperties"]),
        "details.value": lambda incident: list(incident["extraProperties"].values()),
    },
)  # fmt: skip


@operation("GET", PATH, Right.READ, **INCIDENTS)
def list_incidents(call: Call) -> Answer:
    """A page of incidents."""
    query = call.query
    limit = query.number("limit", least=1, most=100, default=20)
    offset = query.number("offset", least=0, most=20_000)
    sort = query.choice("sort", SORTABLE, default="createdAt")
    order = query.choice("order", ("asc", "desc"), default="desc")
    query.check()
    wanted = compile_query(query.text("query"), SEARCH, call.now)
    incidents = [
        each for each in call.state.table("incidents").values() if visible(call, each) and wanted(each)
    ]
    # "insertedAt" is the name the documents sort by; the field itself is called createdAt.
    by_order = ordered(incidents, "createdAt" if sort == "insertedAt" else sort, order)
    shown = [incident_view(each, detailed=False) for each in by_order[offset : offset + limit]]
    return page(call, shown, offset=offset, limit=limit, total=len(incidents))


@operation("GET", f"{PATH}/requests/<request_id>", Right.READ, **INCIDENTS)
def get_incident_request_status(call: Call, request_id: str) -> Answer:
    """How an accepted request ended."""
    return found(request_status(call, "incident", request_id))


@operation("GET", f"{PATH}/<identifier>", Right.READ, **INCIDENTS)
def get_incident(call: Call, identifier: str) -> Answer:
    """One incident with everything."""
    return found(incident_view(incident_of_path(call, identifier), detailed=True))


@operation("GET", f"{PATH}/<identifier>/logs", Right.READ, **INCIDENTS)
def list_incident_logs(call: Call, identifier: str) -> Answer:
    """A page of an incident's log."""
    return history_page(call, history(call.state, "incident_logs", incident_of_path(call, identifier)["id"]))


@operation("GET", f"{PATH}/<identifier>/notes", Right.READ, **INCIDENTS)
def list_incident_notes(call: Call, identifier: str) -> Answer:
    """A page of an incident's notes."""
    return history_page(call, history(call.state, "incident_notes", incident_of_path(call, identifier)["id"]))


@operation("GET", f"{PATH}/<identifier>/responder-alert-ids", Right.READ, **INCIDENTS)
def list_incident_responder_alerts(call: Call, identifier: str) -> Answer:
    """The alerts that called the responders in."""
    return found(incident_of_path(call, identifier)["responderAlertIds"])


@operation("GET", f"{PATH}/<identifier>/associated-alert-ids", Right.READ, **INCIDENTS)
def list_incident_associated_alerts(call: Call, identifier: str) -> Answer:
    """The alerts the incident came from."""
    return found(incident_of_path(call, identifier)["associatedAlertIds"])


@operation("DELETE", f"{PATH}/saved-searches/<identifier>", Right.DELETE, **INCIDENTS)
def delete_incident_saved_search(call: Call, identifier: str) -> Answer:
    """Remove a saved search of incidents. There is no way to make one through the API."""
    if identifier not in call.state.table("incident_searches"):
        raise not_found("Saved search", identifier)
    del call.state.table("incident_searches")[identifier]
    return changed("Deleted")
