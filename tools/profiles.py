"""Creating, changing and deleting access profiles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.models import AccessProfile, Toolset


def save(*, actor: Actor, profile: AccessProfile, toolsets: Iterable[Toolset]) -> AccessProfile:
    """Create or change a profile, so that it holds exactly `toolsets`.

    Raises PermissionDenied without `tools.add_accessprofile` or `tools.change_accessprofile`.
    """
    creating = profile._state.adding
    actor.require("tools.add_accessprofile" if creating else "tools.change_accessprofile")
    profile.full_clean(exclude=["toolsets"])
    with governed():
        before = None if creating else _snapshot(AccessProfile.objects.select_for_update().get(pk=profile.pk))
        profile.save()
        profile.toolsets.set(toolsets)
        event = Event.PROFILE_CREATED if creating else Event.PROFILE_CHANGED
        log.record(event, actor=actor, subject=profile, before=before, after=_snapshot(profile))
    return profile


def delete(*, actor: Actor, profile: AccessProfile) -> None:
    """Delete a profile with its grants: everyone who held it loses what it gave."""
    actor.require("tools.delete_accessprofile")
    with governed():
        before = {**_snapshot(profile), "grants": [str(grant) for grant in profile.grants.all()]}
        log.record(Event.PROFILE_DELETED, actor=actor, subject=profile, before=before)
        profile.delete()


def _snapshot(profile: AccessProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "description": profile.description,
        "toolsets": sorted(profile.toolsets.values_list("name", flat=True)),
    }
