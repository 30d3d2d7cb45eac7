"""Creating, changing and deleting access profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from audit import log
from audit import shown as shown_facts
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.models import AccessProfile, ArgumentLimit, Tool, Toolset
from tools.schemas import schema_problem


def save(
    *,
    actor: Actor,
    profile: AccessProfile,
    toolsets: Iterable[Toolset],
    argument_limits: Mapping[Tool, Any] | None = None,
    shown: str | None = None,
) -> AccessProfile:
    """Create or change a profile, so that it holds exactly `toolsets`.

    `argument_limits` gives JSON Schemas by tool and replaces all that are set; None leaves them.
    With `shown`, it is changed only while it still has that digest: a form that was opened before somebody
    narrowed it must not widen it again.
    Raises PermissionDenied without `tools.add_accessprofile` or `tools.change_accessprofile`,
    ValidationError for bad fields.
    """
    creating = profile._state.adding
    actor.require("tools.add_accessprofile" if creating else "tools.change_accessprofile")
    profile.full_clean(exclude=["toolsets"])
    for tool, schema in (argument_limits or {}).items():
        if problem := schema_problem(schema):
            raise ValidationError({"argument_limits": f"{tool}: {problem}"})
    with governed():
        before = None
        if not creating:
            before = _snapshot(AccessProfile.objects.select_for_update().get(pk=profile.pk))
            shown_facts.require_as_shown(before, shown, what=str(profile))
        profile.save()
        profile.toolsets.set(toolsets)
        if argument_limits is not None:
            profile.argument_limits.all().delete()
            for tool, schema in argument_limits.items():
                ArgumentLimit.objects.create(profile=profile, tool=tool, schema=schema)
        event = Event.PROFILE_CREATED if creating else Event.PROFILE_CHANGED
        log.record(event, actor=actor, subject=profile, before=before, after=_snapshot(profile))
    return profile


def digest_of(profile: AccessProfile) -> str:
    """What a page that shows the stored profile sends back with a change of it."""
    return shown_facts.digest_of(_snapshot(profile))


def delete(*, actor: Actor, profile: AccessProfile) -> None:
    """Delete a profile with its grants: everyone who held it loses what it gave."""
    actor.require("tools.delete_accessprofile")
    with governed():
        before = {**_snapshot(profile), "grants": [str(grant) for grant in profile.grants.all()]}
        log.record(Event.PROFILE_DELETED, actor=actor, subject=profile, before=before)
        profile.delete()


def _snapshot(profile: AccessProfile) -> dict[str, Any]:
    limits = profile.argument_limits.select_related("tool")
    return {
        "name": profile.name,
        "description": profile.description,
        "toolsets": sorted(profile.toolsets.values_list("name", flat=True)),
        "ceiling": profile.ceiling,
        "allows_dangerous": profile.allows_dangerous,
        "is_published": profile.is_published,
        "argument_limits": {str(limit.tool): limit.schema for limit in limits},
    }
