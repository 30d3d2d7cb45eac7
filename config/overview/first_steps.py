"""The way from a fresh install to the first answered call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from audit.events import Event
from audit.models import AuditRow, PortalSettings
from catalog.models import Server, SyncRun
from clients.models import Client, User
from config.overview import links
from tools.models import AccessProfile, Grant, Tool, Toolset


@dataclass(frozen=True, slots=True)
class Step:
    """One step, whether it is done, and where; `address` is empty for who can't do it there."""

    title: str
    sentence: str
    is_done: bool
    address: str


def is_over() -> bool:
    """Whether a call was ever answered: from then on nobody needs the list of steps."""
    return AuditRow.objects.filter(event=Event.CALL_SUCCEEDED).exists()


def steps(person: User, settings: PortalSettings) -> list[Step]:
    """The steps that this person may see something of, in their order."""
    return [
        Step(title, sentence, is_done(settings), _address(person, model, needed))
        for title, sentence, model, needed, is_done in _STEPS
        if person.has_perm(_seeing(model))
    ]


def _address(person: User, model: str, needed: str) -> str:
    """Where it is done: the page to make one for who may, the list for who only may look or choose there."""
    if person.has_perm(needed) and needed == f"{model.split('.')[0]}.add_{model.split('.')[1]}":
        return links.to_add(model)
    return links.to_list(model)


def _seeing(model: str) -> str:
    application, name = model.split(".")
    return f"{application}.view_{name}"


def _has_live_grant() -> bool:
    now = timezone.now()
    return Grant.objects.filter(starts_at__lte=now).exclude(ends_at__lte=now).exists()


_STEPS: tuple[tuple[str, str, str, str, Callable[[PortalSettings], bool]], ...] = (
    (
        "Switch AI access on", "Until then every call is refused. Only a superuser can do it.",
        "audit.portalsettings", "audit.change_portalsettings", lambda settings: settings.is_active,
    ),
    (
        "Register a server", "Tell where Opsgenie is, and give its API key.",
        "catalog.server", "catalog.add_server", lambda settings: Server.objects.exists(),
    ),
    (
        "Let it be synced", "That happens by itself after registration, and finds the server's tools.",
        "catalog.syncrun", "catalog.sync_server",
        lambda settings: SyncRun.objects.filter(state=SyncRun.State.SUCCEEDED).exists(),
    ),
    (
        "Approve tools", "Read what a model would read of them, and decide.",
        "tools.tool", "tools.review_tool",
        lambda settings: Tool.objects.filter(state=Tool.State.APPROVED).exists(),
    ),
    (
        "Group tools in a toolset", "Two for each server keep themselves; make others as you need them.",
        "tools.toolset", "tools.add_toolset", lambda settings: Toolset.objects.exists(),
    ),
    (
        "Make an access profile", "Toolsets, and how much of them may be used.",
        "tools.accessprofile", "tools.add_accessprofile", lambda settings: AccessProfile.objects.exists(),
    ),
    (
        "Grant it", "To a person or a group, for a time if you like.",
        "tools.grant", "tools.add_grant", lambda settings: _has_live_grant(),
    ),
    (
        "Connect an AI client", "Each person makes a token under /me/, or you make one for them.",
        "clients.token", "clients.add_token", lambda settings: Client.objects.exists(),
    ),
)  # fmt: skip
