"""Files attached to alerts (/v2/alerts/{identifier}/attachments)."""

import hashlib
from urllib.parse import quote

from sandbox.alert_records import DEFAULT_USER, add_log, alert_of_path
from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.errors import ApiError, unprocessable
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record

PATH = "/v2/alerts/<identifier>/attachments"
PARAMETERS = ("alertIdentifierType", "identifierType")
MOST_BYTES = 50 * 1024 * 1024


def attachments_of(call: Call, alert: Record) -> Record:
    """An alert's attachments by id."""
    return call.state.table("alert_attachments").setdefault(alert["id"], {})


def find_attachment(call: Call, alert: Record, attachment_id: str) -> Record:
    """An attachment by id."""
    attachment = attachments_of(call, alert).get(attachment_id)
    if attachment is None:
        raise ApiError(404, f"Attachment does not exist with id: [{attachment_id}]")
    return attachment


def signed_url(call: Call, *path: str) -> str:
    """A link that works for a while for whoever has it, like those of the storage Opsgenie uses."""
    target = "/".join(quote(part, safe="") for part in path)
    signature = hashlib.sha256(f"{target}:{call.request_id}".encode()).hexdigest()
    return f"https://storage.opsgenie.example/{target}?Expires=300&Signature={signature}"


@operation("GET", PATH, Right.READ, domain="Alert")
def list_alert_attachments(call: Call, identifier: str) -> Answer:
    """The names of an alert's files."""
    attachments = attachments_of(call, alert_of_path(call, identifier, *PARAMETERS)).values()
    return found([{"name": each["name"], "id": each["id"]} for each in attachments])


@operation("GET", f"{PATH}/<attachment_id>", Right.READ, domain="Alert")
def get_alert_attachment(call: Call, identifier: str, attachment_id: str) -> Answer:
    """A file's name and a link to its content."""
    alert = alert_of_path(call, identifier, *PARAMETERS)
    attachment = find_attachment(call, alert, attachment_id)
    return found({"name": attachment["name"], "url": signed_url(call, alert["id"], attachment["name"])})


@operation("POST", PATH, Right.WRITE, domain="Alert")
def add_alert_attachment(call: Call, identifier: str) -> Answer:
    """Attach the file of a multipart form. Only its size and hash are kept."""
    alert = alert_of_path(call, identifier, *PARAMETERS)
    if call.request.mimetype != "multipart/form-data":
        raise ApiError(415, f"Content type '{call.request.mimetype}' not supported")
    file = call.request.files.get("file")
    if file is None or not file.filename:
        raise unprocessable({"file": "may not be empty"})
    content = file.read()
    if len(content) > MOST_BYTES:
        raise unprocessable({"file": "should not be larger than 50 MB"})
    attachment: Record = {
        "id": str(call.state.next_number("attachment")),
        "name": file.filename,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    attachments_of(call, alert)[attachment["id"]] = attachment
    user = call.request.form.get("user") or DEFAULT_USER
    add_log(call.state, alert, "system", f"Attached [{file.filename}]", user, call.now)
    return created({"id": attachment["id"]}, result="Attachment added")


@operation("DELETE", f"{PATH}/<attachment_id>", Right.DELETE, domain="Alert")
def delete_alert_attachment(call: Call, identifier: str, attachment_id: str) -> Answer:
    """Remove a file."""
    alert = alert_of_path(call, identifier, *PARAMETERS)
    attachment = find_attachment(call, alert, attachment_id)
    del attachments_of(call, alert)[attachment_id]
    user = call.query.text("user") or DEFAULT_USER
    add_log(call.state, alert, "system", f"Removed [{attachment['name']}]", user, call.now)
    return changed("Deleted")
