"""Three incidents of the last days, one of them written up, and the deployments before them."""

from datetime import datetime, timedelta

from sandbox.background import WORKERS, Work
from sandbox.seed_people import team_called, username
from sandbox.state import Record, State
from sandbox.times import format_instant

# message, service, priority, hours ago, what happened afterwards: minutes later, action, further arguments
INCIDENTS: tuple[tuple[str, str, str, int, tuple[tuple[int, str, Record], ...]], ...] = (
    (
        "Card payments declined for a third of customers",
        "Card payments",
        "P1",
        70,
        (
            (4, "note", {"note": "The acquirer confirms trouble on their side."}),
            (55, "resolve", {"note": "Traffic moved to the second acquirer."}),
            (300, "close", {}),
        ),
    ),
    (
        "Tracking page shows yesterday's positions",
        "Tracking page",
        "P2",
        26,
        ((9, "note", {"note": "Partition leaders move back one by one."}), (140, "resolve", {})),
    ),
    (
        "Sorting in Hamburg runs at half speed",
        "Sorting",
        "P2",
        2,
        ((15, "add_tags", {"tags": ["hamburg"]}), (20, "note", {"note": "A technician is on the way."})),
    ),
)


def add_incidents(state: State, now: datetime) -> None:
    """Play back what happened, by the code that handles real requests."""
    for message, service_name, priority, hours, actions in INCIDENTS:
        service = next(each for each in state.table("services").values() if each["name"] == service_name)
        start = now - timedelta(hours=hours)
        fields = {
            "message": message,
            "description": "",
            "responders": [{"type": "team", "id": team_called(state, "Platform")["id"]}],
            "tags": [],
            "details": {},
            "priority": priority,
            "services": [service["id"]],
            "note": "",
            "user": username("Priya Raman"),
        }
        _add_deployment(state, service_name, start - timedelta(minutes=50))
        created = WORKERS["incident.create"][2](Work(state, start, fields, ""))
        target = {"identifier": created["incidentId"], "identifierType": "id", "team": None, "note": ""}
        for minutes, action, arguments in actions:
            instant = start + timedelta(minutes=minutes)
            work = Work(state, instant, {**target, "user": username("Priya Raman"), **arguments}, "")
            WORKERS[f"incident.{action}"][2](work)
    _add_postmortem(state, next(iter(state.table("incidents").values())))


def _add_deployment(state: State, service_name: str, instant: datetime) -> None:
    identifier = state.new_id()
    state.table("deployments")[identifier] = {
        "id": identifier,
        "message": f"{service_name}: weekly release",
        "description": "",
        "state": "successful",
        "environment": {"id": "production", "type": "Production", "displayName": "Production"},
        "externalId": f"release-{len(state.table('deployments')) + 1}",
        "externalLink": "",
        "releases": [],
        "type": "api",
        "startedAt": format_instant(instant),
        "completedAt": format_instant(instant + timedelta(minutes=12)),
    }


def _add_postmortem(state: State, incident: Record) -> None:
    identifier = state.new_id()
    paragraph = {"type": "text", "text": "An acquirer failed without saying so; we had no alert for it."}
    document = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [paragraph]}]}
    root = {name: incident[name] for name in ("id", "priority", "tinyId", "message", "status", "tags")}
    state.table("postmortems")[identifier] = {
        "postmortemId": identifier,
        "title": f"{incident['message']}: report",
        "severity": incident["priority"],
        "status": "draft",
        "executiveSummary": document,
        "content": document,
        "startTime": incident["createdAt"],
        "endTime": incident["updatedAt"],
        "createdAtTime": incident["updatedAt"],
        "rootIncident": {**root, "creationTime": incident["createdAt"]},
        "relatedIncidents": [],
        "affectedServices": incident["impactedServices"],
        "responderTeams": [],
        "responders": [],
        "jiraIssues": [],
    }
