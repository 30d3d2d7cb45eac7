"""The closed list of things the audit log can say happened."""

from __future__ import annotations

from django.db import models


class Event(models.TextChoices):
    """What one audit row tells. A row with any other word can't be written."""

    CALL_ADMITTED = "call.admitted", "Call admitted"
    CALL_DENIED = "call.denied", "Call denied"
    CALL_SUCCEEDED = "call.succeeded", "Call succeeded"
    CALL_FAILED = "call.failed", "Call failed"
    CALL_UNKNOWN = "call.unknown", "Call outcome unknown"

    REQUEST_REFUSED = "request.refused", "Request refused"
    AUTHENTICATION_FAILED = "authentication.failed", "Authentication failed"

    SERVER_REGISTERED = "server.registered", "Server registered"
    SERVER_CHANGED = "server.changed", "Server changed"
    SERVER_PAUSED = "server.paused", "Server paused"
    SERVER_RESUMED = "server.resumed", "Server resumed"
    SERVER_DELETED = "server.deleted", "Server deleted"
    CATALOG_ENTRY_SHOWN = "catalog_entry.shown", "Catalog entry shown"
    CATALOG_ENTRY_HIDDEN = "catalog_entry.hidden", "Catalog entry hidden"
    CREDENTIAL_STORED = "credential.stored", "Credential stored"
    CREDENTIAL_STAGED = "credential.staged", "Credential staged"
    CREDENTIAL_ACTIVATED = "credential.activated", "Credential activated"
    CREDENTIAL_RETIRED = "credential.retired", "Credential retiring"
    CREDENTIAL_REVOKED = "credential.revoked", "Credential revoked"
    CREDENTIAL_TESTED = "credential.tested", "Credential tested"
    ENCRYPTION_ROTATED = "encryption.rotated", "Secrets re-encrypted"
    SYNC_REQUESTED = "sync.requested", "Sync requested"
    SYNC_SUCCEEDED = "sync.succeeded", "Sync succeeded"
    SYNC_FAILED = "sync.failed", "Sync failed"

    TOOL_DISCOVERED = "tool.discovered", "Tool discovered"
    TOOL_CHANGED = "tool.changed", "Tool definition changed"
    TOOL_REMOVED = "tool.removed", "Tool removed upstream"
    TOOL_RETURNED = "tool.returned", "Tool returned upstream"
    TOOL_APPROVED = "tool.approved", "Tool approved"
    TOOL_DISABLED = "tool.disabled", "Tool disabled"
    TOOL_ENDORSED = "tool.endorsed", "Tool endorsed by a first reviewer"
    TOOL_CLASSIFIED = "tool.classified", "Tool classified"
    TOOL_DECISION_UNDONE = "tool.decision_undone", "Decision about a tool undone"
    TOOL_APPROVAL_EXPIRED = "tool.approval_expired", "Tool approval expired"
    TOOL_SETTINGS_CHANGED = "tool.settings_changed", "Tool settings changed"
    REVIEWER_ASSIGNED = "reviewer.assigned", "Reviewer assigned"
    REVIEWER_UNASSIGNED = "reviewer.unassigned", "Reviewer unassigned"

    TOOLSET_CREATED = "toolset.created", "Toolset created"
    TOOLSET_CHANGED = "toolset.changed", "Toolset changed"
    TOOLSET_DELETED = "toolset.deleted", "Toolset deleted"
    PROFILE_CREATED = "profile.created", "Access profile created"
    PROFILE_CHANGED = "profile.changed", "Access profile changed"
    PROFILE_DELETED = "profile.deleted", "Access profile deleted"
    GRANT_GIVEN = "grant.given", "Grant given"
    GRANT_ENDED = "grant.ended", "Grant ended"
    ACCESS_REQUESTED = "access.requested", "Access requested"
    ACCESS_REQUEST_APPROVED = "access.request_approved", "Access request approved"
    ACCESS_REQUEST_REFUSED = "access.request_refused", "Access request refused"
    ACCESS_REQUEST_WITHDRAWN = "access.request_withdrawn", "Access request withdrawn"

    STOP_SET = "stop.set", "Stop set"
    STOP_LIFTED = "stop.lifted", "Stop lifted"
    SETTINGS_CHANGED = "settings.changed", "Settings changed"

    CLIENT_CREATED = "client.created", "Client created"
    CLIENT_CLOSED = "client.closed", "Client closed"
    TOKEN_ISSUED = "token.issued", "Token issued"
    TOKEN_REVOKED = "token.revoked", "Token revoked"

    USER_CREATED = "user.created", "User created"
    USER_CHANGED = "user.changed", "User changed"
    USER_DELETED = "user.deleted", "User deleted"
    GROUP_CREATED = "group.created", "Group created"
    GROUP_CHANGED = "group.changed", "Group changed"
    GROUP_DELETED = "group.deleted", "Group deleted"


#: What a call can end as. Exactly one of these, or CALL_DENIED, closes each call id.
OUTCOMES = (Event.CALL_SUCCEEDED, Event.CALL_FAILED, Event.CALL_UNKNOWN)
#: What the first row of a call can be.
CALL_STARTS = (Event.CALL_ADMITTED, Event.CALL_DENIED)
#: Rows that describe what was asked of the gateway rather than a change of its rules.
TRAFFIC = (*CALL_STARTS, *OUTCOMES, Event.REQUEST_REFUSED, Event.AUTHENTICATION_FAILED)
#: Rows about background work that changes no rule by itself.
OPERATIONS = (
    Event.SYNC_REQUESTED,
    Event.SYNC_SUCCEEDED,
    Event.SYNC_FAILED,
    Event.CREDENTIAL_TESTED,
    Event.ENCRYPTION_ROTATED,
)
#: Rows that tell of a changed rule: written only inside `governance.governed()`.
GOVERNANCE = tuple(event for event in Event if event not in (*TRAFFIC, *OPERATIONS))
