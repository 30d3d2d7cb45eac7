"""Changing alerts: what accepted requests do once they are processed."""

from datetime import datetime

from sandbox.alert_records import (
    DEFAULT_USER,
    add_log,
    add_note,
    find_alert,
    mark_recipient,
    new_alert,
    notify,
)
from sandbox.alert_requests import MOST_TAGS
from sandbox.background import Work, WorkFailed, worker
from sandbox.recipients import find_recipient
from sandbox.service_rules import open_incidents
from sandbox.state import Record, State
from sandbox.times import epoch_milliseconds, format_instant, parse_instant

MOST_DETAILS_CHARACTERS = 8000


def target(work: Work, *, open_only: bool = True) -> Record:
    """The alert a piece of work is about. Whether there is one is only known now."""
    arguments = work.arguments
    alert = find_alert(work.state, arguments["identifier"], arguments["identifierType"])
    if alert is None:
        raise WorkFailed("Alert does not exist")
    team = arguments.get("team")
    concerned = [alert["ownerTeamId"], *(each["id"] for each in alert["responders"])]
    if team is not None and team not in concerned:
        raise WorkFailed("Alert does not exist")
    if open_only and alert["status"] == "closed":
        raise WorkFailed("Alert is already closed")
    return alert


def finish(work: Work, alert: Record, status: str, log: str) -> Record:
    """Note what was done, and who did it, on the alert and for the request status."""
    user = work.arguments["user"] or DEFAULT_USER
    alert["updatedAt"] = format_instant(work.now)
    add_log(work.state, alert, "system", log, user, work.now)
    add_note(work.state, alert, work.arguments.get("note", ""), user, work.now)
    return outcome(alert, status)


def outcome(alert: Record, status: str) -> Record:
    """The end of a request status that succeeded."""
    return {"status": status, "alertId": alert["id"], "alias": alert["alias"]}


def report(alert: Record) -> Record:
    """The alert's report, made when there is something to put into it."""
    if alert["report"] is None:
        alert["report"] = {}
    return alert["report"]


def milliseconds_since_creation(alert: Record, now: datetime) -> int:
    """How long the alert had been there."""
    return epoch_milliseconds(now) - epoch_milliseconds(parse_instant(alert["createdAt"]))


@worker("alert.create", "Create")
def create(work: Work) -> Record:
    """Create an alert, or count one more occurrence of the open alert with the same alias."""
    fields = dict(work.arguments)
    present = find_alert(work.state, fields["alias"], "alias") if fields["alias"] else None
    if present is not None:
        present["count"] += 1
        present["lastOccurredAt"] = present["updatedAt"] = format_instant(work.now)
        add_log(
            work.state,
            present,
            "system",
            f"Occurred again, count is {present['count']}",
            DEFAULT_USER,
            work.now,
        )
        add_note(work.state, present, fields["note"], fields["user"] or DEFAULT_USER, work.now)
        return outcome(present, "Created alert")
    for name in ("responders", "visibleTo"):
        # An alert must not be lost because a team was renamed: responders that don't exist are left out.
        resolved = [(each["type"], find_recipient(work.state, each)) for each in fields[name]]
        unique = {(kind, record["id"]): kind for kind, record in resolved if record}
        fields[name] = [{"type": kind, "id": identifier} for kind, identifier in unique]
    alert = new_alert(work.state, fields, work.integration_id, work.now)
    open_incidents(work.state, alert, work.now)
    return finish(work, alert, "Created alert", "Alert created")


@worker("alert.delete", "Delete")
def delete(work: Work) -> Record:
    """Remove an alert and everything about it."""
    alert = target(work, open_only=False)
    del work.state.table("alerts")[alert["id"]]
    release_alias(work.state, alert)
    for table in ("alert_logs", "alert_notes", "alert_attachments"):
        work.state.table(table).pop(alert["id"], None)
    return outcome(alert, "Deleted alert")


def release_alias(state: State, alert: Record) -> None:
    """Let the alias mean the next alert that is created with it."""
    aliases = state.table("open_aliases")
    if aliases.get(alert["alias"], {}).get("id") == alert["id"]:
        del aliases[alert["alias"]]


