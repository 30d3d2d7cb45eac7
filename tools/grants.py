"""Giving people access profiles, and ending that."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from clients.models import User
from tools.models import AccessProfile, Grant


def give(*, actor: Actor, grant: Grant) -> Grant:
    """Save a new grant, with the actor as its approver.

    Raises PermissionDenied without `tools.add_grant`, ValidationError when it names no holder or two, ends
    before it starts, or gives somebody what they hold already.
    """
    actor.require("tools.add_grant")
    grant.approver = actor.name
    grant.full_clean()
    with governed():
        refuse_second(profile=grant.profile, user=grant.user, group=grant.group)
        grant.save(force_insert=True)
        log.record(
            Event.GRANT_GIVEN,
            actor=actor,
            subject=grant,
            after={
                "profile": str(grant.profile),
                "holder": str(grant.user or grant.group),
                "from": grant.starts_at,
                "until": grant.ends_at,
                "reason": grant.reason,
            },
        )
    return grant


def refuse_second(*, profile: AccessProfile, user: User | None, group: Group | None) -> None:
    """Raise ValidationError when this holder has the profile already: two grants would hide one another."""
    now = timezone.now()
    for other in Grant.objects.filter(profile=profile, user=user, group=group):
        if other.is_live(now):
            raise ValidationError(f"{user or group} already holds {profile}. End that grant first.")


def end(*, actor: Actor, grant: Grant) -> None:
    """End a grant now. Raises ValidationError when it had ended before."""
    actor.require("tools.end_grant")
    with governed():
        now = timezone.now()
        # One that has not begun ends where it would begin, and so applies at no moment.
        ends_at = max(now, grant.starts_at)
        still_open = Q(ends_at__isnull=True) | Q(ends_at__gt=ends_at)
        if not Grant.objects.filter(still_open, pk=grant.pk).update(ends_at=ends_at):
            raise ValidationError(f"{grant} had already ended.")
        before = {"until": grant.ends_at}
        grant.ends_at = ends_at
        log.record(Event.GRANT_ENDED, actor=actor, subject=grant, before=before, after={"until": ends_at})
