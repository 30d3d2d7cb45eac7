"""Keys that have been in use for longer than the settings like."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from audit import portal_settings
from catalog.models import Credential, Server


def keys_due(at: datetime) -> QuerySet[Credential]:
    """The active keys that are due for rotation at that moment, with their servers, the oldest first.

    A key ages from the moment it was stored. None is due while the settings say 0 days.
    """
    days = portal_settings.current().key_age_days
    active = Credential.objects.filter(state=Credential.State.ACTIVE)
    if days == 0:
        return active.none()
    due = active.filter(created_at__lte=at - timedelta(days=days))
    return due.select_related("server").order_by("created_at")


def age_in_days(credential: Credential, at: datetime) -> int:
    """How many whole days ago the key was stored."""
    return max(0, (at - credential.created_at).days)


def due_notes(server: Server) -> list[str]:
    """A sentence for each key of the server that is due; none while all are young enough."""
    at = timezone.now()
    return [
        f"The key in slot {credential.slot} is {age_in_days(credential, at)} days old and due for rotation. "
        "Rotate it under Keys: calls go on meanwhile."
        for credential in keys_due(at).filter(server=server)
    ]
