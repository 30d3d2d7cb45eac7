"""The only writer of audit rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from audit.actor import Actor
from audit.events import GOVERNANCE, TRAFFIC, Event
from audit.governance import inside_governed
from audit.models import AuditRow

_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What every row of one call repeats, so that each row can be read and filtered alone."""

    call_id: uuid.UUID
    client_id: str
    client_name: str
    tool_name: str
    protocol_version: str
    server_id: int | None = None
    server_name: str = ""
    tool_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row is to say: see `record`."""

    event: Event
    subject: models.Model | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    detail: Mapping[str, Any] | None = None


def record(
    event: Event,
    *,
    actor: Actor,
    subject: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditRow:
    """Write that `actor` did `event` to `subject`.

    `before` and `after` hold the fields that matter; equal ones are left out when both are given. A change
    of the rules must be recorded inside `governance.governed()`: anything else is a programming error.
    """
    row = _composed(
        Entry(event=event, subject=subject, before=before, after=after, reason=reason, detail=detail), actor
    )
    row.save(force_insert=True)
    return row


def record_many(entries: Iterable[Entry], *, actor: Actor) -> None:
    """Write all these, as `record` does each, in few statements and in their order."""
    rows = [_composed(entry, actor) for entry in entries]
    # The manager offers no way past `save`, which is where a single row is checked; these are new by making.
    new: models.QuerySet[AuditRow] = models.QuerySet(AuditRow)
    new.bulk_create(rows, batch_size=_TOGETHER)


def _composed(entry: Entry, actor: Actor) -> AuditRow:
    """The row, not written yet."""
    event, before, after = Event(entry.event), entry.before, entry.after
    if event in GOVERNANCE and not inside_governed():
        raise RuntimeError(f"{event} is a change of the rules and must be recorded inside governed().")
    content = dict(entry.detail or {})
    if before is not None and after is not None:
        changed = [key for key in after if before.get(key) != after[key]]
        content["before"] = {key: before.get(key) for key in changed}
        content["after"] = {key: after[key] for key in changed}
    elif before is not None:
        content["before"] = dict(before)
    elif after is not None:
        content["after"] = dict(after)
    row = _row(event, actor, content, entry.reason)
    if entry.subject is not None:
        row.object_type = str(entry.subject._meta.verbose_name)
        row.object_id = str(entry.subject.pk)
        row.object_name = str(entry.subject)[:254]
        _link(row, entry.subject)
    return row


def record_call(
    event: Event,
    *,
    actor: Actor,
    facts: CallFacts,
    reason: str = "",
    latency_ms: float | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditRow:
    """Write one step of a call. `latency_ms` is milliseconds since the request arrived."""
    if event not in TRAFFIC:
        raise ValueError(f"{event} is not a step of a call.")
    row = _row(Event(event), actor, {**facts.detail, **(detail or {})}, reason)
    row.call_id = facts.call_id
    row.client_id, row.client_name = facts.client_id, facts.client_name[:120]
    row.server_id, row.server_name = facts.server_id, facts.server_name
    row.tool_id, row.tool_name = facts.tool_id, facts.tool_name[:128]
    row.protocol_version = facts.protocol_version[:20]
    row.latency_ms = latency_ms
    row.save(force_insert=True)
    return row


def _row(event: Event, actor: Actor, detail: dict[str, Any], reason: str) -> AuditRow:
    return AuditRow(
        at=timezone.now(),
        event=event,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:254],
        reason=reason[:64],
        source_address=actor.source_address,
        request_id=actor.request_id,
        detail=_storable(detail),
    )


def _storable(value: Any) -> Any:
    """Without U+0000, which PostgreSQL refuses: what a row tells of must not keep it from being written."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def _link(row: AuditRow, subject: models.Model) -> None:
    """Fill the columns people filter by, for subjects that are, or belong to, a server, tool or client."""
    name = subject._meta.model_name
    if name == "server":
        row.server_id, row.server_name = subject.pk, str(subject)[:120]
    elif name == "tool":
        row.tool_id, row.tool_name = subject.pk, str(subject)[:128]
    elif name == "client":
        row.client_id, row.client_name = str(subject.pk), str(subject)[:120]
    server = getattr(subject, "server", None)
    if isinstance(server, models.Model):
        row.server_id, row.server_name = server.pk, str(server)[:120]
