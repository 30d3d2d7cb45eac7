"""Setting and lifting stops."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.models import Stop


def set_stop(*, actor: Actor, stop: Stop) -> Stop:
    """Put a new stop in force. When this returns, no call that it refuses can be admitted any more.

    Its `effect_ms` says how long that took, counted from the beginning of this function: it waits for the
    admissions under way. Raises PermissionDenied without `tools.set_stop`, ValidationError for a missing
    reason, a target that doesn't fit the level, or an end that has passed.
    """
    began = time.monotonic()
    actor.require("tools.set_stop")
    stop.reason = stop.reason.strip()
    stop.set_by = actor.name
    stop.starts_at = timezone.now()
    _refuse_unsound(stop, stop.starts_at)
    with governed():
        # From here on admissions wait: those that come later see the stop.
        stop.effect_ms = round((time.monotonic() - began) * 1000, 3)
        stop.save(force_insert=True)
        log.record(Event.STOP_SET, actor=actor, subject=stop, after=_snapshot(stop))
    return stop


def lift(*, actor: Actor, stop: Stop) -> Stop:
    """End a stop now. Raises ValidationError when it was lifted or had ended before."""
    actor.require("tools.set_stop")
    with governed():
        current = Stop.objects.select_for_update().get(pk=stop.pk)
        now = timezone.now()
        if not current.is_in_force(now):
            raise ValidationError(f"{current} is not in force any more.")
        current.lifted_at, current.lifted_by = now, actor.name
        current.save(update_fields=["lifted_at", "lifted_by"])
        log.record(
            Event.STOP_LIFTED, actor=actor, subject=current, before=_snapshot(current), after={"lifted": now}
        )
    return current


def in_force(at: datetime | None = None) -> list[Stop]:
    """The stops and drills in force, newest first, with their targets."""
    stops = Stop.objects.in_force(at or timezone.now())
    return list(stops.select_related("server", "tool", "client__owner", "person"))


def _refuse_unsound(stop: Stop, now: datetime) -> None:
    problems: dict[str, str] = {}
    if not stop.reason:
        problems["reason"] = "Say why: everybody who is refused is told."
    if stop.ends_at is not None and stop.ends_at <= now:
        problems["ends_at"] = "The end must lie in the future."
    for level in Stop.Level.values:
        if level == Stop.Level.GATEWAY:
            continue
        is_set = getattr(stop, f"{level}_id") is not None
        if level == stop.level and not is_set:
            problems[level] = "Choose what to stop."
        if level != stop.level and is_set:
            problems[level] = f"A stop of {stop.get_level_display()} names nothing else."
    if problems:
        raise ValidationError(problems)
    stop.full_clean(validate_constraints=False)


def _snapshot(stop: Stop) -> dict[str, Any]:
    return {
        "level": stop.level,
        "target": str(stop.target or ""),
        "target_id": str(stop.target.pk) if stop.target else "",
        "reason": stop.reason,
        "drill": stop.is_drill,
        "until": stop.ends_at,
    }
