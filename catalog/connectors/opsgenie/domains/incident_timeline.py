"""An incident's timeline, and the postmortem written after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import KEYED_PAGE, order
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.paging import ByKey
from catalog.connectors.opsgenie.parameters import Parameter, moment, text
from catalog.connectors.opsgenie.results import Changed, Item, Items
from catalog.connectors.opsgenie.shapes import (
    FLAG,
    LONG_TEXT,
    TEXT,
    Shape,
    Text,
    field,
    record,
    texts,
)

INCIDENT_ID = path_name("incident_id", "The incident's id.", max_length=100)
ENTRY_ID = path_name("entry_id", "The entry's id, from list_incident_timeline_entries.", max_length=100)
ENTRY_PARAMETERS: tuple[Parameter, ...] = (INCIDENT_ID, ENTRY_ID)

ENTRY = record(
    texts("id", "group", "type", "event_time"),
    field("hidden", FLAG),
    field("actor", TEXT, "actor.name"),
    field("text", Text(limit=4000), "description.content", "description.name"),
    headline="event_time actor type text hidden id",
)
CHANGED_ENTRY = Changed(ENTRY)
CONTENT: tuple[Parameter, ...] = (
    text("content", "What happened.", max_length=10_000, required=True, wire="description.content"),
    moment("time", "When, with offset; now if left out."),
)

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class DocumentText(Shape):
    """The plain text of an Atlassian document (`{type: doc, content: [{text}, {content: […]}]}`)."""

    @property
    def schema(self) -> dict[str, Any]:
        return LONG_TEXT.schema

    def fit(self, value: Any) -> str | None:
        return LONG_TEXT.fit(" ".join(_texts_in(value, 0))) if isinstance(value, Mapping) else None


def _texts_in(node: Any, depth: int) -> Iterator[str]:
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return
    if isinstance(node.get("text"), str):
        yield node["text"]
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        yield from _texts_in(child, depth + 1)


POSTMORTEM = record(
    field("id", TEXT, "postmortemId"),
    texts("title", "severity", "status", "start_time", "end_time", "respond_time", "resolve_time"),
    field("created_at", TEXT, "createdAtTime"),
    field("incident_id", TEXT, "rootIncident.id"),
    field("incident", TEXT, "rootIncident.message"),
    field("summary", DocumentText(), "executiveSummary"),
    field("content", DocumentText()),
    headline="title severity status id",
)

TIMELINE = in_domain(
    "incidents",
    (
        Operation(
            name="list_incident_timeline_entries",
            title="List an incident's timeline",
            method="GET",
            path="/v2/incident-timelines/{incidentId}/entries",
            action=Action.READ,
            right=Right.READ,
            description="Read an incident's timeline: what happened and what people noted, in order.",
            parameters=(INCIDENT_ID, *KEYED_PAGE, order("desc")),
            result=Items(ENTRY, ByKey(), at="entries"),
        ),
        Operation(
            name="get_incident_timeline_entry",
            title="Get a timeline entry",
            method="GET",
            path="/v2/incident-timelines/{incidentId}/entries/{entryId}",
            action=Action.READ,
            right=Right.READ,
            description="Read one entry of an incident's timeline.",
            parameters=ENTRY_PARAMETERS,
            result=Item(ENTRY),
        ),
        Operation(
            name="add_incident_timeline_entry",
            title="Add a timeline entry",
            method="POST",
            path="/v2/incident-timelines/{incidentId}/entries",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add an entry to an incident's timeline, for the postmortem.",
            parameters=(INCIDENT_ID, *CONTENT),
            result=CHANGED_ENTRY,
        ),
        Operation(
            name="update_incident_timeline_entry",
            title="Change a timeline entry",
            method="PUT",
            path="/v2/incident-timelines/{incidentId}/entries/{entryId}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace the text and time of an entry. Only entries made by people can be changed.",
            parameters=(*ENTRY_PARAMETERS, *CONTENT),
            result=CHANGED_ENTRY,
        ),
        Operation(
            name="hide_incident_timeline_entry",
            title="Hide a timeline entry",
            method="PATCH",
            path="/v2/incident-timelines/{incidentId}/entries/{entryId}/hide",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Hide an entry from an incident's timeline. It can be shown again.",
            parameters=ENTRY_PARAMETERS,
            result=CHANGED_ENTRY,
        ),
        Operation(
            name="unhide_incident_timeline_entry",
            title="Show a timeline entry again",
            method="PATCH",
            path="/v2/incident-timelines/{incidentId}/entries/{entryId}/unhide",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Show a hidden entry of an incident's timeline again.",
            parameters=ENTRY_PARAMETERS,
            result=CHANGED_ENTRY,
        ),
        Operation(
            name="delete_incident_timeline_entry",
            title="Delete a timeline entry",
            method="DELETE",
            path="/v2/incident-timelines/{incidentId}/entries/{entryId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an entry from an incident's timeline, for good. Hiding it is milder.",
            parameters=ENTRY_PARAMETERS,
            result=CHANGED_ENTRY,
        ),
    ),
    configuration=True,
    core=False,
)
POSTMORTEMS = in_domain(
    "incidents",
    (
        Operation(
            name="get_postmortem",
            title="Get a postmortem",
            method="GET",
            path="/v2/postmortem/{id}",
            action=Action.READ,
            right=Right.READ,
            description="Read a postmortem as plain text, with its times and severity.",
            parameters=(path_name("postmortem_id", "The postmortem's id.", max_length=100, wire="id"),),
            result=Item(POSTMORTEM),
        ),
    ),
    configuration=False,
    core=False,
)
OPERATIONS = (*TIMELINE, *POSTMORTEMS)
