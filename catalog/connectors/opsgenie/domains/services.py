"""Services of the catalogue, whose failures become incidents."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import LIMIT, OFFSET, order
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.paging import ByNumber
from catalog.connectors.opsgenie.parameters import Parameter, choice, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import LONG_TEXT, TEXTS, field, record, texts

SERVICE: tuple[Parameter, ...] = (
    path_name("identifier", "The service's id, from list_services.", max_length=130),
)

SERVICE_RECORD = record(
    texts("id", "name", "team_id", "visibility"),
    field("description", LONG_TEXT),
    field("tags", TEXTS),
    headline="name visibility team_{team_id} id",
)
NAME = text("name", "Its name.", required=True, max_length=100)
SETTINGS: tuple[Parameter, ...] = (
    text("description", "What it does.", max_length=10_000),
    choice("visibility", "Who may see it.", ("TEAM_MEMBERS", "OPSGENIE_USERS")),
)

OPERATIONS = in_domain(
    "services",
    (
        Operation(
            name="list_services",
            title="List services",
            method="GET",
            path="/v1/services",
            action=Action.READ,
            right=Right.READ,
            description="Find services by name, team or tag, to name them in an incident.",
            parameters=(
                text("query", "`field:value`, on name, team.id, description or tags.", max_length=1000),
                LIMIT,
                OFFSET,
                choice("sort", "Field to sort by.", ("name", "teamId", "id"), default="name"),
                order("asc"),
            ),
            result=Items(SERVICE_RECORD, ByNumber()),
        ),
        Operation(
            name="get_service",
            title="Get a service",
            method="GET",
            path="/v1/services/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one service: its team, description and tags.",
            parameters=SERVICE,
            result=Item(SERVICE_RECORD),
        ),
        Operation(
            name="create_service",
            title="Create a service",
            method="POST",
            path="/v1/services",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add a service to the catalogue, under the team that answers for it.",
            parameters=(
                NAME,
                text("team_id", "Id of the team that answers for it.", required=True),
                *SETTINGS,
                text_list("tags", "Labels.", max_items=20, max_length=50),
            ),
            result=CHANGED,
        ),
        Operation(
            name="update_service",
            title="Change a service",
            method="PATCH",
            path="/v1/services/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change a service. The name must be given even if it stays.",
            parameters=(*SERVICE, NAME, *SETTINGS),
            result=CHANGED,
        ),
        Operation(
            name="delete_service",
            title="Delete a service",
            method="DELETE",
            path="/v1/services/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a service with its rules. No incident is opened for it any more.",
            parameters=SERVICE,
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
