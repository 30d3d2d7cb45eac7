"""Which servers don't work, and which keys are old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from catalog.models import Credential, Server, SyncRun


@dataclass(frozen=True, slots=True)
class FailingServer:
    """An active server, and why it is thought to fail, in a sentence."""

    server: Server
    problem: str


def failing_servers() -> list[FailingServer]:
    """Active servers whose last finished sync failed, or one of whose keys the last test found wrong."""
    finished = SyncRun.objects.filter(
        server=OuterRef("pk"), state__in=(SyncRun.State.SUCCEEDED, SyncRun.State.FAILED)
    ).order_by("-pk")
    servers = Server.objects.filter(state=Server.State.ACTIVE).annotate(
        last_state=Subquery(finished.values("state")[:1]), last_error=Subquery(finished.values("error")[:1])
    )
    problems: dict[int, str] = {}
    tested = Credential.objects.filter(state=Credential.State.ACTIVE, probe_result__isnull=False)
    for key in tested.defer("secret"):
        if key.probe is not None and key.probe.problem:
            problems[key.server_id] = key.probe.problem
    failing = []
    for server in servers:
        problem = problems.get(server.pk, "")
        if server.last_state == SyncRun.State.FAILED:
            problem = server.last_error or "The last sync failed."
        if problem:
            failing.append(FailingServer(server, problem))
    return failing


def keys_due(now: datetime, age_days: int) -> list[Credential]:
    """Keys in use that were stored that many days ago, oldest first; none for 0, which means never."""
    if not age_days:
        return []
    keys = Credential.objects.filter(state=Credential.State.ACTIVE).defer("secret").select_related("server")
    return list(keys.filter(created_at__lte=now - timedelta(days=age_days)).order_by("created_at"))
