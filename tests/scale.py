"""Many rows in little time, written past the verbs: for what has to stay quick when there is much of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import models
from django.utils import timezone

from audit.events import Event
from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tools.denials import Denial
from tools.models import Grant, Tool, ToolRevision

BATCH = 2_000
#: How calls go in the made-up past, and how often in a hundred.
OUTCOMES = [
    (Event.CALL_SUCCEEDED, 80),
    (Event.CALL_DENIED, 12),
    (Event.CALL_FAILED, 6),
    (Event.CALL_UNKNOWN, 2),
]
DENIALS = [Denial.NOT_IN_ACCESS_PROFILE, Denial.TOOL_CHANGED, Denial.ARGUMENTS_INVALID, Denial.GRANT_EXPIRED]


def many_tools(
    count: int,
    *,
    server: Server,
    state: str = Tool.State.APPROVED,
    action: str = "read",
    domain: str = "alerts",
) -> list[Tool]:
    """That many tools of a server in this state, each with one revision that was found and approved."""
    first = Tool.objects.count()
    made = Tool.objects.bulk_create(
        [
            Tool(
                server=server, name=f"made_{number}", client_name=f"{server.prefix}_made_{number}",
                domain=domain, action=action, state_since=timezone.now() - timedelta(days=60),
            )
            for number in range(first, first + count)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    revisions = ToolRevision.objects.bulk_create(
        [ToolRevision(tool=tool, digest=f"{tool.pk:064}", definition=_definition(tool)) for tool in made],
        batch_size=BATCH,
    )
    for tool, revision in zip(made, revisions, strict=True):
        tool.discovered_revision = tool.approved_revision = revision
        tool.state = state
    Tool.objects.bulk_update(made, ["discovered_revision", "approved_revision", "state"], batch_size=500)
    return made


def many_audit_rows(
    count: int,
    *,
    tools: Sequence[Tool],
    people: Sequence[User],
    grants: Sequence[Grant] = (),
    days: float = 30,
    until: datetime | None = None,
) -> None:
    """At least that many rows of calls, spread evenly over the last `days`, oldest first, the same each time.

    Each call is by one of `people`, of one of `tools`, through one of `grants`.
    """
    random = Random(AuditRow.objects.count())
    end = until or timezone.now()
    calls = max(1, int(count / 1.88))
    step = timedelta(days=days) / calls
    rows: list[AuditRow] = []
    written = number = 0
    while written + len(rows) < count:
        number += 1
        at = end - timedelta(days=days) + step * min(number, calls)
        rows += _call(random, at, random.choice(tools), random.choice(people), grants)
        if len(rows) >= BATCH:
            written += len(rows)
            models.QuerySet(AuditRow).bulk_create(rows, batch_size=BATCH)
            rows = []
    models.QuerySet(AuditRow).bulk_create(rows, batch_size=BATCH)


def _call(random: Random, at: datetime, tool: Tool, person: User, grants: Sequence[Grant]) -> list[AuditRow]:
    (event,) = random.choices([event for event, _ in OUTCOMES], [share for _, share in OUTCOMES])
    detail: dict[str, Any] = {
        "token": "0123456789ab", "revision_digest": "0" * 64, "arguments_digest": "1" * 64,
        "action": tool.action,
        "arguments": {"query": "status: open AND priority: P1", "limit": 20, "team": "payments"},
        "access_profile": "On call", "toolset": "On call tools",
    }  # fmt: skip
    if grants:
        detail["grant_id"] = random.choice(grants).pk
    facts: dict[str, Any] = {
        "actor_kind": "person", "actor_id": str(person.pk), "actor_name": person.username,
        "client_id": str(uuid.UUID(int=person.pk)), "client_name": "Claude", "server_id": tool.server_id,
        "server_name": tool.server.name, "tool_id": tool.pk, "tool_name": tool.client_name,
        "call_id": uuid.UUID(int=random.getrandbits(128)), "protocol_version": "2025-06-18",
        "source_address": "192.0.2.7", "request_id": f"{random.getrandbits(128):032x}", "detail": detail,
    }  # fmt: skip
    took = random.lognormvariate(5, 1)
    closing = AuditRow(at=at + timedelta(milliseconds=took), event=event, latency_ms=round(took, 1), **facts)
    if event == Event.CALL_DENIED:
        closing.at, closing.reason = at, random.choice(DENIALS).value
        return [closing]
    if event != Event.CALL_SUCCEEDED:
        closing.reason = "upstream_timeout"
    return [AuditRow(at=at, event=Event.CALL_ADMITTED, **facts), closing]


def _definition(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name, "title": tool.name, "description": f"What {tool.name} does.", "method": "GET",
        "path": f"/v2/{tool.name}", "input_schema": {"type": "object", "properties": {}},
        "output_schema": {"type": "object"}, "annotations": {"readOnlyHint": True}, "action": tool.action,
        "domain": tool.domain,
    }  # fmt: skip
