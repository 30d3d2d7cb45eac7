"""Asking for a sync, and keeping the account of each one. What a sync does is `tools.discovery`."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.faults import log_fault
from catalog.models import Server, SyncRun

logger = logging.getLogger(__name__)

SYNC_TASK = "tools.sync_server"
# A message can be lost (the queue's machine died) and a worker killed; after this the run is given up or
# sent again. Longer than the task's own time limit, so a live run is never doubled.
STALE_AFTER = timedelta(minutes=6)


def request(*, actor: Actor, server: Server, trigger: SyncRun.Trigger) -> SyncRun:
    """Queue a sync of `server`, or join the one that is already open.

    Raises PermissionDenied without `catalog.sync_server`.
    """
    if trigger == SyncRun.Trigger.MANUAL:
        actor.require("catalog.sync_server")
    with transaction.atomic():
        # Two requests at once wait here for each other, instead of one failing on the constraint.
        Server.objects.select_for_update().get(pk=server.pk)
        run = SyncRun.objects.open().filter(server=server).first()
        if run is None:
            run = SyncRun.objects.create(server=server, trigger=trigger, requested_by=actor.name)
            log.record(Event.SYNC_REQUESTED, actor=actor, subject=server, detail={"sync_run": run.pk})
        transaction.on_commit(lambda: _send(run.pk))
    return run


def claim(run_id: int) -> SyncRun | None:
    """Take a queued run for this worker; None when another has it or it has ended."""
    claimed = SyncRun.objects.filter(pk=run_id, state=SyncRun.State.QUEUED).update(
        state=SyncRun.State.RUNNING, started_at=timezone.now()
    )
    return SyncRun.objects.select_related("server").get(pk=run_id) if claimed else None


def succeed(run: SyncRun, *, actor: Actor) -> None:
    """Close a running run with the counts set on it."""
    counts = {name: getattr(run, name) for name in ("found", "added", "changed", "removed")}
    _finish(run, SyncRun.State.SUCCEEDED, Event.SYNC_SUCCEEDED, actor, counts)


def fail(run: SyncRun, *, actor: Actor, error: str) -> bool:
    """Close a running run with a sentence a person can act on. False when it had ended by then."""
    run.error = error[:500]
    return _finish(run, SyncRun.State.FAILED, Event.SYNC_FAILED, actor, {"error": run.error})


def start_due(*, actor: Actor) -> int:
    """Queue a sync for every server whose time has come; returns how many.

    Before that, send again what was lost on the queue, and give up and retry what a worker died over.
    """
    now = timezone.now()
    lost = SyncRun.objects.filter(state=SyncRun.State.QUEUED, queued_at__lte=now - STALE_AFTER)
    for run in lost:
        _send(run.pk)
    for run in SyncRun.objects.filter(
        state=SyncRun.State.RUNNING, started_at__lte=now - STALE_AFTER
    ).select_related("server"):
        given_up = fail(
            run, actor=actor, error="The worker stopped before the sync ended. It will be tried again."
        )
        if given_up and run.server.state == Server.State.ACTIVE:
            request(actor=actor, server=run.server, trigger=SyncRun.Trigger.SCHEDULE)
    due = list(Server.objects.due_for_sync(now))
    for server in due:
        server.schedule_next_sync(now)
        server.save(update_fields=["next_sync_at"])
        request(actor=actor, server=server, trigger=SyncRun.Trigger.SCHEDULE)
    return len(due)


def _finish(run: SyncRun, state: SyncRun.State, event: Event, actor: Actor, detail: dict[str, Any]) -> bool:
    run.state = state
    run.finished_at = timezone.now()
    fields = ("state", "finished_at", "found", "added", "changed", "removed", "error")
    with transaction.atomic():
        # Only a run that is still running is closed: one given up as lost keeps that verdict.
        closed = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(
            **{name: getattr(run, name) for name in fields}
        )
        if closed:
            log.record(event, actor=actor, subject=run.server, detail={"sync_run": run.pk, **detail})
    return bool(closed)


def _send(run_id: int) -> None:
    try:
        # By name: what carries it out lives in a room this one must not know.
        current_app.send_task(SYNC_TASK, args=[run_id])
    except Exception as error:  # noqa: BLE001
        # Whatever a queue can fail with: the run is committed by now, so an error here would deny what has
        # been done. It stays queued and the minute tick sends it again: nothing is lost but time.
        log_fault(logger, f"Sync run {run_id} could not be put on the queue", error)
