"""Teams, their members and their activity. Routing rules are in `routing_rules.py`."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import named_identifier, path_name, user_reference
from catalog.connectors.opsgenie.listing import KEYED_PAGE, LOCAL_PAGE, order
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.paging import ByKey
from catalog.connectors.opsgenie.parameters import Parameter, objects, optional, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import TEXT, Each, field, record, texts

TEAM = named_identifier("team")
# Below a team Opsgenie calls the same thing `teamIdentifierType`.
PARENT_TEAM = named_identifier("team", kind_wire="teamIdentifierType")

MEMBER = record(
    field("user", TEXT, "user.username"),
    field("user_id", TEXT, "user.id"),
    texts("role"),
    headline="user role",
)
TEAM_RECORD = record(
    texts("id", "name", "description"),
    field("members", Each(MEMBER)),
    headline="name description id",
)
TEAM_LOG = record(
    texts("log", "owner"),
    field("created_at", TEXT, "createdDate", "createdAt"),
    headline="created_at owner log",
)

MEMBER_FIELDS: tuple[Parameter, ...] = (
    user_reference("user", "Username (e-mail) or id.", required=True),
    text("role", "`user`, `admin` or a custom team role; `user` if left out.", max_length=100),
)
MEMBERS = objects("members", "The members.", MEMBER_FIELDS, max_items=100)
NAME = text("name", "Its name; no schedule or escalation may have the same.", required=True, max_length=100)
DESCRIPTION = text("description", "What it does.", max_length=10_000)

OPERATIONS = in_domain(
    "teams",
    (
        Operation(
            name="list_teams",
            title="List teams",
            method="GET",
            path="/v2/teams",
            action=Action.READ,
            right=Right.READ,
            description="List all teams. Members are left out: get_team has them.",
            parameters=LOCAL_PAGE,
            result=Items(TEAM_RECORD),
        ),
        Operation(
            name="get_team",
            title="Get a team",
            method="GET",
            path="/v2/teams/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one team with its members and their roles.",
            parameters=TEAM,
            result=Item(TEAM_RECORD),
        ),
        Operation(
            name="create_team",
            title="Create a team",
            method="POST",
            path="/v2/teams",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Create a team. Opsgenie adds a schedule, an escalation and a default routing rule for it."
            ),
            parameters=(NAME, DESCRIPTION, MEMBERS),
            result=CHANGED,
        ),
        Operation(
            name="update_team",
            title="Change a team",
            method="PATCH",
            path="/v2/teams/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change a team; what is left out stays. Given members replace all members: "
                "use add_team_member and remove_team_member for single people."
            ),
            parameters=(
                path_name("identifier", "The team's id; a name is not accepted here.", max_length=100),
                *optional(NAME),
                DESCRIPTION,
                MEMBERS,
            ),
            result=CHANGED,
        ),
        Operation(
            name="delete_team",
            title="Delete a team",
            method="DELETE",
            path="/v2/teams/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a team with its routing rules. Its alerts go nowhere; refused while in use.",
            parameters=TEAM,
            result=CHANGED,
        ),
        Operation(
            name="list_team_logs",
            title="List a team's activity log",
            method="GET",
            path="/v2/teams/{identifier}/logs",
            action=Action.READ,
            right=Right.READ,
            description="Read what was changed in a team's configuration, by whom and when.",
            parameters=(*TEAM, *KEYED_PAGE, order("desc")),
            result=Items(TEAM_LOG, ByKey(), at="logs"),
        ),
        Operation(
            name="add_team_member",
            title="Add a team member",
            method="POST",
            path="/v2/teams/{identifier}/members",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add a user to a team. They see its alerts and may be paged for it.",
            parameters=(*PARENT_TEAM, *MEMBER_FIELDS),
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="remove_team_member",
            title="Remove a team member",
            method="DELETE",
            path="/v2/teams/{identifier}/members/{memberIdentifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Take a user out of a team. Check that nobody's turn on call is left empty.",
            parameters=(
                *PARENT_TEAM,
                path_name("member", "Username (e-mail) or id of the member.", wire="memberIdentifier"),
            ),
            result=CHANGED,
        ),
    ),
    configuration=True,
)