@worker("alert.acknowledge", "Acknowledge")
def acknowledge(work: Work) -> Record:
    """Acknowledge: the actor owns the alert from now on."""
    alert = target(work)
    if alert["acknowledged"]:
        raise WorkFailed("Alert is already acknowledged")
    user = work.arguments["user"] or DEFAULT_USER
    alert.update(acknowledged=True, owner=user, isSeen=True, seen=True)
    report(alert).update(ackTime=milliseconds_since_creation(alert, work.now), acknowledgedBy=user)
    mark_recipient(work.state, alert, user, "Acknowledge", work.now)
    return finish(work, alert, "Acknowledged alert", "Alert acknowledged")


@worker("alert.unacknowledge", "UnAcknowledge")
def unacknowledge(work: Work) -> Record:
    """Take an acknowledgement back."""
    alert = target(work)
    if not alert["acknowledged"]:
        raise WorkFailed("Alert is not acknowledged")
    alert.update(acknowledged=False, owner="")
    for name in ("ackTime", "acknowledgedBy"):
        report(alert).pop(name, None)
    return finish(work, alert, "Unacknowledged alert", "Alert unacknowledged")


@worker("alert.close", "Close")
def close(work: Work) -> Record:
    """Close an alert; nothing opens it again."""
    alert = target(work)
    user = work.arguments["user"] or DEFAULT_USER
    end(work.state, alert, user, work.now)
    mark_recipient(work.state, alert, user, "Close", work.now)
    return finish(work, alert, "Closed alert", "Alert closed")


def end(state: State, alert: Record, user: str, now: datetime) -> None:
    """Bring an alert to its final state."""
    alert.update(status="closed", snoozed=False, snoozedUntil=None)
    report(alert).update(closeTime=milliseconds_since_creation(alert, now), closedBy=user)
    release_alias(state, alert)


def close_by_system(state: State, alert: Record, owner: str, now: datetime) -> None:
    """Close an alert because what it was about is over."""
    end(state, alert, owner, now)
    alert["updatedAt"] = format_instant(now)
    add_log(state, alert, "system", "Alert closed", owner, now)


@worker("alert.note", "AddNote")
def note(work: Work) -> Record:
    """Add a note; a closed alert takes notes too."""
    alert = target(work, open_only=False)
    alert["updatedAt"] = format_instant(work.now)
    add_note(work.state, alert, work.arguments["note"], work.arguments["user"] or DEFAULT_USER, work.now)
    return outcome(alert, "Added note to alert")


@worker("alert.snooze", "Snooze")
def snooze(work: Work) -> Record:
    """Snooze until a time, which is work for then."""
    alert = target(work)
    end = work.arguments["endTime"]
    alert.update(snoozed=True, snoozedUntil=end)
    waking = {
        "name": "alert.wake",
        "requestId": "",
        "integrationId": "",
        "arguments": {"id": alert["id"], "end": end},
    }
    work.state.schedule_work(parse_instant(end), waking)
    return finish(work, alert, "Snoozed alert", f"Alert snoozed until {end}")


@worker("alert.wake", "Wake")
def wake(work: Work) -> Record:
    """End a snooze, unless the alert was snoozed anew or closed meanwhile."""
    alert = work.state.table("alerts").get(work.arguments["id"])
    if alert and alert["snoozedUntil"] == work.arguments["end"]:
        alert.update(snoozed=False, snoozedUntil=None, updatedAt=format_instant(work.now))
        add_log(work.state, alert, "system", "Snooze ended", "System", work.now)
    return {}


@worker("alert.escalate", "EscalateToNext")
def escalate(work: Work) -> Record:
    """Notify everybody the escalation stands for now."""
    alert = target(work)
    escalation = find_recipient(work.state, work.arguments["escalation"])
    if escalation is None:
        raise WorkFailed("Escalation does not exist")
    notify(work.state, alert, {"type": "escalation", "id": escalation["id"]}, work.now)
    return finish(work, alert, "Escalated alert", f"Alert escalated to {escalation['name']}")


@worker("alert.assign", "Assign")
def assign(work: Work) -> Record:
    """Give the alert an owner, which acknowledges it."""
    alert = target(work)
    owner = find_recipient(work.state, work.arguments["owner"])
    if owner is None:
        raise WorkFailed("User does not exist")
    alert.update(owner=owner["username"], acknowledged=True)
    report(alert).setdefault("ackTime", milliseconds_since_creation(alert, work.now))
    report(alert)["acknowledgedBy"] = owner["username"]
    return finish(work, alert, "Assigned alert", f"Ownership assigned to {owner['username']}")


