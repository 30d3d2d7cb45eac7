"""Escalations: who is told next when an alert isn't taken."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import named_identifier, recipient, reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    flag,
    minutes,
    objects,
    optional,
    required,
    text,
    whole_number,
)
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    MINUTES,
    RECIPIENT,
    TEXT,
    WHOLE,
    Each,
    field,
    record,
    texts,
)

ESCALATION = named_identifier("escalation")

RULE = record(
    texts("condition", "notify_type"),
    field("after_minutes", MINUTES, "delay"),
    field("notify", RECIPIENT, "recipient"),
    headline="after_{after_minutes}_minutes condition notify notify_type",
)
REPEAT = record(
    field("wait_minutes", WHOLE, "waitInterval"),
    field("count", WHOLE),
    field("resets_states", FLAG, "resetRecipientStates"),
    field("closes_alert", FLAG, "closeAlertAfterAll"),
    headline="wait_minutes count",
)
ESCALATION_RECORD = record(
    texts("id", "name", "description"),
    field("owner_team", TEXT, "ownerTeam.name", "ownerTeam.id"),
    field("rules", Each(RULE)),
    field("repeat", REPEAT),
    headline="name description owner_team id",
)

# A step of the ladder. Opsgenie takes delays in several units; minutes are the one people plan in.
RULE_FIELDS: tuple[Parameter, ...] = (
    choice("condition", "When it fires.", ("if-not-acked", "if-not-closed"), default="if-not-acked"),
    choice(
        "notify_type",
        "Whom of a schedule or team it tells; default for a user.",
        ("default", "next", "previous", "users", "admins", "random", "all"),
        default="default",
    ),
    minutes("after_minutes", "Minutes after the alert was created.", required=True, wire="delay"),
    recipient(
        "notify",
        "Whom, as `user:ana@example.com`, `schedule:night` or `team:payments`.",
        ("user", "team", "schedule"),
        required=True,
        wire="recipient",
    ),
)
RULES = objects("rules", "The steps, earliest first.", RULE_FIELDS, max_items=20)
SETTINGS: tuple[Parameter, ...] = (
    text("description", "What it is for.", max_length=1000),
    reference("owner_team", "Name or id of the team that owns it."),
    whole_number(
        "repeat_wait_minutes",
        "Minutes before the steps start over; 0 never repeats.",
        maximum=10_080,
        wire="repeat.waitInterval",
    ),
    whole_number("repeat_count", "How often to start over.", minimum=1, maximum=20, wire="repeat.count"),
    flag(
        "repeat_resets_states",
        "Whether a repeat forgets who acknowledged or saw the alert.",
        wire="repeat.resetRecipientStates",
    ),
    flag(
        "repeat_closes_alert",
        "Whether the alert is closed after the last repeat.",
        wire="repeat.closeAlertAfterAll",
    ),
)
NAME = text("name", "Its name; no team or schedule may have the same.", required=True, max_length=200)

OPERATIONS = in_domain(
    "escalations",
    (
        Operation(
            name="list_escalations",
            title="List escalations",
            method="GET",
            path="/v2/escalations",
            action=Action.READ,
            right=Right.READ,
            description="List escalations with their steps, to see who is told after whom.",
            parameters=LOCAL_PAGE,
            result=Items(ESCALATION_RECORD),
        ),
        Operation(
            name="get_escalation",
            title="Get an escalation",
            method="GET",
            path="/v2/escalations/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one escalation: its steps, delays and repetition.",
            parameters=ESCALATION,
            result=Item(ESCALATION_RECORD),
        ),
        Operation(
            name="create_escalation",
            title="Create an escalation",
            method="POST",
            path="/v2/escalations",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Define a new escalation. It pages nobody until a routing rule or alert refers to it."
            ),
            parameters=(NAME, required(RULES), *SETTINGS),
            result=CHANGED,
        ),
        Operation(
            name="update_escalation",
            title="Change an escalation",
            method="PATCH",
            path="/v2/escalations/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change an escalation; what is left out stays. Given rules replace all steps, "
                "which changes who is paged at once: read it first with get_escalation."
            ),
            parameters=(*ESCALATION, *optional(NAME), RULES, *SETTINGS),
            result=CHANGED,
        ),
        Operation(
            name="delete_escalation",
            title="Delete an escalation",
            method="DELETE",
            path="/v2/escalations/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an escalation. Alerts routed to it reach nobody; refused while in use.",
            parameters=ESCALATION,
            result=CHANGED,
        ),
    ),
    configuration=True,
)
