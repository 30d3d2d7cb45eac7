"""Notification rules: when and how a user wants to be told. Their steps are in `notification_steps.py`."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CRITERIA, criteria
from catalog.connectors.opsgenie.domains.notification_steps import RULE, STEP_FIELDS, STEP_RECORD
from catalog.connectors.opsgenie.domains.users import USER
from catalog.connectors.opsgenie.hours import active_hours
from catalog.connectors.opsgenie.identifiers import encode_recipient
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    flag,
    objects,
    optional,
    text,
    text_list,
    whole_number,
)
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    HOURS,
    RECIPIENTS,
    TEXTS,
    WHOLE,
    Each,
    field,
    record,
    texts,
)

RULE_IN_LIST = record(
    texts("id", "name", "action_type"),
    field("order", WHOLE),
    field("enabled", FLAG),
    headline="order name action_type enabled id",
)
RULE_IN_FULL = RULE_IN_LIST.but(
    also=(
        field("criteria", CRITERIA),
        field("notification_time", TEXTS),
        field("active_hours", HOURS, "timeRestriction"),
        field("schedules", RECIPIENTS),
        field("steps", Each(STEP_RECORD)),
        field("repeats", FLAG, "repeat.enabled"),
        field("repeat_after", WHOLE, "repeat.loopAfter"),
    )
)

ACTION_TYPE = choice(
    "action_type",
    "The event it is for.",
    (
        "create-alert",
        "acknowledged-alert",
        "closed-alert",
        "renotified-alert",
        "assigned-alert",
        "add-note",
        "schedule-start",
        "schedule-end",
        "incoming-call-routing",
    ),
    required=True,
)
CONTENT: tuple[Parameter, ...] = (
    text("name", "Its name.", required=True, max_length=512),
    flag("enabled", "Whether it is in use.", default=True),
    *criteria("criteria"),
    text_list(
        "notification_time",
        "For schedule events: how long before.",
        max_items=4,
        values=("just-before", "15-minutes-ago", "1-hour-ago", "1-day-ago"),
    ),
    active_hours(),
    text_list(
        "schedules",
        "For schedule events: names or ids of the schedules.",
        max_items=50,
        encode=lambda names: [encode_recipient(f"schedule:{name}") for name in names],
    ),
    objects("steps", "By which contact and when.", STEP_FIELDS, max_items=20),
    whole_number("order", "Its place among the rules, from 0."),
    flag("repeats", "Whether the steps start over.", wire="repeat.enabled"),
    whole_number("repeat_after", "Times to start over.", minimum=1, maximum=20, wire="repeat.loopAfter"),
)

OPERATIONS = in_domain(
    "notification_rules",
    (
        Operation(
            name="list_notification_rules",
            title="List a user's notification rules",
            method="GET",
            path="/v2/users/{identifier}/notification-rules",
            action=Action.READ,
            right=Right.READ,
            description="List when a user is notified. Steps and conditions are in get_notification_rule.",
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(RULE_IN_LIST),
        ),
        Operation(
            name="get_notification_rule",
            title="Get a notification rule",
            method="GET",
            path="/v2/users/{identifier}/notification-rules/{ruleId}",
            action=Action.READ,
            right=Right.READ,
            description="Read one notification rule with its conditions, hours and steps.",
            parameters=RULE,
            result=Item(RULE_IN_FULL),
        ),
        Operation(
            name="create_notification_rule",
            title="Add a notification rule",
            method="POST",
            path="/v2/users/{identifier}/notification-rules",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add a rule for how a user is notified of one kind of event.",
            parameters=(*USER, ACTION_TYPE, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="update_notification_rule",
            title="Change a notification rule",
            method="PATCH",
            path="/v2/users/{identifier}/notification-rules/{ruleId}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change how a user is notified; what is left out stays. Given steps replace all steps."
            ),
            parameters=(*RULE, *optional(*CONTENT)),
            result=CHANGED,
        ),
        Operation(
            name="delete_notification_rule",
            title="Delete a notification rule",
            method="DELETE",
            path="/v2/users/{identifier}/notification-rules/{ruleId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a notification rule. The user may no longer be told of such events.",
            parameters=RULE,
            result=CHANGED,
        ),
        Operation(
            name="enable_notification_rule",
            title="Enable a notification rule",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/enable",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Put a user's notification rule back to use.",
            parameters=RULE,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="disable_notification_rule",
            title="Disable a notification rule",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Take a user's notification rule out of use. The user may miss pages.",
            parameters=RULE,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="change_notification_rule_order",
            title="Move a notification rule",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/change-order",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Move a notification rule. The first rule that matches an event decides.",
            parameters=(*RULE, whole_number("order", "The new place, from 0.", required=True)),
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="copy_notification_rules",
            title="Copy notification rules to other users",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/copy-to",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Copy a user's rules to other users. Their own rules of these kinds are replaced.",
            parameters=(
                *USER,
                text_list("to_users", "Usernames or ids.", max_items=100, required=True),
                text_list(
                    "rule_types",
                    "Kinds of rules to copy.",
                    max_items=9,
                    required=True,
                    values=(
                        "all",
                        "new-alert",
                        "acknowledged-alert",
                        "renotified-alert",
                        "closed-alert",
                        "assigned-alert",
                        "add-note",
                        "schedule-start",
                        "schedule-end",
                    ),
                ),
            ),
            result=CHANGED,
            idempotent=True,
        ),
    ),
    configuration=True,
    core=False,
)
