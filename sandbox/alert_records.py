"""What an alert is: finding it, showing it, and its history of logs and notes."""

from datetime import datetime

from sandbox.calls import TEAM_KEY_REFUSAL, Call
from sandbox.coverage import notified_users
from sandbox.directory import identifier_type
from sandbox.durations import length_of
from sandbox.errors import ApiError, forbidden
from sandbox.history import add_entry
from sandbox.routing_rules import route
from sandbox.state import Record, State
from sandbox.times import epoch_milliseconds, format_instant

DETAIL_ONLY = ("actions", "entity", "description", "details")
INTERNAL = ("visibleTo", "recipients")
IDENTIFIER_TYPES = ("id", "tiny", "alias")
DEFAULT_USER = "Alert API"


def find_alert(state: State, identifier: str, kind: str) -> Record | None:
    """An alert by id, tiny id or alias. An alias only ever means the open alert."""
    alerts = state.table("alerts")
    if kind == "id":
        return alerts.get(identifier)
    if kind == "alias":
        return alerts.get(state.table("open_aliases").get(identifier, {}).get("id", ""))
    # Tiny ids roll over: the newest alert with the number is meant.
    return next((alert for alert in reversed(alerts.values()) if alert["tinyId"] == identifier), None)


def alert_of_path(call: Call, identifier: str, *parameters: str) -> Record:
    """The alert a read is about, if the key may see it."""
    kind = identifier_type(call, *(parameters or ("identifierType",)), options=IDENTIFIER_TYPES)
    alert = find_alert(call.state, identifier, kind)
    if alert is None:
        raise ApiError(404, f"Alert does not exist with {kind}: [{identifier}]")
    if not visible(call, alert):
        raise forbidden(TEAM_KEY_REFUSAL)
    return alert


def visible(call: Call, alert: Record) -> bool:
    """Whether the key's scope covers an alert: its team responds to it, or was made to see it."""
    team = call.team
    if team is None:
        return True
    concerned = [alert["ownerTeamId"], *(each["id"] for each in [*alert["responders"], *alert["visibleTo"]])]
    return team["id"] in concerned


def list_item(alert: Record) -> Record:
    """An alert as lists show it."""
    return {
        name: value
        for name, value in alert.items()
        if name not in DETAIL_ONLY and name not in INTERNAL and value is not None
    }


def alert_view(alert: Record) -> Record:
    """An alert as get shows it."""
    return {name: value for name, value in alert.items() if name not in INTERNAL and value is not None}


def new_alert(state: State, fields: Record, integration_id: str, now: datetime) -> Record:
    """Make an alert of what a create request said, and put it into the state."""
    identifier = f"{state.new_id()}-{epoch_milliseconds(now)}"
    responders = [{"type": each["type"], "id": each["id"]} for each in fields["responders"]]
    teams = [each["id"] for each in responders if each["type"] == "team"]
    integration = state.table("integrations").get(integration_id)
    stamp = format_instant(now)
    alert: Record = {
        "seen": False,
        "id": identifier,
        "tinyId": str(state.next_number("tiny_alert_id")),
        "alias": fields["alias"] or identifier,
        "message": fields["message"],
        "status": "open",
        "acknowledged": False,
        "isSeen": False,
        "tags": fields["tags"],
        "snoozed": False,
        "snoozedUntil": None,
        "count": 1,
        "lastOccurredAt": stamp,
        "createdAt": stamp,
        "updatedAt": stamp,
        "source": fields["source"],
        "owner": "",
        "priority": fields["priority"],
        "teams": [{"id": team} for team in teams],
        "responders": responders,
        "visibleTo": [{"type": each["type"], "id": each["id"]} for each in fields["visibleTo"]],
        "integration": {name: integration[name] for name in ("id", "name", "type")} if integration else None,
        "ownerTeamId": teams[0] if teams else "",
        "report": None,
        "actions": fields["actions"],
        "entity": fields["entity"],
        "description": fields["description"],
        "details": fields["details"],
        "recipients": [],
    }
    state.table("alerts")[identifier] = alert
    state.table("open_aliases")[alert["alias"]] = {"id": identifier}
    for responder in responders:
        notify(state, alert, responder, now)
    return alert


def notify(state: State, alert: Record, responder: Record, now: datetime) -> None:
    """Add the users a responder stands for at this moment to the alert's recipients.

    A team is reached the way its routing rules say, and an escalation begins with its first step.
    """
    target: Record | None = responder
    if responder["type"] == "team" and responder["id"] in state.table("teams"):
        target = route(state.table("teams")[responder["id"]], alert, now)
    if target is None:
        return
    targets = [target]
    if target["type"] == "escalation":
        targets = first_step(state.table("escalations").get(target["id"], {"rules": []})["rules"])
    known = {each["user"]["id"] for each in alert["recipients"]}
    stamp = format_instant(now)
    for user in [user for each in targets for user in notified_users(state, each, now)]:
        if user["id"] not in known:
            known.add(user["id"])
            alert["recipients"].append(
                {
                    "user": {"id": user["id"], "username": user["username"]},
                    "state": "notactive",
                    "method": "",
                    "createdAt": stamp,
                    "updatedAt": stamp,
                }
            )


def first_step(rules: list[Record]) -> list[Record]:
    """Whom an escalation notifies before any time has passed."""
    soonest = min((length_of(rule["delay"]) for rule in rules), default=None)
    return [rule["recipient"] for rule in rules if length_of(rule["delay"]) == soonest]


def mark_recipient(state: State, alert: Record, username: str, method: str, now: datetime) -> None:
    """Note that a recipient has acted on the alert."""
    for recipient in alert["recipients"]:
        if recipient["user"]["username"] == username:
            recipient.update(state="action", method=method, updatedAt=format_instant(now))


def add_log(state: State, alert: Record, kind: str, text: str, owner: str, now: datetime) -> None:
    """Add a line to an alert's log."""
    add_entry(state, "alert_logs", alert["id"], {"log": text, "type": kind, "owner": owner}, now)


def add_note(state: State, alert: Record, note: str, owner: str, now: datetime) -> None:
    """Add a note to an alert, and to its log that there is one."""
    if note:
        add_entry(state, "alert_notes", alert["id"], {"note": note, "owner": owner}, now)
        add_log(state, alert, "system", f"Added note: {note[:100]}", owner, now)
