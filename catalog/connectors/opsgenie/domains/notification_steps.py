"""Steps of a notification rule: which contact is tried after how long."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.contacts import METHODS
from catalog.connectors.opsgenie.domains.users import USER
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, choice, flag, minutes, optional, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, MINUTES, TEXT, field, record, texts

RULE_ID = path_name("rule_id", "The rule's id, from list_notification_rules.")
STEP_ID = path_name("step_id", "The step's id, from list_notification_rule_steps.", wire="id")
RULE: tuple[Parameter, ...] = (*USER, RULE_ID)
STEP: tuple[Parameter, ...] = (*RULE, STEP_ID)

STEP_RECORD = record(
    texts("id"),
    field("method", TEXT, "contact.method"),
    field("to", TEXT, "contact.to"),
    field("after_minutes", MINUTES, "sendAfter"),
    field("enabled", FLAG),
    headline="after_{after_minutes}_minutes method to enabled id",
)
STEP_FIELDS: tuple[Parameter, ...] = (
    choice("method", "Kind of contact.", METHODS, required=True, wire="contact.method"),
    text(
        "to", "Address or number, which must be one of the user's contacts.", required=True, wire="contact.to"
    ),
    minutes("after_minutes", "Minutes after the event.", wire="sendAfter"),
    flag("enabled", "Whether the step is in use.", default=True),
)

OPERATIONS = in_domain(
    "notification_rules",
    (
        Operation(
            name="list_notification_rule_steps",
            title="List a notification rule's steps",
            method="GET",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps",
            action=Action.READ,
            right=Right.READ,
            description="See by which contacts, and after how long, a rule notifies the user.",
            parameters=(*RULE, *LOCAL_PAGE),
            result=Items(STEP_RECORD),
        ),
        Operation(
            name="get_notification_rule_step",
            title="Get a notification step",
            method="GET",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps/{id}",
            action=Action.READ,
            right=Right.READ,
            description="Read one step of a user's notification rule.",
            parameters=STEP,
            result=Item(STEP_RECORD),
        ),
        Operation(
            name="create_notification_rule_step",
            title="Add a notification step",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add one more way and moment at which a rule notifies the user.",
            parameters=(*RULE, *STEP_FIELDS),
            result=CHANGED,
        ),
        Operation(
            name="update_notification_rule_step",
            title="Change a notification step",
            method="PATCH",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change how or when a step notifies the user. Give method and to together.",
            parameters=(*STEP, *optional(*STEP_FIELDS)),
            result=CHANGED,
        ),
        Operation(
            name="delete_notification_rule_step",
            title="Delete a notification step",
            method="DELETE",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a step. Without steps a rule notifies nobody.",
            parameters=STEP,
            result=CHANGED,
        ),
        Operation(
            name="enable_notification_rule_step",
            title="Enable a notification step",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps/{id}/enable",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Put a step of a notification rule back to use.",
            parameters=STEP,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="disable_notification_rule_step",
            title="Disable a notification step",
            method="POST",
            path="/v2/users/{identifier}/notification-rules/{ruleId}/steps/{id}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Take a step of a notification rule out of use. The user may miss pages.",
            parameters=STEP,
            result=CHANGED,
            idempotent=True,
        ),
    ),
    configuration=True,
    core=False,
)
