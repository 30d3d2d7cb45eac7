"""What an incident is: finding it, showing it, its history and its timeline."""

from datetime import datetime

from sandbox.alert_records import add_log as add_alert_log
from sandbox.alert_records import new_alert
from sandbox.calls import TEAM_KEY_REFUSAL, Call
from sandbox.directory import identifier_type
from sandbox.errors import ApiError, forbidden
from sandbox.history import add_entry
from sandbox.state import Record, State
from sandbox.times import format_instant

DEFAULT_USER = "API"
IDENTIFIER_TYPES = ("id", "tiny")
INTERNAL = ("responderAlertIds", "associatedAlertIds")
DETAIL_ONLY = ("description",)


def find_incident(state: State, identifier: str, kind: str) -> Record | None:
    """An incident by id or tiny id."""
    incidents = state.table("incidents")
    if kind == "id":
        return incidents.get(identifier)
    return next((each for each in reversed(incidents.values()) if each["tinyId"] == identifier), None)


def incident_of_path(call: Call, identifier: str) -> Record:
    """The incident a read is about, if the key may see it."""
    kind = identifier_type(call, options=IDENTIFIER_TYPES)
    incident = find_incident(call.state, identifier, kind)
    if incident is None:
        raise ApiError(404, f"Incident does not exist with {kind}: [{identifier}]")
    if not visible(call, incident):
        raise forbidden(TEAM_KEY_REFUSAL)
    return incident


def concerned(incident: Record) -> list[str]:
    """The ids of who owns an incident or responds to it."""
    return [incident["ownerTeam"], *(each["id"] for each in incident["responders"])]


def visible(call: Call, incident: Record) -> bool:
    """Whether the key's scope covers an incident."""
    return call.team is None or call.team["id"] in concerned(incident)


def incident_view(incident: Record, *, detailed: bool) -> Record:
    """An incident as reads show it; lists leave the description out."""
    hidden = INTERNAL if detailed else (*INTERNAL, *DETAIL_ONLY)
    return {name: value for name, value in incident.items() if name not in hidden}


def new_incident(state: State, fields: Record, now: datetime) -> Record:
    """Make an incident of what a create request said, and put it into the state."""
    stamp = format_instant(now)
    services = [
        state.table("services")[each] for each in fields["services"] if each in state.table("services")
    ]
    owner = services[0]["teamId"] if services else ""
    identifier = state.new_id()
    incident: Record = {
        "id": identifier,
        "tinyId": str(state.next_number("tiny_incident_id")),
        "message": fields["message"],
        "status": "open",
        "isSeen": False,
        "tags": fields["tags"],
        "createdAt": stamp,
        "updatedAt": stamp,
        "source": fields.get("source", "API"),
        "owner": "",
        "priority": fields["priority"],
        "responders": [],
        "ownerTeam": owner,
        "impactedServices": [each["id"] for each in services],
        "extraProperties": fields["details"],
        "description": fields["description"],
        "impactStartDate": stamp,
        "actions": [],
        "links": {"web": f"https://opsgenie.example/incident/detail/{identifier}"},
        "responderAlertIds": [],
        "associatedAlertIds": fields.get("associatedAlertIds", []),
    }
    if services:
        incident["serviceId"] = services[0]["id"]
    state.table("incidents")[identifier] = incident
    called = [*fields["responders"], *([{"type": "team", "id": owner}] if owner else [])]
    for responder in called:
        add_responder(state, incident, responder, now)
    add_timeline_entry(state, incident, "IncidentCreated", "Incident is created", DEFAULT_USER, now)
    return incident


def add_responder(state: State, incident: Record, responder: Record, now: datetime) -> None:
    """Call somebody in: they get an alert of their own about the incident."""
    short = {"type": responder["type"], "id": responder["id"]}
    if short in incident["responders"]:
        return
    incident["responders"].append(short)
    fields = {
        "message": f"[Incident] {incident['message']}"[:130],
        "alias": "",
        "description": incident["description"],
        "responders": [short],
        "visibleTo": [],
        "actions": [],
        "tags": incident["tags"],
        "details": {"incident-id": incident["id"]},
        "entity": "",
        "priority": incident["priority"],
        "source": "Incident",
    }
    alert = new_alert(state, fields, "", now)
    add_alert_log(state, alert, "system", f"Created for incident #{incident['tinyId']}", "System", now)
    incident["responderAlertIds"].append(alert["id"])


def add_log(state: State, incident: Record, text: str, owner: str, now: datetime) -> None:
    """Add a line to an incident's log."""
    add_entry(state, "incident_logs", incident["id"], {"log": text, "type": "system", "owner": owner}, now)


def add_note(state: State, incident: Record, note: str, owner: str, now: datetime) -> None:
    """Add a note to an incident, and to its log that there is one."""
    if note:
        add_entry(state, "incident_notes", incident["id"], {"note": note, "owner": owner}, now)
        add_log(state, incident, f"Added note: {note[:100]}", owner, now)


def add_timeline_entry(
    state: State, incident: Record, kind: str, text: str, owner: str, now: datetime, *, group: str = "system"
) -> Record:
    """Add an entry to an incident's timeline."""
    entry = {
        "id": state.new_id(),
        "group": group,
        "type": kind,
        "eventTime": format_instant(now),
        "hidden": False,
        "actor": {"name": owner, "type": "user" if group == "custom" else "system"},
        "description": {"type": "plain_text", "content": text},
        "lastEdit": {"editTime": format_instant(now), "actor": {"name": owner, "type": "system"}},
    }
    state.table("incident_timelines").setdefault(incident["id"], {"entries": []})["entries"].append(entry)
    return entry
