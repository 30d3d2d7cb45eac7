"""Forwarding rules: one user's notifications go to another for a while."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import named_identifier, user_reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, moment, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import TEXT, field, record, texts

RULE = named_identifier("rule", word="alias")

FORWARDING_RULE = record(
    texts("id", "alias"),
    field("from_user", TEXT, "fromUser.username", "fromUser.id"),
    field("to_user", TEXT, "toUser.username", "toUser.id"),
    texts("start_date", "end_date"),
    headline="from_user to_{to_user} start_date until_{end_date} alias id",
)
CONTENT: tuple[Parameter, ...] = (
    user_reference("from_user", "Username (e-mail) or id of who is away.", required=True),
    user_reference("to_user", "Username (e-mail) or id of who stands in.", required=True),
    moment("start_date", "From when, with offset.", required=True),
    moment("end_date", "Until when, with offset.", required=True),
)

OPERATIONS = in_domain(
    "forwarding_rules",
    (
        Operation(
            name="list_forwarding_rules",
            title="List forwarding rules",
            method="GET",
            path="/v2/forwarding-rules",
            action=Action.READ,
            right=Right.READ,
            description="See whose notifications go to somebody else, and until when.",
            parameters=LOCAL_PAGE,
            result=Items(FORWARDING_RULE),
        ),
        Operation(
            name="get_forwarding_rule",
            title="Get a forwarding rule",
            method="GET",
            path="/v2/forwarding-rules/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one forwarding rule: from whom, to whom, from when to when.",
            parameters=RULE,
            result=Item(FORWARDING_RULE),
        ),
        Operation(
            name="create_forwarding_rule",
            title="Forward a user's notifications",
            method="POST",
            path="/v2/forwarding-rules",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Send one user's notifications to another for a while, such as during a holiday.",
            parameters=(*CONTENT, text("alias", "Your name for it; made by Opsgenie if left out.")),
            result=CHANGED,
        ),
        Operation(
            name="update_forwarding_rule",
            title="Change a forwarding rule",
            method="PUT",
            path="/v2/forwarding-rules/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace a forwarding rule as a whole. It changes who is paged.",
            parameters=(*RULE, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="delete_forwarding_rule",
            title="Delete a forwarding rule",
            method="DELETE",
            path="/v2/forwarding-rules/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a forwarding rule; notifications go to the user again at once.",
            parameters=RULE,
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
