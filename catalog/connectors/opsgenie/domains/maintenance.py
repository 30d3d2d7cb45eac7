"""Maintenance windows: policies and integrations are switched on or off for a while."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, choice, moment, objects, text
from catalog.connectors.opsgenie.results import Changed, Item, Items
from catalog.connectors.opsgenie.shapes import TEXT, Each, field, record, texts

MAINTENANCE_ID = path_name("maintenance_id", "The window's id, from list_maintenances.", wire="id")

MAINTENANCE_IN_LIST = record(
    texts("id", "status", "description"),
    field("time_type", TEXT, "time.type"),
    field("start_date", TEXT, "time.startDate"),
    field("end_date", TEXT, "time.endDate"),
    headline="status description start_date until_{end_date} id",
)
RULE = record(
    texts("state"),
    field("entity_type", TEXT, "entity.type"),
    field("entity_id", TEXT, "entity.id"),
    headline="entity_type entity_id state",
)
MAINTENANCE = MAINTENANCE_IN_LIST.but(also=(field("rules", Each(RULE)),))
CHANGED_MAINTENANCE = Changed(MAINTENANCE_IN_LIST)

CONTENT: tuple[Parameter, ...] = (
    choice(
        "time_type",
        "How long; schedule takes start_date and end_date.",
        ("for-5-minutes", "for-30-minutes", "for-1-hour", "indefinitely", "schedule"),
        required=True,
        wire="time.type",
    ),
    moment("start_date", "For schedule: from when, with offset.", wire="time.startDate"),
    moment("end_date", "For schedule: until when, with offset.", wire="time.endDate"),
    objects(
        "rules",
        "What is switched.",
        (
            choice(
                "entity_type", "Kind of thing.", ("integration", "policy"), required=True, wire="entity.type"
            ),
            text("entity_id", "Its id.", required=True, wire="entity.id"),
            choice("state", "To what; integrations can only be disabled.", ("enabled", "disabled")),
        ),
        max_items=100,
        required=True,
    ),
    text("description", "Why.", max_length=1000),
)

OPERATIONS = in_domain(
    "maintenance",
    (
        Operation(
            name="list_maintenances",
            title="List maintenance windows",
            method="GET",
            path="/v1/maintenance",
            action=Action.READ,
            right=Right.READ,
            description="List maintenance windows. Active ones explain why alerts don't come in.",
            parameters=(
                choice("type", "Which windows.", ("all", "non-expired", "past"), default="non-expired"),
                *LOCAL_PAGE,
            ),
            result=Items(MAINTENANCE_IN_LIST),
        ),
        Operation(
            name="get_maintenance",
            title="Get a maintenance window",
            method="GET",
            path="/v1/maintenance/{id}",
            action=Action.READ,
            right=Right.READ,
            description="Read one maintenance window and what it switches on or off.",
            parameters=(MAINTENANCE_ID,),
            result=Item(MAINTENANCE),
        ),
        Operation(
            name="create_maintenance",
            title="Start or plan maintenance",
            method="POST",
            path="/v1/maintenance",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Switch integrations or policies for a while. With an integration off its alerts are lost, "
                "not delayed: name the narrowest set and the shortest time."
            ),
            parameters=CONTENT,
            result=CHANGED_MAINTENANCE,
        ),
        Operation(
            name="update_maintenance",
            title="Change a maintenance window",
            method="PUT",
            path="/v1/maintenance/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace a maintenance window as a whole: its time, rules and description.",
            parameters=(MAINTENANCE_ID, *CONTENT),
            result=CHANGED_MAINTENANCE,
        ),
        Operation(
            name="change_maintenance_end_date",
            title="Change when maintenance ends",
            method="POST",
            path="/v1/maintenance/{id}/change-end-date",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Shorten or lengthen a maintenance window.",
            parameters=(MAINTENANCE_ID, moment("end_date", "The new end, with offset.", required=True)),
            result=CHANGED_MAINTENANCE,
            idempotent=True,
        ),
        Operation(
            name="cancel_maintenance",
            title="Cancel maintenance",
            method="POST",
            path="/v1/maintenance/{id}/cancel",
            action=Action.WRITE,
            right=Right.WRITE,
            description="End a maintenance window now. Alerts come in as usual again.",
            parameters=(MAINTENANCE_ID,),
            result=CHANGED_MAINTENANCE,
            idempotent=True,
        ),
        Operation(
            name="delete_maintenance",
            title="Delete a maintenance window",
            method="DELETE",
            path="/v1/maintenance/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description=(
                "Delete a maintenance window and the record of it. To end one, use cancel_maintenance."
            ),
            parameters=(MAINTENANCE_ID,),
            result=CHANGED_MAINTENANCE,
        ),
    ),
    configuration=True,
    core=False,
)
