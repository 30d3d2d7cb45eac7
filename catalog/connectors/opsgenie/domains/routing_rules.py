"""Routing rules: which of a team's schedules or escalations an alert goes to."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CRITERIA
from catalog.connectors.opsgenie.domains.teams import PARENT_TEAM
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.results import Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, HOURS, RECIPIENT, WHOLE, field, record, texts

RULE_ID = path_name("rule_id", "The rule's id, from list_team_routing_rules.", wire="id")

ROUTING_RULE = record(
    texts("id", "name"),
    field("is_default", FLAG),
    field("order", WHOLE),
    field("notify", RECIPIENT),
    field("criteria", CRITERIA),
    field("active_hours", HOURS, "timeRestriction"),
    texts("timezone"),
    headline="order name notify is_default id",
)

OPERATIONS = in_domain(
    "teams",
    (
        Operation(
            name="list_team_routing_rules",
            title="List a team's routing rules",
            method="GET",
            path="/v2/teams/{identifier}/routing-rules",
            action=Action.READ,
            right=Right.READ,
            description="See where a team's alerts go. The first rule that matches decides.",
            parameters=(*PARENT_TEAM, *LOCAL_PAGE),
            result=Items(ROUTING_RULE),
        ),
        Operation(
            name="get_team_routing_rule",
            title="Get a routing rule",
            method="GET",
            path="/v2/teams/{identifier}/routing-rules/{id}",
            action=Action.READ,
            right=Right.READ,
            description="Read one routing rule: its conditions, hours and whom it notifies.",
            parameters=(*PARENT_TEAM, RULE_ID),
            result=Item(ROUTING_RULE),
        ),
    ),
    configuration=True,
)
