"""Who is on call: the question most often asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import named_identifier
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, flag, moment
from catalog.connectors.opsgenie.results import Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    RECIPIENT,
    TEXT,
    WHOLE,
    Record,
    Shape,
    field,
    record,
    texts,
)

SCHEDULE = named_identifier("schedule", kind_wire="scheduleIdentifierType")

PARTICIPANT = record(
    field("recipient", RECIPIENT, "."),
    texts("id"),
    field("forwarded_from", TEXT, "forwardedFrom.name", "forwardedFrom.id"),
    field("escalation_minutes", WHOLE, "escalationTime"),
    field("notify_type", TEXT),
    field("via", TEXT),
    headline="recipient through_{via} after_{escalation_minutes}_minutes in_place_of_{forwarded_from}",
)
_DEEPEST = 5
_MOST = 100


@dataclass(frozen=True, slots=True)
class Participants(Shape):
    """Opsgenie's tree of participants as one list; `via` says through what each got in.

    A flat answer holds user names in place of the tree. Both give the same list.
    """

    item: Record = PARTICIPANT

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema}

    def fit(self, value: Any) -> list[Any] | None:
        if not isinstance(value, list):
            return None
        return [fitted for fitted, _ in zip(_flatten(value, "", 0), range(_MOST), strict=False)]


def _flatten(entries: Any, via: str, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(entries, list) or depth == _DEEPEST:
        return
    for entry in entries:
        if isinstance(entry, str):  # flat answers name users by username alone
            entry = {"type": "user", "username": entry}
        facts = PARTICIPANT.fit(entry)
        if not facts or "recipient" not in facts:
            continue
        yield {**facts, "via": via} if via else facts
        yield from _flatten(entry.get("onCallParticipants"), facts["recipient"], depth + 1)


PARTICIPANTS = Participants()

PARENT = (
    field("schedule", TEXT, "_parent.name"),
    field("schedule_id", TEXT, "_parent.id"),
    field("schedule_enabled", FLAG, "_parent.enabled"),
)
ON_CALL = record(
    PARENT,
    field("on_call", PARTICIPANTS, "onCallParticipants", "onCallRecipients"),
    headline="schedule on_call",
)
# Opsgenie swaps the two names here: Recipients hold the objects, Participants the plain names.
NEXT_ON_CALL = record(
    PARENT,
    field("next", PARTICIPANTS, "nextOnCallRecipients", "nextOnCallParticipants"),
    field("exact_next", PARTICIPANTS, "exactNextOnCallRecipients", "exactNextOnCallParticipants"),
    headline="schedule next",
)

WHEN: tuple[Parameter, ...] = (
    moment("date", "The moment to ask about, with offset; now if left out."),
    flag(
        "flat",
        "True gives just the users; false also the teams and escalations they come through.",
        default=True,
    ),
)

OPERATIONS = in_domain(
    "on_call",
    (
        Operation(
            name="list_on_calls",
            title="List who is on call",
            method="GET",
            path="/v2/schedules/on-calls",
            action=Action.READ,
            right=Right.READ,
            description="See who is on call in every schedule, now or at a given moment.",
            parameters=(*WHEN, *LOCAL_PAGE),
            result=Items(ON_CALL),
        ),
        Operation(
            name="get_on_calls",
            title="Get who is on call in a schedule",
            method="GET",
            path="/v2/schedules/{identifier}/on-calls",
            action=Action.READ,
            right=Right.READ,
            description="See who is on call in one schedule, now or at a given moment.",
            parameters=(*SCHEDULE, *WHEN),
            result=Item(ON_CALL),
        ),
        Operation(
            name="get_next_on_calls",
            title="Get who is on call next",
            method="GET",
            path="/v2/schedules/{identifier}/next-on-calls",
            action=Action.READ,
            right=Right.READ,
            description=(
                "See who is on call after the present turn: `exact_next` takes over at the very next change, "
                "`next` is the next one who differs."
            ),
            parameters=(*SCHEDULE, *WHEN),
            result=Item(NEXT_ON_CALL),
        ),
    ),
    configuration=True,
)
