"""Creating, changing and deleting toolsets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from audit import log
from audit import shown as shown_facts
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from catalog.models import Server
from tools.models import Action, Risk, Tool, Toolset

_AUTOMATIC = {
    Toolset.Kind.ALL_APPROVED: ("All approved tools", "Every tool of this server that is approved."),
    Toolset.Kind.READ: ("Read tools", "Every approved tool of this server that only reads."),
}


def save(*, actor: Actor, toolset: Toolset, tools: Iterable[Tool], shown: str | None = None) -> Toolset:
    """Create or change a set, so that it holds exactly `tools`; one by rule holds what its `rule` says.

    With `shown`, it is changed only while it still has that digest: a form that was opened before somebody
    took a tool out must not put it back.
    Raises PermissionDenied without `tools.add_toolset` or `tools.change_toolset`, ValidationError for an
    automatic set, or a rule that can't be.
    """
    creating = toolset._state.adding
    actor.require("tools.add_toolset" if creating else "tools.change_toolset")
    _refuse_automatic(toolset)
    _check_rule(toolset)
    toolset.full_clean(exclude=["tools"])
    with governed():
        before = None
        if not creating:
            before = _snapshot(Toolset.objects.select_for_update().get(pk=toolset.pk))
            shown_facts.require_as_shown(before, shown, what=str(toolset))
        toolset.save()
        toolset.tools.set(() if toolset.kind == Toolset.Kind.RULE else tools)
        event = Event.TOOLSET_CREATED if creating else Event.TOOLSET_CHANGED
        log.record(event, actor=actor, subject=toolset, before=before, after=_snapshot(toolset))
    return toolset


def digest_of(toolset: Toolset) -> str:
    """What a page that shows the stored set sends back with a change of it."""
    return shown_facts.digest_of(_snapshot(toolset))


def delete(*, actor: Actor, toolset: Toolset) -> None:
    """Delete a set chosen by hand or by a rule; profiles that held it lose its tools."""
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
    if toolset.keeps_itself:
        raise ValidationError(f"{toolset} keeps itself. Make a set of your own to choose its tools.")


def _check_rule(toolset: Toolset) -> None:
    """Raise ValidationError for a rule that names what doesn't exist, or one that would hold every tool."""
    if toolset.kind != Toolset.Kind.RULE:
        toolset.rule = {}
        return
    rule = {name: values for name, values in toolset.rule.items() if values}
    known: dict[str, set[Any]] = {
        "servers": set(Server.objects.values_list("pk", flat=True)),
        "domains": set(Tool.objects.values_list("domain", flat=True)),
        "actions": set(Action.values),
        "risks": set(Risk.values),
    }
    for name, values in rule.items():
        if name not in known or not isinstance(values, list):
            raise ValidationError({"rule": f"A rule has lists of {', '.join(known)}, and no {name}."})
        if unknown := [value for value in values if value not in known[name]]:
            raise ValidationError({"rule": f"There are no {name} {', '.join(map(str, unknown))}."})
    if not rule:
        raise ValidationError({"rule": "Choose at least one server, domain, action or risk."})
    toolset.rule = rule


def _snapshot(toolset: Toolset) -> dict[str, Any]:
    return {
        "name": toolset.name,
        "description": toolset.description,
        "tools": sorted(toolset.tools.values_list("client_name", flat=True)),
        **({"rule": toolset.rule} if toolset.rule else {}),
    }
