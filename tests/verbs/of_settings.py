"""The verbs of the portal's settings."""

from __future__ import annotations

from audit import portal_settings
from audit.events import Event
from audit.models import PortalSettings
from tests.verbs.world import Verb


def _four_eyes() -> PortalSettings:
    settings = portal_settings.current()
    settings.four_eyes = True
    return settings


VERBS = (
    Verb(
        "audit.portal_settings.change",
        ("audit.change_portalsettings",),
        (Event.SETTINGS_CHANGED,),
        lambda actor, world: portal_settings.change(actor=actor, settings=_four_eyes()),
    ),
    Verb(
        "audit.portal_settings.activate",
        ("audit.change_portalsettings",),
        (Event.SETTINGS_CHANGED,),
        lambda actor, world: portal_settings.activate(actor=actor),
        prepare=lambda world: PortalSettings.objects.update(is_active=False),
        superusers_only=True,
    ),
)
