"""Policies: rules that rewrite alerts, or delay, suppress and close their notifications."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CRITERIA, criteria
from catalog.connectors.opsgenie.hours import active_hours
from catalog.connectors.opsgenie.identifiers import path_name, recipients
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    Place,
    choice,
    flag,
    minutes,
    required,
    string_map,
    text,
    text_list,
    whole_number,
)
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    HOURS,
    LONG_TEXT,
    MINUTES,
    RECIPIENTS,
    TEXT,
    TEXT_MAP,
    TEXTS,
    WHOLE,
    field,
    record,
    texts,
)

POLICY_ID = path_name("policy_id", "The policy's id, from a list of policies.")
TEAM_ID = text("team_id", "Id of the team it belongs to; account-wide if left out.", place=Place.QUERY)
POLICY: tuple[Parameter, ...] = (POLICY_ID, TEAM_ID)

POLICY_IN_LIST = record(
    texts("id", "name", "type"),
    field("order", WHOLE),
    field("enabled", FLAG),
    headline="order name type enabled id",
)
POLICY_IN_FULL = POLICY_IN_LIST.but(
    also=(
        *texts("policy_description", "team_id"),
        field("criteria", CRITERIA, "filter"),
        field("active_hours", HOURS, "timeRestrictions", "timeRestriction"),
        *texts("message", "alias", "entity", "source", "priority"),
        field("alert_description", LONG_TEXT, "description"),
        field("continue_processing", FLAG, "continue"),
        field("tags", TEXTS),
        field("actions", TEXTS),
        field("responders", RECIPIENTS),
        field("details", TEXT_MAP),
        field("suppress", FLAG),
        field("close_after_minutes", MINUTES, "autoCloseAction.duration"),
        field("restart_after_minutes", MINUTES, "autoRestartAction.duration"),
        field("restart_count", WHOLE, "autoRestartAction.maxRepeatCount"),
        field("deduplication_type", TEXT, "deduplicationAction.deduplicationActionType"),
        field("deduplication_count", WHOLE, "deduplicationAction.count"),
        field("deduplication_minutes", MINUTES, "deduplicationAction.duration"),
        field("delay_option", TEXT, "delayAction.delayOption"),
        field("delay_minutes", MINUTES, "delayAction.duration"),
        field("delay_until_hour", WHOLE, "delayAction.untilHour"),
        field("delay_until_minute", WHOLE, "delayAction.untilMinute"),
    )
)

COMMON: tuple[Parameter, ...] = (
    choice("type", "Kind of policy.", ("alert", "notification"), required=True),
    text("name", "Its name.", required=True, max_length=200),
    flag("enabled", "Whether it is in force."),
    text("policy_description", "What it is for.", max_length=10_000),
    *criteria("filter"),
    active_hours(wire="timeRestrictions"),
)
# For policies of the type alert. `{{message}}` and the like stand for the alert's own values.
REWRITING: tuple[Parameter, ...] = (
    text("message", "Alert policy: new message; `{{message}}` keeps it.", max_length=130),
    text("alias", "Alert policy: new alias.", max_length=512),
    text("alert_description", "Alert policy: new description.", max_length=15_000, wire="description"),
    text("entity", "Alert policy: new entity.", max_length=512),
    text("source", "Alert policy: new source.", max_length=100),
    choice("priority", "Alert policy: new priority.", ("P1", "P2", "P3", "P4", "P5")),
    text_list("tags", "Alert policy: tags to add.", max_items=20, max_length=50),
    text_list("actions", "Alert policy: actions to add.", max_items=10, max_length=50),
    recipients(
        "responders",
        "Alert policy: responders to add, as `team:<id>` and the like.",
        ("user", "team", "escalation", "schedule"),
    ),
    string_map("details", "Alert policy: properties to add."),
    flag("continue_processing", "Alert policy: whether later policies also apply.", wire="continue"),
    flag("ignore_original_tags", "Alert policy: drop the alert's own tags."),
    flag("ignore_original_actions", "Alert policy: drop its own actions."),
    flag("ignore_original_details", "Alert policy: drop its own details."),
    flag("ignore_original_responders", "Alert policy: drop its own responders."),
)
HOLDING: tuple[Parameter, ...] = (
    flag("suppress", "Notification policy: whether nobody is notified."),
    minutes(
        "close_after_minutes",
        "Notification policy: close alerts after this long.",
        wire="autoCloseAction.duration",
    ),
    minutes(
        "restart_after_minutes",
        "Notification policy: notify again after this long.",
        wire="autoRestartAction.duration",
    ),
    whole_number(
        "restart_count",
        "Notification policy: how often to notify again.",
        minimum=1,
        maximum=20,
        wire="autoRestartAction.maxRepeatCount",
    ),
    choice(
        "deduplication_type",
        "Notification policy: wait for a count, or a count within a time.",
        ("value-based", "frequency-based"),
        wire="deduplicationAction.deduplicationActionType",
    ),
    whole_number(
        "deduplication_count",
        "Notification policy: the count to wait for.",
        minimum=1,
        wire="deduplicationAction.count",
    ),
    minutes(
        "deduplication_minutes",
        "Notification policy: the time for frequency-based.",
        wire="deduplicationAction.duration",
    ),
    choice(
        "delay_option",
        "Notification policy: how notifications wait.",
        (
            "for-duration",
            "next-time",
            "next-weekday",
            "next-monday",
            "next-tuesday",
            "next-wednesday",
            "next-thursday",
            "next-friday",
            "next-saturday",
            "next-sunday",
        ),
        wire="delayAction.delayOption",
    ),
    minutes("delay_minutes", "For for-duration: how long.", wire="delayAction.duration"),
    whole_number(
        "delay_until_hour", "For the others: until which hour.", maximum=23, wire="delayAction.untilHour"
    ),
    whole_number(
        "delay_until_minute", "For the others: which minute.", maximum=59, wire="delayAction.untilMinute"
    ),
)
CONTENT = (*COMMON, *REWRITING, *HOLDING)

OPERATIONS = in_domain(
    "policies",
    (
        Operation(
            name="list_alert_policies",
            title="List alert policies",
            method="GET",
            path="/v2/policies/alert",
            action=Action.READ,
            right=Right.READ,
            description="List the policies that rewrite alerts, in the order they apply.",
            parameters=(TEAM_ID, *LOCAL_PAGE),
            result=Items(POLICY_IN_LIST),
        ),
        Operation(
            name="list_notification_policies",
            title="List notification policies",
            method="GET",
            path="/v2/policies/notification",
            action=Action.READ,
            right=Right.READ,
            description="List a team's policies that delay, suppress or repeat notifications.",
            parameters=(required(TEAM_ID), *LOCAL_PAGE),
            result=Items(POLICY_IN_LIST),
        ),
        Operation(
            name="get_policy",
            title="Get a policy",
            method="GET",
            path="/v2/policies/{policyId}",
            action=Action.READ,
            right=Right.READ,
            description="Read one policy in full: its conditions and what it does.",
            parameters=POLICY,
            result=Item(POLICY_IN_FULL),
        ),
        Operation(
            name="create_policy",
            title="Create a policy",
            method="POST",
            path="/v2/policies",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Add a policy that rewrites, delays, suppresses or closes alerts. A wide one hides "
                "real problems: start with enabled false and narrow conditions."
            ),
            parameters=(TEAM_ID, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="update_policy",
            title="Change a policy",
            method="PUT",
            path="/v2/policies/{policyId}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Replace a policy as a whole: what is left out is gone. Read it with get_policy first."
            ),
            parameters=(*POLICY, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="delete_policy",
            title="Delete a policy",
            method="DELETE",
            path="/v2/policies/{policyId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a policy. Alerts it rewrote or held back come through unchanged.",
            parameters=POLICY,
            result=CHANGED,
        ),
        Operation(
            name="enable_policy",
            title="Enable a policy",
            method="POST",
            path="/v2/policies/{policyId}/enable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Put a policy into force. It may rewrite, hold back or close alerts at once.",
            parameters=POLICY,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="disable_policy",
            title="Disable a policy",
            method="POST",
            path="/v2/policies/{policyId}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Take a policy out of force. Alerts come through as they are.",
            parameters=POLICY,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="change_policy_order",
            title="Move a policy",
            method="POST",
            path="/v2/policies/{policyId}/change-order",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Move a policy to another place; earlier ones apply first and may end the list.",
            parameters=(*POLICY, whole_number("target_index", "The new place, from 0.", required=True)),
            result=CHANGED,
            idempotent=True,
        ),
    ),
    configuration=True,
    core=False,
)
