"""Rotations: who takes turns in a schedule."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.hours import active_hours
from catalog.connectors.opsgenie.identifiers import named_identifier, path_name, recipients
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, choice, moment, optional, text, whole_number
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import HOURS, RECIPIENTS, WHOLE, field, record, texts

SCHEDULE = named_identifier("schedule", kind_wire="scheduleIdentifierType")
ROTATION_ID = path_name("rotation_id", "The rotation's id, from list_schedule_rotations.", wire="id")

ROTATION = record(
    texts("id", "name", "start_date", "end_date", "type"),
    field("length", WHOLE),
    field("participants", RECIPIENTS),
    field("active_hours", HOURS, "timeRestriction"),
    headline="name type length_{length} participants from_{start_date} until_{end_date} id",
)
ROTATION_FIELDS: tuple[Parameter, ...] = (
    text("name", "Its name.", max_length=200),
    choice("type", "Unit of a turn.", ("daily", "weekly", "hourly"), required=True),
    whole_number("length", "How many units a turn lasts.", minimum=1, maximum=1000, default=1),
    moment("start_date", "When the first turn starts, with offset; on the half hour.", required=True),
    moment("end_date", "When the rotation ends; never if left out."),
    recipients(
        "participants",
        "In order of turns, as `user:ana@example.com`, `team:…`, `escalation:…`, or `none` for nobody.",
        ("none", "user", "team", "escalation"),
        max_items=100,
        required=True,
    ),
    active_hours(),
)


OPERATIONS = in_domain(
    "schedules",
    (
        Operation(
            name="list_schedule_rotations",
            title="List a schedule's rotations",
            method="GET",
            path="/v2/schedules/{identifier}/rotations",
            action=Action.READ,
            right=Right.READ,
            description="List the rotations of a schedule: participants, turn lengths and hours.",
            parameters=(*SCHEDULE, *LOCAL_PAGE),
            result=Items(ROTATION),
        ),
        Operation(
            name="get_schedule_rotation",
            title="Get a rotation",
            method="GET",
            path="/v2/schedules/{identifier}/rotations/{id}",
            action=Action.READ,
            right=Right.READ,
            description="Read one rotation of a schedule.",
            parameters=(*SCHEDULE, ROTATION_ID),
            result=Item(ROTATION),
        ),
        Operation(
            name="create_schedule_rotation",
            title="Add a rotation to a schedule",
            method="POST",
            path="/v2/schedules/{identifier}/rotations",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Add a rotation to a schedule. From its start date its participants are on call, besides "
                "those of other rotations."
            ),
            parameters=(*SCHEDULE, *ROTATION_FIELDS),
            result=CHANGED,
        ),
        Operation(
            name="update_schedule_rotation",
            title="Change a rotation",
            method="PATCH",
            path="/v2/schedules/{identifier}/rotations/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change a rotation; what is left out stays. Given participants replace all of them, and "
                "turns are counted anew: check get_schedule_timeline afterwards."
            ),
            parameters=(*SCHEDULE, ROTATION_ID, *optional(*ROTATION_FIELDS)),
            result=CHANGED,
        ),
        Operation(
            name="delete_schedule_rotation",
            title="Delete a rotation",
            method="DELETE",
            path="/v2/schedules/{identifier}/rotations/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a rotation. Its participants are no longer on call through it.",
            parameters=(*SCHEDULE, ROTATION_ID),
            result=CHANGED,
        ),
    ),
    configuration=True,
)
