"""Overrides: somebody else is on call for a while."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.rotations import SCHEDULE
from catalog.connectors.opsgenie.identifiers import is_uuid, path_name, recipient
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, moment, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import RECIPIENT, TEXT, Each, field, record, texts

ALIAS = path_name("alias", "The override's alias, from list_schedule_overrides.")

OVERRIDE = record(
    texts("alias"),
    field("on_call", RECIPIENT, "user"),
    texts("start_date", "end_date"),
    field("rotations", Each(record(texts("id", "name"), headline="name id"))),
    field("schedule", TEXT, "_parent.name"),
    headline="start_date until_{end_date} on_call alias",
)
COVER: tuple[Parameter, ...] = (
    recipient(
        "on_call",
        "Who takes over, as `user:ana@example.com`, `team:…` or `escalation:…`.",
        ("user", "team", "escalation"),
        required=True,
        wire="user",
    ),
    moment("start_date", "From when, with offset; on the half hour.", required=True),
    moment("end_date", "Until when, with offset; on the half hour.", required=True),
    text_list(
        "rotations",
        "Names or ids of the rotations it is for; all if left out.",
        max_items=20,
        encode=lambda names: [{"id" if is_uuid(name) else "name": name} for name in names],
    ),
)

OPERATIONS = in_domain(
    "schedules",
    (
        Operation(
            name="list_schedule_overrides",
            title="List a schedule's overrides",
            method="GET",
            path="/v2/schedules/{identifier}/overrides",
            action=Action.READ,
            right=Right.READ,
            description="List the overrides of a schedule: who covers for whom, from when to when.",
            parameters=(*SCHEDULE, *LOCAL_PAGE),
            result=Items(OVERRIDE),
        ),
        Operation(
            name="get_schedule_override",
            title="Get an override",
            method="GET",
            path="/v2/schedules/{identifier}/overrides/{alias}",
            action=Action.READ,
            right=Right.READ,
            description="Read one override of a schedule.",
            parameters=(*SCHEDULE, ALIAS),
            result=Item(OVERRIDE),
        ),
        Operation(
            name="create_schedule_override",
            title="Cover a shift",
            method="POST",
            path="/v2/schedules/{identifier}/overrides",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Put somebody on call for a while in place of the rotation: a swap, a sick day. "
                "An alias that exists already is overwritten."
            ),
            parameters=(*SCHEDULE, *COVER, text("alias", "Your name for it; made by Opsgenie if left out.")),
            result=CHANGED,
        ),
        Operation(
            name="update_schedule_override",
            title="Change an override",
            method="PUT",
            path="/v2/schedules/{identifier}/overrides/{alias}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace an override as a whole: who, from when, until when.",
            parameters=(*SCHEDULE, ALIAS, *COVER),
            result=CHANGED,
        ),
        Operation(
            name="delete_schedule_override",
            title="Delete an override",
            method="DELETE",
            path="/v2/schedules/{identifier}/overrides/{alias}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an override; the rotation applies again at once.",
            parameters=(*SCHEDULE, ALIAS),
            result=CHANGED,
        ),
    ),
    configuration=True,
)
