"""Routing rules: which of a team's schedules or escalations an alert goes to."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CRITERIA, criteria
from catalog.connectors.opsgenie.domains.teams import PARENT_TEAM
from catalog.connectors.opsgenie.hours import active_hours
from catalog.connectors.opsgenie.identifiers import path_name, recipient
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, optional, text, whole_number
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
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

CONTENT: tuple[Parameter, ...] = (
    recipient(
        "notify",
        "Where alerts go, as `escalation:db`, `schedule:night`, or `none` for nowhere.",
        ("none", "escalation", "schedule"),
        required=True,
    ),
    text("name", "Its name.", max_length=100),
    *criteria("criteria"),
    active_hours(),
    text("timezone", "IANA time zone of active_hours.", max_length=64),
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
        Operation(
            name="create_team_routing_rule",
            title="Add a routing rule",
            method="POST",
            path="/v2/teams/{identifier}/routing-rules",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Send some of a team's alerts somewhere else. Its place in the order decides when it counts."
            ),
            parameters=(
                *PARENT_TEAM,
                *CONTENT,
                whole_number(
                    "order", "Its place among the rules, from 0; last before the default if left out."
                ),
            ),
            result=CHANGED,
            core=False,
        ),
        Operation(
            name="update_team_routing_rule",
            title="Change a routing rule",
            method="PATCH",
            path="/v2/teams/{identifier}/routing-rules/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change where a team's alerts go; what is left out stays. Given conditions replace all."
            ),
            parameters=(*PARENT_TEAM, RULE_ID, *optional(*CONTENT)),
            result=CHANGED,
            core=False,
        ),
        Operation(
            name="delete_team_routing_rule",
            title="Delete a routing rule",
            method="DELETE",
            path="/v2/teams/{identifier}/routing-rules/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a routing rule. Its alerts fall to the next rule that matches.",
            parameters=(*PARENT_TEAM, RULE_ID),
            result=CHANGED,
            core=False,
        ),
        Operation(
            name="change_team_routing_rule_order",
            title="Move a routing rule",
            method="POST",
            path="/v2/teams/{identifier}/routing-rules/{id}/change-order",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Move a routing rule to another place. The first rule that matches decides who is paged."
            ),
            parameters=(
                *PARENT_TEAM,
                RULE_ID,
                whole_number("order", "The new place, from 0.", required=True),
            ),
            result=CHANGED,
            idempotent=True,
            core=False,
        ),
    ),
    configuration=True,
)
