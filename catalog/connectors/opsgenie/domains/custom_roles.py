"""Custom user roles of the account: what their holders may do."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import named_identifier
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import TEXTS, field, record, texts

ROLE = named_identifier("role")

ROLE_RECORD = record(
    texts("id", "name", "extended_role"),
    field("granted_rights", TEXTS),
    field("disallowed_rights", TEXTS),
    headline="name extended_role id",
)
CONTENT: tuple[Parameter, ...] = (
    text("name", "Its name.", required=True, max_length=100),
    text("extended_role", "Role it starts from: `user`, `observer` or `stakeholder`.", max_length=100),
    text_list("granted_rights", "Rights added, such as alert-delete.", max_items=100, max_length=100),
    text_list("disallowed_rights", "Rights taken away.", max_items=100, max_length=100),
)

OPERATIONS = in_domain(
    "custom_roles",
    (
        Operation(
            name="list_custom_roles",
            title="List custom roles",
            method="GET",
            path="/v2/roles",
            action=Action.READ,
            right=Right.READ,
            description="List the custom user roles of the account.",
            parameters=LOCAL_PAGE,
            result=Items(ROLE_RECORD),
        ),
        Operation(
            name="get_custom_role",
            title="Get a custom role",
            method="GET",
            path="/v2/roles/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one custom user role with the rights it adds and takes away.",
            parameters=ROLE,
            result=Item(ROLE_RECORD),
        ),
        Operation(
            name="create_custom_role",
            title="Create a custom role",
            method="POST",
            path="/v2/roles",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Define a user role. Whoever is given it has its rights in the whole account.",
            parameters=CONTENT,
            result=CHANGED,
        ),
        Operation(
            name="update_custom_role",
            title="Change a custom role",
            method="PUT",
            path="/v2/roles/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace a user role as a whole, and with it what all its holders may do.",
            parameters=(*ROLE, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="delete_custom_role",
            title="Delete a custom role",
            method="DELETE",
            path="/v2/roles/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a user role. Refused while somebody holds it.",
            parameters=ROLE,
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
