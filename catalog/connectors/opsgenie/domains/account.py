"""The Opsgenie account itself."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.results import Item
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, WHOLE, field, record, texts

ACCOUNT = record(
    texts("name"),
    field("user_count", WHOLE),
    field("plan", TEXT, "plan.name"),
    field("max_user_count", WHOLE, "plan.maxUserCount"),
    field("is_yearly", FLAG, "plan.isYearly"),
    headline="name plan user_count",
)

OPERATIONS = in_domain(
    "account",
    (
        Operation(
            name="get_account",
            title="Get the account",
            method="GET",
            path="/v2/account",
            action=Action.READ,
            right=Right.READ,
            description="Read the account's name, plan and number of users; also shows that the key works.",
            result=Item(ACCOUNT),
        ),
    ),
    configuration=True,
)
