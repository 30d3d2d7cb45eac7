"""What "Add server" offers: connectors, each shown or hidden by an admin."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from catalog.connectors.base import Connector
from catalog.connectors.registry import all_connectors
from catalog.models import CatalogEntry


def hide(*, actor: Actor, connector: Connector) -> None:
    """Offer it no longer. Servers that were registered with it go on.

    Raises PermissionDenied without `catalog.change_catalogentry`.
    """
    _set(actor, connector, is_visible=False)


def show(*, actor: Actor, connector: Connector) -> None:
    """Offer it again. Raises as `hide` does."""
    _set(actor, connector, is_visible=True)


def hidden_keys() -> set[str]:
    """The keys of the connectors that are not offered."""
    return set(CatalogEntry.objects.filter(is_visible=False).values_list("connector_key", flat=True))


def offered() -> list[Connector]:
    """The connectors that "Add server" offers."""
    hidden = hidden_keys()
    return [connector for connector in all_connectors() if connector.key not in hidden]


def require_offered(connector: Connector) -> None:
    """Raise ValidationError for a connector with which no further server may be registered."""
    if connector.key in hidden_keys():
        raise ValidationError(
            f"{connector.label} is hidden from the catalog, so no server can be added with it. "
            "An AI governance admin can show it again under Add server."
        )


def _set(actor: Actor, connector: Connector, *, is_visible: bool) -> None:
    actor.require("catalog.change_catalogentry")
    with governed():
        entry, _ = CatalogEntry.objects.select_for_update().get_or_create(connector_key=connector.key)
        if entry.is_visible == is_visible:
            return
        entry.is_visible = is_visible
        entry.save(update_fields=["is_visible"])
        event = Event.CATALOG_ENTRY_SHOWN if is_visible else Event.CATALOG_ENTRY_HIDDEN
        log.record(event, actor=actor, subject=entry)
