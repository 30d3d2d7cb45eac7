"""Creating, changing and deleting toolsets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from catalog.models import Server
from tools.models import Tool, Toolset

_AUTOMATIC = {
    Toolset.Kind.ALL_APPROVED: ("All approved tools", "Every tool of this server that is approved."),
    Toolset.Kind.READ: ("Read tools", "Every approved tool of this server that only reads."),
}


def save(*, actor: Actor, toolset: Toolset, tools: Iterable[Tool]) -> Toolset:
    """Create or change a set chosen by hand, so that it holds exactly `tools`.

    Raises PermissionDenied without `tools.add_toolset` or `tools.change_toolset`, ValidationError for an
    automatic set.
    """
    creating = toolset._state.adding
    actor.require("tools.add_toolset" if creating else "tools.change_toolset")
    _refuse_automatic(toolset)
    toolset.full_clean(exclude=["tools"])
    with governed():
        before = None if creating else _snapshot(Toolset.objects.select_for_update().get(pk=toolset.pk))
        toolset.save()
        toolset.tools.set(tools)
        event = Event.TOOLSET_CREATED if creating else Event.TOOLSET_CHANGED
        log.record(event, actor=actor, subject=toolset, before=before, after=_snapshot(toolset))
    return toolset


def delete(*, actor: Actor, toolset: Toolset) -> None:
    """Delete a set chosen by hand; profiles that held it lose its tools."""
    actor.require("tools.delete_toolset")
    _refuse_automatic(toolset)
    with governed():
        profiles = sorted(toolset.access_profiles.values_list("name", flat=True))
        before = {**_snapshot(toolset), "profiles": profiles}
        log.record(Event.TOOLSET_DELETED, actor=actor, subject=toolset, before=before)
        toolset.delete()


def ensure_automatic(server: Server) -> None:
    """Make the two sets that keep themselves for a server, where they are missing. Inside `governed()`."""
    actor = Actor.system("discovery")
    for kind, (name, description) in _AUTOMATIC.items():
        if Toolset.objects.filter(server=server, kind=kind).exists():
            continue
        full_name = f"{server.prefix}: {name}"
        if Toolset.objects.filter(name=full_name).exists():
            # Somebody's own set, or one of a server that had this prefix before, must not stop discovery.
            full_name = f"{full_name} (server {server.pk})"
        toolset = Toolset.objects.create(name=full_name, description=description, kind=kind, server=server)
        log.record(Event.TOOLSET_CREATED, actor=actor, subject=toolset, after={"kind": kind.value})


def _refuse_automatic(toolset: Toolset) -> None:
    if toolset.kind != Toolset.Kind.CUSTOM:
        raise ValidationError(f"{toolset} keeps itself. Make a set of your own to choose tools by hand.")


def _snapshot(toolset: Toolset) -> dict[str, Any]:
    return {
        "name": toolset.name,
        "description": toolset.description,
        "tools": sorted(toolset.tools.values_list("client_name", flat=True)),
    }
