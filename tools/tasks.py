"""What Celery runs: thin callers of the rooms' verbs, with ids only, safe to repeat."""

from __future__ import annotations

from celery import shared_task

from audit.actor import Actor
from catalog import rotation, syncs
from tools import discovery, review

ACTOR = Actor.system("schedule")


@shared_task(name=syncs.SYNC_TASK)
def sync_server(run_id: int) -> None:
    """Carry out one queued sync run."""
    discovery.sync(run_id)


@shared_task(name="tools.start_due_syncs")
def start_due_syncs() -> None:
    """The minute tick: queue a sync for every server whose time has come."""
    syncs.start_due(actor=discovery.ACTOR)


@shared_task(name="tools.end_what_is_over")
def end_what_is_over() -> None:
    """The minute tick: end what was given for a time. Calls are refused at the moment itself, without it."""
    review.expire_approvals(actor=ACTOR)
    rotation.end_overlaps(actor=ACTOR)
