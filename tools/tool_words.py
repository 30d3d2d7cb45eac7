"""What a tool's state, class and settings mean, in sentences for whoever has to decide about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format

from audit.models import PortalSettings
from tools.models import Action, Tool


@dataclass(frozen=True, slots=True)
class StateInWords:
    """`headline` says the state, `meaning` what it does to calls now, `tone` one of good, waits, refuses."""

    headline: str
    meaning: str
    tone: str


def moment(at: datetime) -> str:
    """A time as the portal's pages write it."""
    return f"{date_format(at, 'DATETIME_FORMAT')} UTC"


def state_in_words(tool: Tool, settings: PortalSettings, at: datetime) -> StateInWords:
    """What state the tool is in, since when and until when, and what becomes of calls to it."""
    since = moment(tool.state_since)
    match tool.state:
        case Tool.State.PENDING:
            return StateInWords(
                f"Waits for review since {since}.",
                "Every call is refused until somebody approves it.",
                "waits",
            )
        case Tool.State.DISABLED:
            return StateInWords(
                f"Disabled since {since}.",
                "Every call is refused until somebody approves it again.",
                "refuses",
            )
        case Tool.State.REMOVED:
            return StateInWords(
                f"Removed since {since}: the upstream doesn't offer it any more.",
                "Every call is refused. If the upstream offers it again, it waits for review.",
                "refuses",
            )
        case Tool.State.CHANGED:
            return _changed(tool, settings, at, since)
    return _approved(tool, at, since)


def _approved(tool: Tool, at: datetime, since: str) -> StateInWords:
    until = tool.approval_expires_at
    if until is None:
        return StateInWords(
            f"Approved since {since}.", "People whose access profile holds it can call it.", "good"
        )
    if tool.approval_has_expired(at):
        return StateInWords(
            f"Approved since {since}, but only until {moment(until)}.",
            "That time is over: every call is refused until somebody approves it again.",
            "refuses",
        )
    return StateInWords(
        f"Approved since {since}, until {moment(until)}.",
        "People whose access profile holds it can call it until then. After that it waits for review.",
        "good",
    )


def _changed(tool: Tool, settings: PortalSettings, at: datetime, since: str) -> StateInWords:
    headline = f"Its definition changed upstream: found {since}."
    serves = tool.on_changed_definition(settings) == PortalSettings.ChangedDefinition.SERVE_APPROVED
    if serves and tool.approved_revision_id is not None and not tool.approval_has_expired(at):
        return StateInWords(
            headline,
            "People go on with the definition that was approved. The new one waits for review.",
            "waits",
        )
    return StateInWords(headline, "Every call is refused until somebody reviews the change.", "waits")


def action_in_words(tool: Tool) -> str:
    """Why the tool's effective action is what it is."""
    served = Action(tool.approved_revision.definition["action"]) if tool.approved_revision else None
    basis = served or Action(tool.action)
    tightened = Action(tool.tightened_action) if tool.tightened_action else None
    if tightened is not None and tightened.rank > basis.rank:
        why = f"A reviewer tightened it from {basis.label}."
    elif served is not None:
        why = "The approved definition says so."
    else:
        why = "It was discovered so, and nothing is approved yet."
    if served is not None and served.value != tool.action:
        why += (
            f" The definition offered now says {tool.get_action_display()}: that counts once it is approved."
        )
    return why


def changed_definition_in_words(tool: Tool, settings: PortalSettings) -> tuple[str, str]:
    """What a changed definition does to the tool, and where that is set."""
    effective = PortalSettings.ChangedDefinition(tool.on_changed_definition(settings)).label
    if tool.changed_definition:
        return effective, "set for this tool"
    if tool.server.changed_definition:
        return effective, f"as set for the server {tool.server}"
    return effective, "as set for the whole portal"
