"""Why a call can be refused: a closed list, in the order in which it is checked.

Each reason has one word for the reply, the audit row and the metrics, a sentence for the model, and a remedy
for the person. Reasons that no code path gives yet (approvals, rate limits) are here because the order is
part of the contract with clients; docs/decisions/0003-denials.md says which those are.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Denial(models.TextChoices):
    """The stable word for a refusal."""

    GATEWAY_STOPPED = "gateway_stopped", "gateway stopped"
    USER_INACTIVE = "user_inactive", "person inactive"
    USER_STOPPED = "user_stopped", "person stopped"
    CLIENT_CLOSED = "client_closed", "client closed"
    CLIENT_STOPPED = "client_stopped", "client stopped"
    CLIENT_TYPE_NOT_ALLOWED = "client_type_not_allowed", "client type not allowed"
    UNKNOWN_TOOL = "unknown_tool", "unknown tool"
    SERVER_DISABLED = "server_disabled", "server paused"
    SERVER_STOPPED = "server_stopped", "server stopped"
    TOOL_STOPPED = "tool_stopped", "tool stopped"
    TOOL_NOT_APPROVED = "tool_not_approved", "tool not approved"
    TOOL_CHANGED = "tool_changed", "tool changed"
    TOOL_REMOVED = "tool_removed", "tool removed"
    NOT_IN_ACCESS_PROFILE = "not_in_access_profile", "not in an access profile"
    GRANT_EXPIRED = "grant_expired", "grant ended"
    CLIENT_TYPE_NOT_ALLOWED_FOR_TOOL = "client_type_not_allowed_for_tool", "client type not allowed for tool"
    ACTION_NOT_ALLOWED = "action_not_allowed", "action not allowed"
    APPROVAL_REQUIRED = "approval_required", "approval required"
    RATE_LIMITED = "rate_limited", "rate limited"
    ARGUMENTS_INVALID = "arguments_invalid", "arguments invalid"
    ARGUMENTS_NOT_ALLOWED = "arguments_not_allowed", "arguments not allowed"
    CREDENTIAL_MISSING = "credential_missing", "credential missing"
    CREDENTIAL_UNREADABLE = "credential_unreadable", "credential unreadable"
    AUDIT_UNAVAILABLE = "audit_unavailable", "audit unavailable"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a refusal says: `message` to the model, `remedy` to the person behind it."""

    message: str
    remedy: str


_ASK_ADMIN = "Ask a security admin of Portcullis"

_EXPLANATIONS = {
    Denial.GATEWAY_STOPPED: Explanation(
        "All tool calls are stopped.",
        "Wait until they are let through again; the portal says why they are not.",
    ),
    Denial.USER_INACTIVE: Explanation(
        "The account behind this connection is inactive.", f"{_ASK_ADMIN} to activate it."
    ),
    Denial.USER_STOPPED: Explanation("Calls of this person are stopped.", f"{_ASK_ADMIN} why."),
    Denial.CLIENT_CLOSED: Explanation(
        "This connection was closed or its token has ended.", "Create a new token and connect again."
    ),
    Denial.CLIENT_STOPPED: Explanation("This connection is stopped.", f"{_ASK_ADMIN} why."),
    Denial.CLIENT_TYPE_NOT_ALLOWED: Explanation(
        "This kind of connection is not allowed.", "Connect with a personal client."
    ),
    Denial.UNKNOWN_TOOL: Explanation(
        "There is no such tool for this person.", "List the tools again and use one of those."
    ),
    Denial.SERVER_DISABLED: Explanation(
        "The server behind this tool is paused.", "Try again later, or ask the operations staff to resume it."
    ),
    Denial.SERVER_STOPPED: Explanation("The server behind this tool is stopped.", f"{_ASK_ADMIN} why."),
    Denial.TOOL_STOPPED: Explanation("This tool is stopped.", f"{_ASK_ADMIN} why."),
    Denial.TOOL_NOT_APPROVED: Explanation(
        "This tool is not approved for use at the moment.", f"{_ASK_ADMIN} to review it."
    ),
    Denial.TOOL_CHANGED: Explanation(
        "This tool's definition changed and waits for a new review.", f"{_ASK_ADMIN} to review it."
    ),
    Denial.TOOL_REMOVED: Explanation(
        "The upstream no longer offers this tool.", "List the tools again and use another one."
    ),
    Denial.NOT_IN_ACCESS_PROFILE: Explanation(
        "This tool is not part of this person's access.", f"{_ASK_ADMIN} for an access profile that holds it."
    ),
    Denial.GRANT_EXPIRED: Explanation(
        "This person's access to the tool has ended.", f"{_ASK_ADMIN} for a new grant."
    ),
    Denial.CLIENT_TYPE_NOT_ALLOWED_FOR_TOOL: Explanation(
        "This kind of connection may not use this tool.", "Connect with a personal client."
    ),
    Denial.ACTION_NOT_ALLOWED: Explanation(
        "This person's access does not include tools that do this.", f"{_ASK_ADMIN} for wider access."
    ),
    Denial.APPROVAL_REQUIRED: Explanation(
        "This call needs an approval first.", "Request it on the portal, then call again."
    ),
    Denial.RATE_LIMITED: Explanation("Too many calls.", "Wait a little before calling again."),
    Denial.ARGUMENTS_INVALID: Explanation(
        "The arguments do not fit the tool's input schema.", "Correct them and call again."
    ),
    Denial.ARGUMENTS_NOT_ALLOWED: Explanation(
        "These arguments are outside what this person may ask for.", f"{_ASK_ADMIN} for wider access."
    ),
    Denial.CREDENTIAL_MISSING: Explanation(
        "The server has no active API key for this tool.", "Ask the operations staff to store one."
    ),
    Denial.CREDENTIAL_UNREADABLE: Explanation(
        "The server's API key can't be read.", "Ask the operations staff to check the encryption keys."
    ),
    Denial.AUDIT_UNAVAILABLE: Explanation(
        "The call could not be recorded, so it was not made.", "Try again in a moment."
    ),
}

#: What GATEWAY_STOPPED says when nobody set a stop: the portal was never activated, or was switched off.
NOT_ACTIVE = Explanation(
    "AI access management is switched off, so every tool call is refused.",
    "A superuser of Portcullis switches it on under Settings. Ask a security admin, then try again.",
)


def explanation_of(denial: Denial) -> Explanation:
    """The sentence and the remedy of a denial."""
    return _EXPLANATIONS[denial]
