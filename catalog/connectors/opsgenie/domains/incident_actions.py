"""Incidents: creating and changing them. Opsgenie answers these with 202 and works on them later.

The incident API has no field for who acted; only a note can say it.
"""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.alert_actions import (
    DESCRIPTION,
    DETAILS,
    MESSAGE,
    NO_COMMA,
    PRIORITY,
    tags,
)
from catalog.connectors.opsgenie.domains.incidents import INCIDENT
from catalog.connectors.opsgenie.identifiers import recipient, recipients
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import flag, required, text, text_list
from catalog.connectors.opsgenie.results import Requested

INCIDENT_REQUEST = Requested("/v1/incidents/requests/", "get_incident_request_status", ("incident_id",))

NOTE = text("note", "A note to leave on the incident with this action.", max_length=25_000)
NOTE_IN_QUERY = text("note", "A note to leave on the incident with this action.", max_length=1000)

OPERATIONS = in_domain(
    "incidents",
    (
        Operation(
            name="create_incident",
            title="Open an incident",
            method="POST",
            path="/v1/incidents/create",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Open an incident for impacted services. It pages the responders and may inform "
                "stakeholders: look with list_incidents for an open one first."
            ),
            parameters=(
                MESSAGE,
                text_list("impacted_services", "Ids of the services, from list_services.", max_items=20),
                DESCRIPTION,
                recipients("responders", "Who is paged, as `team:…` or `user:…`.", ("user", "team")),
                PRIORITY,
                tags("Labels to search by."),
                DETAILS,
                NOTE,
                flag("notify_stakeholders", "Whether stakeholders are told."),
                text("status_page_title", "Title on the status page.", wire="statusPageEntry.title"),
                text(
                    "status_page_detail",
                    "Text on the status page.",
                    max_length=10_000,
                    wire="statusPageEntry.detail",
                ),
            ),
            result=INCIDENT_REQUEST,
        ),
        Operation(
            name="close_incident",
            title="Close an incident",
            method="POST",
            path="/v1/incidents/{identifier}/close",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Close a resolved incident. Closing its alerts doesn't do that by itself.",
            parameters=(*INCIDENT, NOTE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="resolve_incident",
            title="Resolve an incident",
            method="POST",
            path="/v1/incidents/{identifier}/resolve",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Say that an incident's impact is over. It can be reopened, or closed afterwards.",
            parameters=(*INCIDENT, NOTE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="reopen_incident",
            title="Reopen an incident",
            method="POST",
            path="/v1/incidents/{identifier}/reopen",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Put a resolved incident back to open.",
            parameters=(*INCIDENT, NOTE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="add_incident_note",
            title="Add a note to an incident",
            method="POST",
            path="/v1/incidents/{identifier}/notes",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Leave a note for the people on an incident.",
            parameters=(*INCIDENT, text("note", "The note.", max_length=25_000, required=True)),
            result=INCIDENT_REQUEST,
        ),
        Operation(
            name="add_incident_responder",
            title="Add a responder to an incident",
            method="POST",
            path="/v1/incidents/{identifier}/responders",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Bring a user or team into an incident. They are paged.",
            parameters=(
                *INCIDENT,
                recipient(
                    "responder",
                    "Who, as `user:ana@example.com` or `team:payments`.",
                    ("user", "team"),
                    required=True,
                ),
                NOTE,
            ),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="add_incident_tags",
            title="Add tags to an incident",
            method="POST",
            path="/v1/incidents/{identifier}/tags",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Label an incident, so that searches find it.",
            parameters=(*INCIDENT, required(tags("Tags to add.")), NOTE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="remove_incident_tags",
            title="Remove tags from an incident",
            method="DELETE",
            path="/v1/incidents/{identifier}/tags",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Take labels off an incident. Searches for them no longer find it.",
            parameters=(*INCIDENT, required(tags("Tags to remove.", pattern=NO_COMMA)), NOTE_IN_QUERY),
            result=INCIDENT_REQUEST,
        ),
        Operation(
            name="add_incident_details",
            title="Add details to an incident",
            method="POST",
            path="/v1/incidents/{identifier}/details",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Add custom properties to an incident. A key that is there already gets the new value."
            ),
            parameters=(*INCIDENT, required(DETAILS), NOTE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="remove_incident_details",
            title="Remove details from an incident",
            method="DELETE",
            path="/v1/incidents/{identifier}/details",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete custom properties from an incident by key, values and all.",
            parameters=(
                *INCIDENT,
                text_list(
                    "keys", "Keys to remove.", max_items=10, max_length=200, pattern=NO_COMMA, required=True
                ),
                NOTE_IN_QUERY,
            ),
            result=INCIDENT_REQUEST,
        ),
        Operation(
            name="update_incident_message",
            title="Change an incident's message",
            method="POST",
            path="/v1/incidents/{identifier}/message",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Replace the headline of an incident.",
            parameters=(*INCIDENT, MESSAGE),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="update_incident_description",
            title="Change an incident's description",
            method="POST",
            path="/v1/incidents/{identifier}/description",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Replace the description of an incident as a whole.",
            parameters=(*INCIDENT, required(DESCRIPTION)),
            result=INCIDENT_REQUEST,
            idempotent=True,
        ),
        Operation(
            name="update_incident_priority",
            title="Change an incident's priority",
            method="PUT",
            path="/v1/incidents/{identifier}/priority",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Set the priority of an incident.",
            parameters=(*INCIDENT, required(PRIORITY)),
            result=INCIDENT_REQUEST,
        ),
        Operation(
            name="delete_incident",
            title="Delete an incident",
            method="DELETE",
            path="/v1/incidents/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an incident with its history, for good. To end one, use close_incident.",
            parameters=INCIDENT,
            result=INCIDENT_REQUEST,
        ),
    ),
    configuration=False,
    core=False,
)
