"""Files attached to alerts."""

from __future__ import annotations

import base64

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import alert_identifier, path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Actor, Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import record, texts

ALERT = alert_identifier(kind_wire="alertIdentifierType")
ATTACHMENT_ID = path_name(
    "attachment_id", "The attachment's id, from list_alert_attachments.", max_length=100
)

# Half of what an MCP request may hold in all, whose text Base64 makes a third longer.
MOST_BYTES = 512 * 1024
_BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
FILE: tuple[Parameter, ...] = (
    text(
        "file_name",
        "Name it is shown by, such as graph.png.",
        # No path, nothing unprintable.
        pattern=r"^[^/\\\x00-\x1f\x7f]+$",
        required=True,
        wire="file.name",
    ),
    text(
        "content_base64",
        f"The file's bytes in Base64, at most {MOST_BYTES // 1024} KiB of them.",
        max_length=-(-MOST_BYTES // 3) * 4,
        pattern=_BASE64,
        required=True,
        wire="file.content",
        encode=base64.b64decode,
    ),
    text("index_file", "Name of the page to open first, if the file is an archive of HTML pages."),
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
            name="add_alert_attachment",
            title="Attach a file to an alert",
            method="POST",
            path="/v2/alerts/{identifier}/attachments",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Attach a small file to an alert, such as a graph or a log excerpt. All who see the alert "
                "can read it; called twice, it is attached twice."
            ),
            parameters=(*ALERT, *FILE),
            result=CHANGED,
            actor=Actor.USER,
            is_form=True,
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
