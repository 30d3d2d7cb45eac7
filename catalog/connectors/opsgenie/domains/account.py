"""The Opsgenie account itself."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.results import Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, WHOLE, Each, field, record, texts

ACCOUNT = record(
    texts("name"),
    field("user_count", WHOLE),
    field("plan", TEXT, "plan.name"),
    field("max_user_count", WHOLE, "plan.maxUserCount"),
    field("is_yearly", FLAG, "plan.isYearly"),
    headline="name plan user_count",
)

REQUEST_LIMIT = record(
    texts("domain"),
    field(
        "limits",
        Each(
            record(
                field("period_in_seconds", WHOLE),
                field("limit", WHOLE),
                headline="{limit}_per_{period_in_seconds}_s",
            )
        ),
    ),
    headline="domain limits",
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
        Operation(
            name="get_request_limits",
            title="Get the API's request limits",
            method="GET",
            path="/v2/request-limits/",
            action=Action.READ,
            right=Right.READ,
            description="See how many requests each part of the API takes per second and minute.",
            parameters=LOCAL_PAGE,
            result=Items(REQUEST_LIMIT, at="rateLimits"),
            configuration=False,
            core=False,
        ),
    ),
    configuration=True,
)
