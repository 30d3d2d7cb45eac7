"""Changing incidents: what accepted requests do once they are processed."""

from sandbox.alert_changes import close_by_system
from sandbox.background import Work, WorkFailed, worker
from sandbox.incident_records import (
    DEFAULT_USER,
    add_log,
    add_note,
    add_responder,
    add_timeline_entry,
    concerned,
    find_incident,
    new_incident,
)
from sandbox.recipients import find_recipient
from sandbox.state import Record
from sandbox.times import format_instant

HISTORY_TABLES = ("incident_logs", "incident_notes", "incident_timelines")


def target(work: Work, *statuses: str) -> Record:
    """The incident a piece of work is about, which has to be in one of the statuses, if any are named."""
    arguments = work.arguments
    incident = find_incident(work.state, arguments["identifier"], arguments["identifierType"])
    if incident is None or (arguments["team"] is not None and arguments["team"] not in concerned(incident)):
        raise WorkFailed("Incident does not exist")
    if statuses and incident["status"] not in statuses:
        raise WorkFailed(f"Incident is already {incident['status']}")
    return incident


def finish(work: Work, incident: Record, status: str, log: str, timeline: str = "") -> Record:
    """Note what was done, and who did it, on the incident and for the request status."""
    user = work.arguments["user"] or DEFAULT_USER
    incident["updatedAt"] = format_instant(work.now)
    add_log(work.state, incident, log, user, work.now)
    if timeline:
        add_timeline_entry(work.state, incident, timeline, log, user, work.now)
    add_note(work.state, incident, work.arguments["note"], user, work.now)
    return {"status": status, "incidentId": incident["id"]}


@worker("incident.create", "Create", "incident")
def create(work: Work) -> Record:
    """Create an incident; responders that don't exist are left out."""
    fields = dict(work.arguments)
    known = [(each["type"], find_recipient(work.state, each)) for each in fields["responders"]]
    fields["responders"] = [{"type": kind, "id": record["id"]} for kind, record in known if record]
    incident = new_incident(work.state, fields, work.now)
    return finish(work, incident, "Created incident", "Incident created")


@worker("incident.delete", "Delete", "incident")
def delete(work: Work) -> Record:
    """Remove an incident and everything about it."""
    incident = target(work)
    del work.state.table("incidents")[incident["id"]]
    for table in HISTORY_TABLES:
        work.state.table(table).pop(incident["id"], None)
    return {"status": "Deleted incident", "incidentId": incident["id"]}


@worker("incident.close", "Close", "incident")
def close(work: Work) -> Record:
    """Close an incident, and the alerts that called people in for it."""
    incident = target(work, "open", "resolved")
    incident["status"] = "closed"
    for identifier in incident["responderAlertIds"]:
        alert = work.state.table("alerts").get(identifier)
        if alert and alert["status"] == "open":
            close_by_system(work.state, alert, "Incident", work.now)
    return finish(work, incident, "Closed incident", "Incident closed", "IncidentClosed")


@worker("incident.resolve", "Resolve", "incident")
def resolve(work: Work) -> Record:
    """Resolve an open incident."""
    incident = target(work, "open")
    incident["status"] = "resolved"
    return finish(work, incident, "Resolved incident", "Incident resolved", "IncidentResolved")


@worker("incident.reopen", "Reopen", "incident")
def reopen(work: Work) -> Record:
    """Open an incident that was resolved or closed."""
    incident = target(work, "resolved", "closed")
    incident["status"] = "open"
    return finish(work, incident, "Reopened incident", "Incident reopened", "IncidentReopened")


@worker("incident.note", "AddNote", "incident")
def note(work: Work) -> Record:
    """Add a note."""
    incident = target(work)
    user = work.arguments["user"] or DEFAULT_USER
    incident["updatedAt"] = format_instant(work.now)
    add_note(work.state, incident, work.arguments["note"], user, work.now)
    return {"status": "Added note to incident", "incidentId": incident["id"]}


@worker("incident.responders", "AddResponder", "incident")
def add_responders(work: Work) -> Record:
    """Call people in."""
    incident = target(work, "open")
    for reference in work.arguments["responders"]:
        record = find_recipient(work.state, reference)
        if record is None:
            raise WorkFailed(f"{reference['type'].capitalize()} does not exist")
        add_responder(work.state, incident, {"type": reference["type"], "id": record["id"]}, work.now)
    return finish(work, incident, "Added responders to incident", "Responders added", "RespondersAdded")


@worker("incident.add_tags", "AddTags", "incident")
def add_tags(work: Work) -> Record:
    """Add tags."""
    incident = target(work)
    incident["tags"] = list(dict.fromkeys([*incident["tags"], *work.arguments["tags"]]))
    return finish(
        work, incident, "Added tags to incident", f"Added tags: {', '.join(work.arguments['tags'])}"
    )


@worker("incident.remove_tags", "RemoveTags", "incident")
def remove_tags(work: Work) -> Record:
    """Remove tags; one that isn't there is no error."""
    incident = target(work)
    incident["tags"] = [tag for tag in incident["tags"] if tag not in work.arguments["tags"]]
    return finish(work, incident, "Removed tags from incident", "Tags removed")


@worker("incident.add_details", "AddDetails", "incident")
def add_details(work: Work) -> Record:
    """Add or replace details."""
    incident = target(work)
    incident["extraProperties"] = {**incident["extraProperties"], **work.arguments["details"]}
    return finish(work, incident, "Added details to incident", "Details added")


@worker("incident.remove_details", "RemoveDetails", "incident")
def remove_details(work: Work) -> Record:
    """Remove details by key."""
    incident = target(work)
    kept = {
        key: value for key, value in incident["extraProperties"].items() if key not in work.arguments["keys"]
    }
    incident["extraProperties"] = kept
    return finish(work, incident, "Removed details from incident", "Details removed")


@worker("incident.message", "UpdateMessage", "incident")
def update_message(work: Work) -> Record:
    """Change the message."""
    incident = target(work)
    incident["message"] = work.arguments["message"]
    return finish(work, incident, "Updated incident message", "Message changed")


@worker("incident.description", "UpdateDescription", "incident")
def update_description(work: Work) -> Record:
    """Change the description."""
    incident = target(work)
    incident["description"] = work.arguments["description"]
    return finish(work, incident, "Updated incident description", "Description changed")


@worker("incident.priority", "UpdatePriority", "incident")
def update_priority(work: Work) -> Record:
    """Change the priority."""
    incident = target(work)
    before, incident["priority"] = incident["priority"], work.arguments["priority"]
    log = f"Priority changed from {before} to {incident['priority']}"
    return finish(work, incident, "Updated incident priority", log, "PriorityUpdated")
