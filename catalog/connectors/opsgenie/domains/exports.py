"""Calendars of schedules and people, as iCalendar text."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.schedules import SCHEDULE
from catalog.connectors.opsgenie.identifiers import user_identifier
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.results import Calendar

OF_SCHEDULES = in_domain(
    "schedules",
    (
        Operation(
            name="export_schedule",
            title="Export a schedule's calendar",
            method="GET",
            path="/v2/schedules/{identifier}.ics",
            action=Action.READ,
            right=Right.READ,
            description=(
                "Get a schedule's turns as iCalendar text. To answer who is on call, use get_on_calls."
            ),
            parameters=SCHEDULE,
            result=Calendar(),
        ),
    ),
    configuration=True,
    core=False,
)
OF_PEOPLE = in_domain(
    "on_call",
    (
        Operation(
            name="export_user_on_calls",
            title="Export a user's on-call calendar",
            method="GET",
            path="/v2/schedules/on-calls/{identifier}.ics",
            action=Action.READ,
            right=Right.READ,
            description="Get one user's turns in all schedules as iCalendar text.",
            parameters=user_identifier(),
            result=Calendar(),
        ),
    ),
    configuration=True,
    core=False,
)
OPERATIONS = (*OF_SCHEDULES, *OF_PEOPLE)
