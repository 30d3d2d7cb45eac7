"""Reading and changing what is set for the whole portal."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from audit import log
from audit import shown as shown_facts
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.models import AuditRow, PortalSettings

FIELDS = tuple(field.name for field in PortalSettings._meta.concrete_fields if not field.primary_key)
HOW_TO_ACTIVATE = (
    "AI access management is off: every call is refused. A superuser switches it on under Settings."
)


def current() -> PortalSettings:
    """The settings as the current transaction sees them; before anybody set any, everything is off."""
    return PortalSettings.objects.filter(pk=1).first() or PortalSettings(pk=1)


def digest_of(settings: PortalSettings) -> str:
    """What a page that shows these settings sends back, so that nobody changes others than they saw."""
    return shown_facts.digest_of(_snapshot(settings))


def change(*, actor: Actor, settings: PortalSettings, shown: str | None = None) -> PortalSettings:
    """Save changed settings; with `shown`, only while the stored ones still have that digest.

    Raises PermissionDenied without `audit.change_portalsettings`, or when somebody else than a superuser
    switches AI access management on; ValidationError naming the field for a value that can't be.
    """
    actor.require("audit.change_portalsettings")
    settings.pk = 1
    settings.full_clean(validate_unique=False, validate_constraints=False)
    with governed():
        stored = PortalSettings.objects.select_for_update().filter(pk=1).first()
        before = _snapshot(stored or PortalSettings(pk=1))
        shown_facts.require_as_shown(before, shown, what="the settings")
        after = _snapshot(settings)
        if after["is_active"] and not before["is_active"]:
            _require_superuser(actor)
        if before == after and stored is not None:
            return settings
        settings._state.adding = stored is None
        settings.save()
        log.record(Event.SETTINGS_CHANGED, actor=actor, subject=settings, before=before, after=after)
    return settings


def activate(*, actor: Actor) -> PortalSettings:
    """Switch AI access management on, leaving everything else as it is. Raises as `change` does."""
    settings = current()
    settings.is_active = True
    return change(actor=actor, settings=settings)


def _require_superuser(actor: Actor) -> None:
    if actor.kind != AuditRow.ActorKind.SYSTEM and not getattr(actor.user, "is_superuser", False):
        raise PermissionDenied("Only a superuser can switch AI access management on.")


def _snapshot(settings: PortalSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in FIELDS}
