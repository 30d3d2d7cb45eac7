"""Alerts: creating and changing them. Opsgenie answers all of these with 202 and works on them later."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.alerts import ALERT
from catalog.connectors.opsgenie.identifiers import (
    path_name,
    recipient,
    recipients,
    reference,
    user_reference,
)
from catalog.connectors.opsgenie.operation import Actor, Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    moment,
    required,
    string_map,
    text,
    text_list,
)
from catalog.connectors.opsgenie.results import Requested

ALERT_REQUEST = Requested("/v2/alerts/requests/", "get_alert_request_status", ("alert_id", "alias"))

# The lengths are those of Opsgenie's alert API documentation.
NOTE = text("note", "A note to leave on the alert with this action.", max_length=25_000)
MESSAGE = text("message", "The headline people see.", max_length=130, required=True)
DESCRIPTION = text("description", "The long text of the alert.", max_length=15_000)
PRIORITY = choice("priority", "P1 is critical, P5 informational.", ("P1", "P2", "P3", "P4", "P5"))
DETAILS = string_map("details", "Custom properties as key and value, 8000 characters in all.")


def tags(description: str, *, pattern: str | None = None) -> Parameter:
    """Up to 20 tags."""
    return text_list("tags", description, max_items=20, max_length=50, pattern=pattern)


# Removals carry their arguments in the query: lists joined by commas, notes no longer than a URL bears.
NO_COMMA = "^[^,]+$"
NOTE_IN_QUERY = text("note", "A note to leave on the alert with this action.", max_length=1000)


OPERATIONS = in_domain(
    "alerts",
    (
        Operation(
            name="create_alert",
            title="Create an alert",
            method="POST",
            path="/v2/alerts",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Raise an alert; it pages the responders. If an open alert has the same alias, its count "
                "goes up and nobody new is told. Look for an existing alert first."
            ),
            parameters=(
                MESSAGE,
                text(
                    "alias",
                    "Your name for the problem, so that repeats are merged; made from the call if left out.",
                    max_length=512,
                    from_call="mcp-{call_id}",
                ),
                DESCRIPTION,
                recipients(
                    "responders",
                    "Who is paged, such as `team:payments`, `user:ana@example.com` or `schedule:night`.",
                    ("user", "team", "escalation", "schedule"),
                ),
                recipients("visible_to", "Who else may see it, as `team:…` or `user:…`.", ("user", "team")),
                PRIORITY,
                tags("Labels to search by."),
                DETAILS,
                text("entity", "What it is about, such as a host or service.", max_length=512),
                text_list("actions", "Names of custom actions to offer.", max_items=10, max_length=50),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
        ),
        Operation(
            name="acknowledge_alert",
            title="Acknowledge an alert",
            method="POST",
            path="/v2/alerts/{identifier}/acknowledge",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Say that somebody is working on the alert. This stops its escalation and reminders.",
            parameters=(*ALERT, NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="unacknowledge_alert",
            title="Unacknowledge an alert",
            method="POST",
            path="/v2/alerts/{identifier}/unacknowledge",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Take an acknowledgement back; escalation and notifications start again.",
            parameters=(*ALERT, NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="close_alert",
            title="Close an alert",
            method="POST",
            path="/v2/alerts/{identifier}/close",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "End an alert for good: it stops paging and can't be reopened. "
                "Close only what is really resolved; say why in the note."
            ),
            parameters=(*ALERT, NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="snooze_alert",
            title="Snooze an alert",
            method="POST",
            path="/v2/alerts/{identifier}/snooze",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Silence an alert until a moment in the future; then it notifies again.",
            parameters=(
                *ALERT,
                moment(
                    "end_time",
                    "When it wakes up, with offset, such as 2026-03-01T09:00:00+01:00.",
                    required=True,
                ),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="escalate_alert",
            title="Escalate an alert",
            method="POST",
            path="/v2/alerts/{identifier}/escalate",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Hand an alert to an escalation. This pages further people, each time it is called.",
            parameters=(
                *ALERT,
                reference("escalation", "Name or id of the escalation.", required=True),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
        ),
        Operation(
            name="assign_alert",
            title="Assign an alert",
            method="POST",
            path="/v2/alerts/{identifier}/assign",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Make a user the owner of an alert. It counts as acknowledged from then on.",
            parameters=(
                *ALERT,
                user_reference("owner", "Username (e-mail) or id of the new owner.", required=True),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="add_alert_responder",
            title="Add a responder to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/responders",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Bring a user or team into an alert. They are paged.",
            parameters=(
                *ALERT,
                recipient(
                    "responder",
                    "Who, as `user:ana@example.com` or `team:payments`.",
                    ("user", "team"),
                    required=True,
                ),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="add_alert_team",
            title="Add a team to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/teams",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Route an alert to one more team. Its routing rules decide who is paged.",
            parameters=(*ALERT, reference("team", "Name or id of the team.", required=True), NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="add_alert_note",
            title="Add a note to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/notes",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Leave a note for the people on an alert: findings, links, what was tried.",
            parameters=(*ALERT, text("note", "The note.", max_length=25_000, required=True)),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
        ),
        Operation(
            name="add_alert_tags",
            title="Add tags to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/tags",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Label an alert. An alert holds at most 20 tags.",
            parameters=(*ALERT, required(tags("Tags to add.")), NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="remove_alert_tags",
            title="Remove tags from an alert",
            method="DELETE",
            path="/v2/alerts/{identifier}/tags",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Take labels off an alert. Policies and filters that look for them stop matching.",
            parameters=(*ALERT, required(tags("Tags to remove.", pattern=NO_COMMA)), NOTE_IN_QUERY),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
        ),
        Operation(
            name="add_alert_details",
            title="Add details to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/details",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add custom properties to an alert. A key that is there already gets the new value.",
            parameters=(*ALERT, required(DETAILS), NOTE),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            idempotent=True,
        ),
        Operation(
            name="remove_alert_details",
            title="Remove details from an alert",
            method="DELETE",
            path="/v2/alerts/{identifier}/details",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete custom properties from an alert by key, values and all.",
            parameters=(
                *ALERT,
                text_list(
                    "keys", "Keys to remove.", max_items=10, max_length=200, pattern=NO_COMMA, required=True
                ),
                NOTE_IN_QUERY,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
        ),
        Operation(
            name="update_alert_priority",
            title="Change an alert's priority",
            method="PUT",
            path="/v2/alerts/{identifier}/priority",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Set the priority of an alert. Notification rules may page differently afterwards.",
            parameters=(*ALERT, required(PRIORITY)),
            result=ALERT_REQUEST,
        ),
        Operation(
            name="update_alert_message",
            title="Change an alert's message",
            method="PUT",
            path="/v2/alerts/{identifier}/message",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Replace the headline of an alert. The old one is only in the log afterwards.",
            parameters=(*ALERT, MESSAGE),
            result=ALERT_REQUEST,
        ),
        Operation(
            name="update_alert_description",
            title="Change an alert's description",
            method="PUT",
            path="/v2/alerts/{identifier}/description",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Replace the description of an alert as a whole. Use add_alert_note to add to it.",
            parameters=(*ALERT, required(DESCRIPTION)),
            result=ALERT_REQUEST,
        ),
        Operation(
            name="execute_alert_action",
            title="Run a custom action on an alert",
            method="POST",
            path="/v2/alerts/{identifier}/actions/{action}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Run one of the custom actions an alert offers. It starts the customer's own "
                "automation, with effects outside Opsgenie: use it only when asked to."
            ),
            parameters=(
                *ALERT,
                path_name("action", "Name of the action, from the alert's actions.", max_length=50),
                NOTE,
            ),
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            core=False,
        ),
        Operation(
            name="delete_alert",
            title="Delete an alert",
            method="DELETE",
            path="/v2/alerts/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an alert with its whole history, for good. To end an alert, use close_alert.",
            parameters=ALERT,
            result=ALERT_REQUEST,
            actor=Actor.USER_AND_SOURCE,
            core=False,
        ),
    ),
    configuration=False,
)
