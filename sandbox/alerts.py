"""Reading alerts (/v2/alerts)."""

from sandbox.alert_records import alert_of_path, alert_view, list_item, visible
from sandbox.answers import Answer, found
from sandbox.background import request_status
from sandbox.calls import Call
from sandbox.directory import identifier_type
from sandbox.errors import ApiError
from sandbox.history import history
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.paging import history_page, ordered, page
from sandbox.recipients import TABLES
from sandbox.search_matching import Predicate, Searchable, compile_query
from sandbox.state import Record, State

ALERTS = {"domain": "Alert"}
SORTABLE = (
    "createdAt", "updatedAt", "tinyId", "alias", "message", "status", "acknowledged", "isSeen", "snoozed",
    "snoozedUntil", "count", "lastOccurredAt", "source", "owner", "integration.name", "integration.type",
    "report.ackTime", "report.closeTime", "report.acknowledgedBy", "report.closedBy",
)  # fmt: skip
DEEPEST_PAGE = 20_000


def searchable_alerts(state: State) -> Searchable:
    """What alerts can be searched by (Opsgenie docs, search queries for alerts)."""

    def responder_names(alert: Record, *kinds: str) -> list[str]:
        names = []
        for responder in alert["responders"]:
            if responder["type"] in kinds:
                record = state.table(TABLES[responder["type"]]).get(responder["id"], {})
                names += [responder["id"], record.get("username") or record.get("name", "")]
        return names

    everybody = tuple(TABLES)
    return Searchable(
        words=("message", "description", "alias", "entity", "source", "tags", "tinyId", "owner", "id"),
        texts={"message": "message", "description": "description"},
        exact={
            "alertid": "id", "tinyid": "tinyId", "alias": "alias", "source": "source", "entity": "entity",
            "status": "status", "owner": "owner", "acknowledgedby": "report.acknowledgedBy",
            "closedby": "report.closedBy", "isseen": "isSeen", "acknowledged": "acknowledged",
            "snoozed": "snoozed",
            "integration.name": "integration.name", "integration.type": "integration.type", "tag": "tags",
            "tags": "tags", "actions": "actions", "priority": "priority",
        },
        numbers={"count": "count"},
        instants={
            "createdat": "createdAt", "lastoccurredat": "lastOccurredAt", "snoozeduntil": "snoozedUntil",
            "updatedat": "updatedAt",
        },
        computed={
            "recipients": lambda alert: responder_names(alert, *everybody),
            "responders": lambda alert: responder_names(alert, *everybody),
            "teams": lambda alert: responder_names(alert, "team"),
            "details.key": lambda alert: list(alert["details"]),
            "details.value": lambda alert: list(alert["details"].values()),
        },
    )  # fmt: skip


def query_asked(call: Call) -> Predicate:
    """The `query` parameter, or the query of the saved search named instead."""
    text = call.query.text("query")
    if call.query.given("searchIdentifier"):
        identifier = call.query.text("searchIdentifier")
        kind = identifier_type(call, "searchIdentifierType")
        searches = call.state.table("alert_searches").values()
        search = next((each for each in searches if each[kind] == identifier), None)
        if search is None:
            raise ApiError(404, f"Saved search does not exist with {kind}: [{identifier}]")
        text = search["query"]
    return compile_query(text, searchable_alerts(call.state), call.now)


@operation("GET", "/v2/alerts", Right.READ, domain="Search")
def list_alerts(call: Call) -> Answer:
    """A page of alerts."""
    query = call.query
    limit = query.number("limit", least=1, most=100, default=20)
    offset = query.number("offset", least=0)
    sort = query.choice("sort", SORTABLE, default="createdAt")
    order = query.choice("order", ("asc", "desc"), default="desc")
    if offset + limit > DEEPEST_PAGE:
        query.complain("offset", f"sum of offset and limit should not be more than {DEEPEST_PAGE}")
    query.check()
    wanted = query_asked(call)
    alerts = [each for each in call.state.table("alerts").values() if visible(call, each) and wanted(each)]
    shown = [list_item(alert) for alert in ordered(alerts, sort, order)[offset : offset + limit]]
    return page(call, shown, offset=offset, limit=limit, total=len(alerts))


@operation("GET", "/v2/alerts/count", Right.READ, domain="Search")
def count_alerts(call: Call) -> Answer:
    """How many alerts a query finds."""
    wanted = query_asked(call)
    alerts = call.state.table("alerts").values()
    return found({"count": sum(1 for alert in alerts if visible(call, alert) and wanted(alert))})


@operation("GET", "/v2/alerts/requests/<request_id>", Right.READ, **ALERTS)
def get_alert_request_status(call: Call, request_id: str) -> Answer:
    """How an accepted request ended."""
    return found(request_status(call, "alert", request_id))


@operation("GET", "/v2/alerts/<identifier>", Right.READ, **ALERTS)
def get_alert(call: Call, identifier: str) -> Answer:
    """One alert with everything."""
    return found(alert_view(alert_of_path(call, identifier)))


@operation("GET", "/v2/alerts/<identifier>/notes", Right.READ, **ALERTS)
def list_alert_notes(call: Call, identifier: str) -> Answer:
    """A page of an alert's notes."""
    return history_page(call, history(call.state, "alert_notes", alert_of_path(call, identifier)["id"]))


@operation("GET", "/v2/alerts/<identifier>/logs", Right.READ, **ALERTS)
def list_alert_logs(call: Call, identifier: str) -> Answer:
    """A page of an alert's log."""
    return history_page(call, history(call.state, "alert_logs", alert_of_path(call, identifier)["id"]))


@operation("GET", "/v2/alerts/<identifier>/recipients", Right.READ, **ALERTS)
def list_alert_recipients(call: Call, identifier: str) -> Answer:
    """The users an alert notifies and what they did."""
    return found(alert_of_path(call, identifier)["recipients"])
