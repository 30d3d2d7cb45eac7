"""Asking for changes to alerts (/v2/alerts): every body is checked at once, the change itself comes later."""

from datetime import timedelta

from sandbox.alert_records import IDENTIFIER_TYPES
from sandbox.answers import Answer
from sandbox.background import accept
from sandbox.calls import Call
from sandbox.directory import identifier_type
from sandbox.errors import unprocessable
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import NOTIFIABLE, read_reference
from sandbox.state import Record
from sandbox.times import format_instant

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
LONGEST_MESSAGE, LONGEST_NOTE, LONGEST_DESCRIPTION = 130, 25_000, 15_000
MOST_TAGS, LONGEST_TAG = 20, 50
PATH = "/v2/alerts/<identifier>"
ALERTS = {"domain": "Alert"}
# Account keys are kept from exactly these four writes (Opsgenie docs, API key management).
RESTRICTED = {"domain": "Alert", "integration_key_only": True}


def read_message(call: Call, fields: Fields) -> str:
    """Read the mandatory message; some versions of Opsgenie cut a long one instead of refusing it."""
    if call.settings.truncate_long_messages:
        return fields.text("message", required=True)[:LONGEST_MESSAGE]
    return fields.text("message", required=True, longest=LONGEST_MESSAGE)


def read_actor(call: Call, fields: Fields) -> Record:
    """Read who acts, from where, and what they have to say: the same three fields for every action."""
    return {
        "user": fields.text("user", longest=100),
        "note": fields.text("note", longest=LONGEST_NOTE),
        "source": fields.text("source", longest=100) or call.remote_address,
    }


def act(call: Call, identifier: str, name: str, **arguments: object) -> Answer:
    """Accept an action on an alert. Whether the alert exists is found out later, as Opsgenie does it."""
    kind = identifier_type(call, options=IDENTIFIER_TYPES)
    actor_fields = call.query if call.request.method == "DELETE" else call.body
    actor = read_actor(call, actor_fields)
    actor_fields.check()
    team = call.team["id"] if call.team else None
    target = {"identifier": identifier, "identifierType": kind, "team": team}
    return accept(call, f"alert.{name}", {**target, **actor, **arguments})


@operation("POST", "/v2/alerts", Right.WRITE, **RESTRICTED)
def create_alert(call: Call) -> Answer:
    """A new alert, or one more occurrence of an open one with the same alias."""
    body = call.body
    fields = {
        "message": read_message(call, body),
        "alias": body.text("alias", longest=512).strip(),
        "description": body.text("description", longest=LONGEST_DESCRIPTION),
        "responders": [read_reference(each, NOTIFIABLE) for each in body.objects("responders", most=50)],
        "visibleTo": [read_reference(each, ("user", "team")) for each in body.objects("visibleTo", most=50)],
        "actions": body.strings("actions", most=10, longest=50),
        "tags": body.strings("tags", most=MOST_TAGS, longest=LONGEST_TAG),
        "details": body.details("details"),
        "entity": body.text("entity", longest=512),
        "priority": body.choice("priority", PRIORITIES, default="P3"),
        **read_actor(call, body),
    }
    body.check()
    if call.team:
        fields["responders"] = [*fields["responders"], {"type": "team", "id": call.team["id"]}]
    return accept(call, "alert.create", fields)


@operation("DELETE", PATH, Right.DELETE, **ALERTS)
def delete_alert(call: Call, identifier: str) -> Answer:
    """Remove an alert with its history."""
    return act(call, identifier, "delete")


@operation("POST", f"{PATH}/acknowledge", Right.WRITE, **RESTRICTED)
def acknowledge_alert(call: Call, identifier: str) -> Answer:
    """Say that somebody is working on it."""
    return act(call, identifier, "acknowledge")


@operation("POST", f"{PATH}/unacknowledge", Right.WRITE, **ALERTS)
def unacknowledge_alert(call: Call, identifier: str) -> Answer:
    """Say that nobody is working on it any more."""
    return act(call, identifier, "unacknowledge")


@operation("POST", f"{PATH}/close", Right.WRITE, **RESTRICTED)
def close_alert(call: Call, identifier: str) -> Answer:
    """End an alert for good."""
    return act(call, identifier, "close")


@operation("POST", f"{PATH}/notes", Right.WRITE, **RESTRICTED)
def add_alert_note(call: Call, identifier: str) -> Answer:
    """Add a note."""
    call.body.text("note", required=True, longest=LONGEST_NOTE)
    call.body.check()
    return act(call, identifier, "note")


