"""Files attached to alerts. Adding one needs a multipart upload and is not offered."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import alert_identifier, path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Actor, Operation, Right, in_domain
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import record, texts

ALERT = alert_identifier(kind_wire="alertIdentifierType")
ATTACHMENT_ID = path_name(
    "attachment_id", "The attachment's id, from list_alert_attachments.", max_length=100
)

ATTACHMENT = record(texts("id", "name"), headline="name id")
# The answer's `url` is signed, so whoever holds it can download: it is left behind.
ATTACHMENT_FOUND = record(texts("name"), headline="name")

OPERATIONS = in_domain(
    "alerts",
    (
        Operation(
            name="list_alert_attachments",
            title="List an alert's attachments",
            method="GET",
            path="/v2/alerts/{identifier}/attachments",
            action=Action.READ,
            right=Right.READ,
            description="List the files attached to an alert, by name and id.",
            parameters=(*ALERT, *LOCAL_PAGE),
            result=Items(ATTACHMENT),
        ),
        Operation(
            name="get_alert_attachment",
            title="Get an attachment's name",
            method="GET",
            path="/v2/alerts/{identifier}/attachments/{attachmentId}",
            action=Action.READ,
            right=Right.READ,
            description="Look up one attachment of an alert. Its download link is a secret and is withheld.",
            parameters=(*ALERT, ATTACHMENT_ID),
            result=Item(ATTACHMENT_FOUND),
        ),
        Operation(
            name="delete_alert_attachment",
            title="Delete an attachment",
            method="DELETE",
            path="/v2/alerts/{identifier}/attachments/{attachmentId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a file from an alert. It can't be brought back.",
            parameters=(*ALERT, ATTACHMENT_ID),
            result=CHANGED,
            actor=Actor.USER,
        ),
    ),
    configuration=False,
    core=False,
)
