"""Asking for changes to incidents (/v1/incidents): checked at once, done later."""

from sandbox.alert_requests import (
    LONGEST_DESCRIPTION,
    LONGEST_MESSAGE,
    LONGEST_NOTE,
    LONGEST_TAG,
    MOST_TAGS,
    PRIORITIES,
)
from sandbox.answers import Answer
from sandbox.background import accept
from sandbox.calls import Call
from sandbox.directory import identifier_type
from sandbox.errors import unprocessable
from sandbox.incident_records import IDENTIFIER_TYPES
from sandbox.incidents import INCIDENTS, PATH
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import read_reference
from sandbox.state import Record

RESPONDERS = ("user", "team")
ONE = f"{PATH}/<identifier>"


def act(call: Call, identifier: str, name: str, **arguments: object) -> Answer:
    """Accept an action on an incident. Whether the incident exists is found out later."""
    kind = identifier_type(call, options=IDENTIFIER_TYPES)
    fields = call.query if call.request.method == "DELETE" else call.body
    note, user = fields.text("note", longest=LONGEST_NOTE), fields.text("user", longest=100)
    fields.check()
    target = {
        "identifier": identifier,
        "identifierType": kind,
        "team": call.team["id"] if call.team else None,
    }
    return accept(call, f"incident.{name}", {**target, "note": note, "user": user, **arguments})


@operation("POST", f"{PATH}/create", Right.WRITE, **INCIDENTS)
def create_incident(call: Call) -> Answer:
    """A new incident. Its services are named as `impactedServices`, or one as `serviceId` as it once was."""
    body = call.body
    fields = {
        "message": body.text("message", required=True, longest=LONGEST_MESSAGE),
        "description": body.text("description", longest=LONGEST_DESCRIPTION),
        "responders": [read_reference(each, RESPONDERS) for each in body.objects("responders", most=50)],
        "tags": body.strings("tags", most=MOST_TAGS, longest=LONGEST_TAG),
        "details": body.details("details"),
        "priority": body.choice("priority", PRIORITIES, default="P3"),
        "note": body.text("note", longest=LONGEST_NOTE),
        "user": body.text("user", longest=100),
        "services": services_asked(call),
    }
    body.flag("notifyStakeholders")
    if body.given("statusPageEntry"):
        body.object("statusPageEntry").text("title", required=True)
    body.check()
    return accept(call, "incident.create", fields)


def services_asked(call: Call) -> list[str]:
    """The services an incident is about; each has to exist."""
    services = call.body.strings("impactedServices", most=20)
    if call.body.given("serviceId"):
        services = list(dict.fromkeys([*services, call.body.text("serviceId")]))
    name = "serviceId" if call.body.given("serviceId") else "impactedServices"
    for service in services:
        if service not in call.state.table("services"):
            call.body.complain(name, f"Service does not exist with id: [{service}]")
    return services


@operation("DELETE", ONE, Right.DELETE, **INCIDENTS)
def delete_incident(call: Call, identifier: str) -> Answer:
    """Remove an incident with its history."""
    return act(call, identifier, "delete")


@operation("POST", f"{ONE}/close", Right.WRITE, **INCIDENTS)
def close_incident(call: Call, identifier: str) -> Answer:
    """End an incident."""
    return act(call, identifier, "close")


@operation("POST", f"{ONE}/resolve", Right.WRITE, **INCIDENTS)
def resolve_incident(call: Call, identifier: str) -> Answer:
    """Say that what it was about is over."""
    return act(call, identifier, "resolve")


@operation("POST", f"{ONE}/reopen", Right.WRITE, **INCIDENTS)
def reopen_incident(call: Call, identifier: str) -> Answer:
    """Open an incident again."""
    return act(call, identifier, "reopen")


@operation("POST", f"{ONE}/notes", Right.WRITE, **INCIDENTS)
def add_incident_note(call: Call, identifier: str) -> Answer:
    """Add a note."""
    call.body.text("note", required=True, longest=LONGEST_NOTE)
    call.body.check()
    return act(call, identifier, "note")


@operation("POST", f"{ONE}/responders", Right.WRITE, **INCIDENTS)
def add_incident_responder(call: Call, identifier: str) -> Answer:
    """Call in users or teams. The documents send one `responder`, the Go client a list of that name."""
    body = call.body
    for name in ("responders", "responder"):
        if isinstance(body.anything(name), list):
            responders = [read_reference(each, RESPONDERS) for each in body.objects(name, most=50)]
            break
    else:
        responders = [read_reference(body.object("responder", required=True), RESPONDERS)]
    if not responders:
        body.complain("responders", "may not be empty")
    body.check()
    return act(call, identifier, "responders", responders=responders)


@operation("POST", f"{ONE}/tags", Right.WRITE, **INCIDENTS)
def add_incident_tags(call: Call, identifier: str) -> Answer:
    """Add tags."""
    tags = call.body.strings("tags", most=MOST_TAGS, longest=LONGEST_TAG)
    if not tags:
        call.body.complain("tags", "may not be empty")
    call.body.check()
    return act(call, identifier, "add_tags", tags=tags)


@operation("DELETE", f"{ONE}/tags", Right.DELETE, **INCIDENTS)
def remove_incident_tags(call: Call, identifier: str) -> Answer:
    """Remove the tags named in the query."""
    tags = call.query.strings("tags", most=MOST_TAGS)
    if not tags:
        raise unprocessable({"tags": "may not be empty"})
    call.query.check()
    return act(call, identifier, "remove_tags", tags=tags)


@operation("POST", f"{ONE}/details", Right.WRITE, **INCIDENTS)
def add_incident_details(call: Call, identifier: str) -> Answer:
    """Add details; those with the same keys are replaced."""
    details: Record = call.body.details("details")
    if not details:
        call.body.complain("details", "may not be empty")
    call.body.check()
    return act(call, identifier, "add_details", details=details)


@operation("DELETE", f"{ONE}/details", Right.DELETE, **INCIDENTS)
def remove_incident_details(call: Call, identifier: str) -> Answer:
    """Remove the details whose keys the query names."""
    keys = call.query.strings("keys", most=10)
    if not keys:
        raise unprocessable({"keys": "may not be empty"})
    call.query.check()
    return act(call, identifier, "remove_details", keys=keys)


@operation("POST", f"{ONE}/message", Right.WRITE, **INCIDENTS)
def update_incident_message(call: Call, identifier: str) -> Answer:
    """Change the message."""
    message = call.body.text("message", required=True, longest=LONGEST_MESSAGE)
    call.body.check()
    return act(call, identifier, "message", message=message)


@operation("POST", f"{ONE}/description", Right.WRITE, **INCIDENTS)
def update_incident_description(call: Call, identifier: str) -> Answer:
    """Change the description."""
    description = call.body.text("description", required=True, longest=LONGEST_DESCRIPTION)
    call.body.check()
    return act(call, identifier, "description", description=description)


@operation("PUT POST", f"{ONE}/priority", Right.WRITE, **INCIDENTS)
def update_incident_priority(call: Call, identifier: str) -> Answer:
    """Change the priority."""
    priority = call.body.choice("priority", PRIORITIES, required=True)
    call.body.check()
    return act(call, identifier, "priority", priority=priority)
