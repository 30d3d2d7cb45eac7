"""On-call schedules and their timeline. Rotations and overrides have modules of their own."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.rotations import ROTATION, ROTATION_FIELDS
from catalog.connectors.opsgenie.identifiers import named_identifier, reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    expansion,
    flag,
    moment,
    objects,
    optional,
    text,
    text_list,
    whole_number,
)
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    RECIPIENT,
    RECIPIENTS,
    TEXT,
    Each,
    field,
    record,
    texts,
)

SCHEDULE = named_identifier("schedule")

SCHEDULE_RECORD = record(
    texts("id", "name", "description", "timezone"),
    field("enabled", FLAG),
    field("owner_team", TEXT, "ownerTeam.name", "ownerTeam.id"),
    field("rotations", Each(ROTATION)),
    headline="name timezone enabled owner_team id",
)

PERIOD = record(
    texts("start_date", "end_date", "type"),
    field("on_call", RECIPIENT, "recipient"),
    field("users", RECIPIENTS, "flattenedRecipients"),
    field("forwarded_from", TEXT, "recipient.forwardedFrom", "fromUser"),
    headline="start_date until_{end_date} on_call users",
)
TIMELINE_ROTATION = record(texts("name"), field("periods", Each(PERIOD)), headline="name")
TIMELINE = record(
    field("schedule", TEXT, "_parent.name"),
    texts("start_date", "end_date"),
    field("final", Each(TIMELINE_ROTATION), "finalTimeline.rotations"),
    field("base", Each(TIMELINE_ROTATION), "baseTimeline.rotations"),
    field("override", Each(TIMELINE_ROTATION), "overrideTimeline.rotations"),
    field("forwarding", Each(TIMELINE_ROTATION), "forwardingTimeline.rotations"),
    headline="schedule start_date end_date",
)

NAME = text("name", "Its name; no team or escalation may have the same.", required=True, max_length=200)
SETTINGS: tuple[Parameter, ...] = (
    text("description", "What it is for.", max_length=1000),
    text("timezone", "IANA time zone, such as Europe/Berlin.", max_length=64),
    flag("enabled", "Whether it is in force; nobody is on call in a disabled one."),
    reference("owner_team", "Name or id of the team that owns it."),
)

OPERATIONS = in_domain(
    "schedules",
    (
        Operation(
            name="list_schedules",
            title="List schedules",
            method="GET",
            path="/v2/schedules",
            action=Action.READ,
            right=Right.READ,
            description="List on-call schedules. To learn who is on call now, use list_on_calls instead.",
            parameters=(
                expansion("include_rotations", "Also give each schedule's rotations.", "rotation"),
                *LOCAL_PAGE,
            ),
            result=Items(SCHEDULE_RECORD),
        ),
        Operation(
            name="get_schedule",
            title="Get a schedule",
            method="GET",
            path="/v2/schedules/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one schedule with its rotations and their participants.",
            parameters=SCHEDULE,
            result=Item(SCHEDULE_RECORD),
        ),
        Operation(
            name="get_schedule_timeline",
            title="Get a schedule's timeline",
            method="GET",
            path="/v2/schedules/{identifier}/timeline",
            action=Action.READ,
            right=Right.READ,
            description=(
                "See who is on call when, over days or weeks. `final` is what counts: rotations with "
                "overrides and forwarding applied."
            ),
            parameters=(
                *SCHEDULE,
                moment("date", "Where to start, with offset; now if left out."),
                whole_number("interval", "How many units to show.", minimum=1, maximum=12, default=1),
                choice("interval_unit", "Unit of interval.", ("days", "weeks", "months"), default="weeks"),
                text_list(
                    "expand",
                    "Also show how the result comes about.",
                    max_items=3,
                    values=("base", "forwarding", "override"),
                ),
            ),
            result=Item(TIMELINE),
        ),
        Operation(
            name="create_schedule",
            title="Create a schedule",
            method="POST",
            path="/v2/schedules",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Create an on-call schedule, with or without rotations. It pages nobody until an escalation, "
                "routing rule or alert refers to it."
            ),
            parameters=(
                NAME,
                *SETTINGS,
                objects("rotations", "Who takes turns, and how.", ROTATION_FIELDS, max_items=20),
            ),
            result=CHANGED,
        ),
        Operation(
            name="update_schedule",
            title="Change a schedule",
            method="PATCH",
            path="/v2/schedules/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change a schedule's name, time zone, owner or state; what is left out stays. "
                "For who is on call, change its rotations or add an override."
            ),
            parameters=(*SCHEDULE, *optional(NAME), *SETTINGS),
            result=CHANGED,
        ),
        Operation(
            name="delete_schedule",
            title="Delete a schedule",
            method="DELETE",
            path="/v2/schedules/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a schedule with its rotations and overrides. What refers to it pages nobody.",
            parameters=SCHEDULE,
            result=CHANGED,
        ),
    ),
    configuration=True,
)
