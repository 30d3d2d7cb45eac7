"""What Celery runs: thin callers of the rooms' verbs, with ids only, safe to repeat."""

from __future__ import annotations

from celery import shared_task

from catalog import syncs
from tools import discovery


@shared_task(name=syncs.SYNC_TASK)
def sync_server(run_id: int) -> None:
    """Carry out one queued sync run."""
    discovery.sync(run_id)


@shared_task(name="tools.start_due_syncs")
def start_due_syncs() -> None:
    """The minute tick: queue a sync for every server whose time has come."""
    syncs.start_due(actor=discovery.ACTOR)
