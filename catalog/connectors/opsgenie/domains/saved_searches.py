"""Saved searches: of alerts, of users and of incidents."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import is_uuid, named_identifier, user_reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import TEXT, Each, field, record, texts

SEARCH = named_identifier("saved search")

SEARCH_IN_LIST = record(texts("id", "name"), headline="name id")
SEARCH_RECORD = record(
    texts("id", "name", "query", "description"),
    field("owner_id", TEXT, "owner.id"),
    field("team_ids", Each(TEXT), "teamIds"),
    texts("created_at", "updated_at"),
    headline="name query id",
)
CONTENT: tuple[Parameter, ...] = (
    text("name", "Its name.", required=True, max_length=100),
    text("query", "The search, as list_alerts takes it.", required=True, max_length=1000),
    user_reference("owner", "Username (e-mail) or id of its owner.", required=True),
    text("description", "What it finds.", max_length=1000),
    text_list(
        "teams",
        "Names or ids of the teams that see it.",
        max_items=20,
        encode=lambda names: [{"id" if is_uuid(name) else "name": name} for name in names],
    ),
)

OF_ALERTS = in_domain(
    "alerts",
    (
        Operation(
            name="list_alert_saved_searches",
            title="List saved alert searches",
            method="GET",
            path="/v2/alerts/saved-searches",
            action=Action.READ,
            right=Right.READ,
            description="List saved alert searches, whose name or id list_alerts takes as search_identifier.",
            parameters=LOCAL_PAGE,
            result=Items(SEARCH_IN_LIST),
        ),
        Operation(
            name="get_alert_saved_search",
            title="Get a saved alert search",
            method="GET",
            path="/v2/alerts/saved-searches/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one saved alert search with its query, owner and teams.",
            parameters=SEARCH,
            result=Item(SEARCH_RECORD),
        ),
        Operation(
            name="create_alert_saved_search",
            title="Save an alert search",
            method="POST",
            path="/v2/alerts/saved-searches",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Save an alert search under a name, for its owner and the given teams.",
            parameters=CONTENT,
            result=CHANGED,
        ),
        Operation(
            name="update_alert_saved_search",
            title="Change a saved alert search",
            method="PATCH",
            path="/v2/alerts/saved-searches/{identifier}",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Change a saved alert search. Name, query and owner must all be given again.",
            parameters=(*SEARCH, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="delete_alert_saved_search",
            title="Delete a saved alert search",
            method="DELETE",
            path="/v2/alerts/saved-searches/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a saved alert search, for everybody who uses it.",
            parameters=SEARCH,
            result=CHANGED,
        ),
    ),
    configuration=False,
    core=False,
)
OF_USERS = in_domain(
    "users",
    (
        Operation(
            name="list_user_saved_searches",
            title="List saved user searches",
            method="GET",
            path="/v2/users/saved-searches",
            action=Action.READ,
            right=Right.READ,
            description="List saved searches over the users of the account.",
            parameters=LOCAL_PAGE,
            result=Items(SEARCH_IN_LIST),
        ),
        Operation(
            name="get_user_saved_search",
            title="Get a saved user search",
            method="GET",
            path="/v2/users/saved-searches/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one saved user search with its query and owner.",
            parameters=SEARCH,
            result=Item(SEARCH_RECORD),
        ),
        Operation(
            name="delete_user_saved_search",
            title="Delete a saved user search",
            method="DELETE",
            path="/v2/users/saved-searches/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a saved user search, for everybody who uses it.",
            parameters=SEARCH,
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
OF_INCIDENTS = in_domain(
    "incidents",
    (
        Operation(
            name="delete_incident_saved_search",
            title="Delete a saved incident search",
            method="DELETE",
            path="/v1/incidents/saved-searches/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a saved incident search, for everybody who uses it.",
            parameters=SEARCH,
            result=CHANGED,
        ),
    ),
    configuration=False,
    core=False,
)
OPERATIONS = (*OF_ALERTS, *OF_USERS, *OF_INCIDENTS)
