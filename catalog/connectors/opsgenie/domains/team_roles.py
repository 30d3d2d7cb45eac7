"""Roles within a team: what its members may do to the team's alerts and configuration."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.teams import PARENT_TEAM
from catalog.connectors.opsgenie.identifiers import named_identifier
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, flag, objects, optional, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, Each, field, record, texts

ROLE = named_identifier("role", name="role", wire="roleIdentifier")

TEAM_ROLE = record(
    texts("id", "name"),
    field("rights", Each(record(texts("right"), field("granted", FLAG), headline="right granted"))),
    headline="name id",
)
CONTENT: tuple[Parameter, ...] = (
    text("name", "Its name.", required=True, max_length=100),
    objects(
        "rights",
        "What it grants or refuses.",
        (
            text(
                "right",
                "Opsgenie's name of the right, such as manage-members.",
                required=True,
                max_length=100,
            ),
            flag("granted", "Whether it is granted.", default=True),
        ),
        max_items=100,
        required=True,
    ),
)

OPERATIONS = in_domain(
    "teams",
    (
        Operation(
            name="list_team_roles",
            title="List a team's roles",
            method="GET",
            path="/v2/teams/{identifier}/roles",
            action=Action.READ,
            right=Right.READ,
            description="List the custom roles of a team and the rights they grant.",
            parameters=(*PARENT_TEAM, *LOCAL_PAGE),
            result=Items(TEAM_ROLE),
        ),
        Operation(
            name="get_team_role",
            title="Get a team role",
            method="GET",
            path="/v2/teams/{identifier}/roles/{roleIdentifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one custom role of a team with its rights.",
            parameters=(*PARENT_TEAM, *ROLE),
            result=Item(TEAM_ROLE),
        ),
        Operation(
            name="create_team_role",
            title="Create a team role",
            method="POST",
            path="/v2/teams/{identifier}/roles",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Define a custom role in a team. Nobody has it until a member is given it.",
            parameters=(*PARENT_TEAM, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="update_team_role",
            title="Change a team role",
            method="PATCH",
            path="/v2/teams/{identifier}/roles/{roleIdentifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change a custom role, and with it what all its holders may do in the team.",
            parameters=(*PARENT_TEAM, *ROLE, *optional(*CONTENT)),
            result=CHANGED,
        ),
        Operation(
            name="delete_team_role",
            title="Delete a team role",
            method="DELETE",
            path="/v2/teams/{identifier}/roles/{roleIdentifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a custom role of a team. Its holders lose what it granted.",
            parameters=(*PARENT_TEAM, *ROLE),
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
