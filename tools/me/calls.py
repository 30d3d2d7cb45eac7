"""A person's own calls, as the audit log has them, in words for that person."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from django.db.models import TextChoices

from audit.events import CALL_STARTS, OUTCOMES, Event
from audit.models import AuditRow, AuditRowQuerySet
from clients.models import User
from tools.denials import NOT_ACTIVE, Denial, Explanation, explanation_of

CALLS_PER_PAGE = 50
_STEPS = (*CALL_STARTS, *OUTCOMES)
_NOT_KNOWN = Explanation(
    "It is not known whether this was applied.", "Look at the current state before you try again."
)


class Outcome(TextChoices):
    """What became of a call; each but the last can be asked for."""

    SUCCEEDED = "succeeded", "succeeded"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "outcome not known"
    OPEN = "open", "no outcome yet"


_OUTCOME_OF = {
    Event.CALL_SUCCEEDED: Outcome.SUCCEEDED,
    Event.CALL_DENIED: Outcome.REFUSED,
    Event.CALL_FAILED: Outcome.FAILED,
    Event.CALL_UNKNOWN: Outcome.UNKNOWN,
}
_EVENT_OF = {outcome: event for event, outcome in _OUTCOME_OF.items()}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the person. `server_name` is empty, like all that follows, where it must stay unknown.

    `facts` are further lines of name and value; `arguments` is JSON text, as far as the log has kept them.
    """

    call_id: uuid.UUID
    at: datetime
    outcome: Outcome
    tool_name: str
    client_name: str
    reason: str
    explanation: Explanation | None
    latency_ms: float | None
    server_name: str = ""
    problems: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()
    arguments: str = ""

    @property
    def latency(self) -> str:
        """How long it took, to read."""
        if self.latency_ms is None:
            return ""
        return f"{self.latency_ms / 1000:,.1f} s" if self.latency_ms >= 1000 else f"{self.latency_ms:.0f} ms"


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, newest first; `older_than` is where the next page begins, None when there is none."""

    calls: list[Call] = field(default_factory=list)
    older_than: int | None = None


def calls_of(
    user: User, *, outcome: Outcome | None = None, older_than: int | None = None, most: int = CALLS_PER_PAGE
) -> CallPage:
    """The person's newest calls before the audit row `older_than`, one line a call. Two queries."""
    # A call has one first row and at most one last row: by either it is listed once.
    events = CALL_STARTS if outcome is None else (_EVENT_OF[outcome],)
    rows = _rows_of(user).filter(event__in=events).order_by("-pk")
    if older_than is not None:
        rows = rows.filter(pk__lt=older_than)
    listed = list(rows[: most + 1])
    is_more = len(listed) > most
    listed = listed[:most]
    steps = _steps_of(user, [row.call_id for row in listed])
    calls = [_call(steps[row.call_id]) for row in listed]
    return CallPage(calls, listed[-1].pk if is_more else None)


def call_of(user: User, call_id: uuid.UUID) -> Call | None:
    """One call of the person; None when there is none with this id, or it is somebody else's."""
    rows = _steps_of(user, [call_id])[call_id]
    return _call(rows) if rows else None


def _rows_of(user: User) -> AuditRowQuerySet:
    return AuditRow.objects.filter(actor_id=str(user.pk), actor_kind=AuditRow.ActorKind.PERSON)


def _steps_of(user: User, call_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, list[AuditRow]]:
    steps: dict[uuid.UUID | None, list[AuditRow]] = defaultdict(list)
    for row in _rows_of(user).filter(call_id__in=list(call_ids), event__in=_STEPS).order_by("pk"):
        steps[row.call_id].append(row)
    return steps


def _call(rows: list[AuditRow]) -> Call:
    first, last = rows[0], rows[-1]
    outcome = _OUTCOME_OF.get(Event(last.event), Outcome.OPEN)
    call = Call(
        call_id=cast(uuid.UUID, first.call_id),
        at=first.at,
        outcome=outcome,
        tool_name=first.tool_name,
        client_name=first.client_name,
        reason=last.reason,
        explanation=_explanation(last, outcome),
        latency_ms=last.latency_ms,
        arguments=_arguments(first),
    )
    if last.reason == Denial.UNKNOWN_TOOL:
        # Of a tool that is unknown to the person, the log may know more than they may learn.
        return call
    return replace(
        call,
        server_name=first.server_name,
        problems=tuple(map(str, last.detail.get("problems") or ())),
        facts=_facts(first, last),
    )


def _arguments(row: AuditRow) -> str:
    """JSON text; empty where the settings want none kept."""
    if "arguments" not in row.detail:
        return ""
    return json.dumps(row.detail["arguments"], indent=2, ensure_ascii=False)


def _explanation(row: AuditRow, outcome: Outcome) -> Explanation | None:
    if outcome == Outcome.REFUSED:
        return _denial(row)
    if outcome == Outcome.FAILED:
        return Explanation(str(row.detail.get("error", "")), "")
    if outcome == Outcome.UNKNOWN:
        return _NOT_KNOWN
    return None


def _denial(row: AuditRow) -> Explanation:
    try:
        explanation = explanation_of(Denial(row.reason))
    except (ValueError, KeyError):
        # A row from a version that knew another reason.
        return Explanation(f"Refused: {row.reason}.", "Give the call id to a security admin.")
    stop = row.detail.get("stop")
    if row.reason == Denial.GATEWAY_STOPPED and not stop:
        return NOT_ACTIVE
    if stop:
        return replace(explanation, message=f"{explanation.message} The reason given: “{stop['reason']}”.")
    return explanation


def _facts(first: AuditRow, last: AuditRow) -> tuple[tuple[str, Any], ...]:
    known = (
        ("Action", first.detail.get("action")),
        ("Access profile", first.detail.get("access_profile")),
        ("Toolset", first.detail.get("toolset")),
        ("Upstream status", last.detail.get("upstream_status")),
        ("Attempts", last.detail.get("attempts")),
        ("From address", first.source_address),
    )
    return tuple((name, value) for name, value in known if value not in (None, ""))