@operation("POST", f"{PATH}/snooze", Right.WRITE, **ALERTS)
def snooze_alert(call: Call, identifier: str) -> Answer:
    """Keep an alert quiet until a time at least two seconds ahead."""
    end = call.body.required_instant("endTime")
    if end < call.now + timedelta(seconds=2):
        call.body.complain("endTime", "should be at least 2 seconds later than now")
    call.body.check()
    return act(call, identifier, "snooze", endTime=format_instant(end))


@operation("POST", f"{PATH}/escalate", Right.WRITE, **ALERTS)
def escalate_alert(call: Call, identifier: str) -> Answer:
    """Pass an alert to an escalation."""
    fields = call.body.object("escalation", required=True)
    escalation = read_reference(fields, ("escalation",), default_type="escalation")
    call.body.check()
    return act(call, identifier, "escalate", escalation=escalation)


@operation("POST", f"{PATH}/assign", Right.WRITE, **ALERTS)
def assign_alert(call: Call, identifier: str) -> Answer:
    """Make a user the owner."""
    owner = read_reference(call.body.object("owner", required=True), ("user",), default_type="user")
    call.body.check()
    return act(call, identifier, "assign", owner=owner)


@operation("POST", f"{PATH}/responders", Right.WRITE, **ALERTS)
def add_alert_responder(call: Call, identifier: str) -> Answer:
    """Call in a user, a team, an escalation or a schedule."""
    responder = read_reference(call.body.object("responder", required=True), NOTIFIABLE)
    call.body.check()
    return act(call, identifier, "responder", responder=responder)


@operation("POST", f"{PATH}/teams", Right.WRITE, **ALERTS)
def add_alert_team(call: Call, identifier: str) -> Answer:
    """Call in a team."""
    team = read_reference(call.body.object("team", required=True), ("team",), default_type="team")
    call.body.check()
    return act(call, identifier, "team", responder=team)


@operation("POST", f"{PATH}/tags", Right.WRITE, **ALERTS)
def add_alert_tags(call: Call, identifier: str) -> Answer:
    """Add tags."""
    tags = call.body.strings("tags", most=MOST_TAGS, longest=LONGEST_TAG)
    if not tags:
        call.body.complain("tags", "may not be empty")
    call.body.check()
    return act(call, identifier, "add_tags", tags=tags)


@operation("DELETE", f"{PATH}/tags", Right.DELETE, **ALERTS)
def remove_alert_tags(call: Call, identifier: str) -> Answer:
    """Remove the tags named in the query."""
    tags = call.query.strings("tags", most=MOST_TAGS)
    if not tags:
        raise unprocessable({"tags": "may not be empty"})
    call.query.check()
    return act(call, identifier, "remove_tags", tags=tags)


@operation("POST", f"{PATH}/details", Right.WRITE, **ALERTS)
def add_alert_details(call: Call, identifier: str) -> Answer:
    """Add details; those with the same keys are replaced."""
    details = call.body.details("details")
    if not details:
        call.body.complain("details", "may not be empty")
    call.body.check()
    return act(call, identifier, "add_details", details=details)


@operation("DELETE", f"{PATH}/details", Right.DELETE, **ALERTS)
def remove_alert_details(call: Call, identifier: str) -> Answer:
    """Remove the details whose keys the query names, ten at most."""
    keys = call.query.strings("keys", most=10)
    if not keys:
        raise unprocessable({"keys": "may not be empty"})
    call.query.check()
    return act(call, identifier, "remove_details", keys=keys)


@operation("PUT POST", f"{PATH}/priority", Right.WRITE, **ALERTS)
def update_alert_priority(call: Call, identifier: str) -> Answer:
    """Change the priority."""
    priority = call.body.choice("priority", PRIORITIES, required=True)
    call.body.check()
    return act(call, identifier, "priority", priority=priority)


@operation("PUT POST", f"{PATH}/message", Right.WRITE, **ALERTS)
def update_alert_message(call: Call, identifier: str) -> Answer:
    """Change the message."""
    message = read_message(call, call.body)
    call.body.check()
    return act(call, identifier, "message", message=message)


@operation("PUT POST", f"{PATH}/description", Right.WRITE, **ALERTS)
def update_alert_description(call: Call, identifier: str) -> Answer:
    """Change the description."""
    description = call.body.text("description", required=True, longest=LONGEST_DESCRIPTION)
    call.body.check()
    return act(call, identifier, "description", description=description)


@operation("POST", f"{PATH}/actions/<action>", Right.WRITE, **ALERTS)
def execute_alert_action(call: Call, identifier: str, action: str) -> Answer:
    """Run one of the alert's own actions."""
    return act(call, identifier, "action", action=action)