@worker("alert.responder", "AddResponder")
def add_responder(work: Work) -> Record:
    """Call in one more responder."""
    return _call_in(work, "Added responder to alert")


@worker("alert.team", "AddTeam")
def add_team(work: Work) -> Record:
    """Call in one more team."""
    return _call_in(work, "Added team to alert")


def _call_in(work: Work, status: str) -> Record:
    alert = target(work)
    kind = work.arguments["responder"]["type"]
    record = find_recipient(work.state, work.arguments["responder"])
    if record is None:
        raise WorkFailed(f"{kind.capitalize()} does not exist")
    responder = {"type": kind, "id": record["id"]}
    if responder not in alert["responders"]:
        alert["responders"].append(responder)
        if kind == "team":
            alert["teams"].append({"id": record["id"]})
            alert["ownerTeamId"] = alert["ownerTeamId"] or record["id"]
    notify(work.state, alert, responder, work.now)
    return finish(work, alert, status, f"Added {kind} {record.get('username') or record['name']}")


@worker("alert.add_tags", "AddTags")
def add_tags(work: Work) -> Record:
    """Add tags, as long as there is room."""
    alert = target(work)
    tags = list(dict.fromkeys([*alert["tags"], *work.arguments["tags"]]))
    if len(tags) > MOST_TAGS:
        raise WorkFailed(f"Alert can not have more than {MOST_TAGS} tags")
    alert["tags"] = tags
    return finish(work, alert, "Added tags to alert", f"Added tags: {', '.join(work.arguments['tags'])}")


@worker("alert.remove_tags", "RemoveTags")
def remove_tags(work: Work) -> Record:
    """Remove tags; one that isn't there is no error."""
    alert = target(work)
    alert["tags"] = [tag for tag in alert["tags"] if tag not in work.arguments["tags"]]
    return finish(
        work, alert, "Removed tags from alert", f"Removed tags: {', '.join(work.arguments['tags'])}"
    )


@worker("alert.add_details", "AddDetails")
def add_details(work: Work) -> Record:
    """Add or replace details, as long as there is room."""
    alert = target(work)
    details = {**alert["details"], **work.arguments["details"]}
    if sum(len(key) + len(value) for key, value in details.items()) > MOST_DETAILS_CHARACTERS:
        raise WorkFailed(f"Details of an alert can not be longer than {MOST_DETAILS_CHARACTERS} characters")
    alert["details"] = details
    return finish(
        work, alert, "Added details to alert", f"Added details: {', '.join(work.arguments['details'])}"
    )


@worker("alert.remove_details", "RemoveDetails")
def remove_details(work: Work) -> Record:
    """Remove details by key."""
    alert = target(work)
    alert["details"] = {
        key: value for key, value in alert["details"].items() if key not in work.arguments["keys"]
    }
    return finish(
        work, alert, "Removed details from alert", f"Removed details: {', '.join(work.arguments['keys'])}"
    )


@worker("alert.priority", "UpdatePriority")
def update_priority(work: Work) -> Record:
    """Change the priority."""
    alert = target(work)
    before, alert["priority"] = alert["priority"], work.arguments["priority"]
    return finish(
        work, alert, "Updated alert priority", f"Priority changed from {before} to {alert['priority']}"
    )


@worker("alert.message", "UpdateMessage")
def update_message(work: Work) -> Record:
    """Change the message."""
    alert = target(work)
    alert["message"] = work.arguments["message"]
    return finish(work, alert, "Updated alert message", "Message changed")


@worker("alert.description", "UpdateDescription")
def update_description(work: Work) -> Record:
    """Change the description."""
    alert = target(work)
    alert["description"] = work.arguments["description"]
    return finish(work, alert, "Updated alert description", "Description changed")


@worker("alert.action", "CustomAction")
def execute_action(work: Work) -> Record:
    """Run an action the alert offers."""
    alert = target(work)
    action = work.arguments["action"]
    if action not in alert["actions"]:
        raise WorkFailed("Alert does not have this action")
    return finish(work, alert, "Executed custom action", f"Executed [{action}]")
