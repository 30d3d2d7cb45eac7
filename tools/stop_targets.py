"""What can be stopped at each level, and how to find it among thousands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from catalog.models import Server
from clients.models import Client, User
from tools.models import Stop, Tool

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """The objects of one level. `searched` are the columns a search looks in, the first one orders."""

    model: type[models.Model]
    searched: tuple[str, ...]
    related: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    Stop.Level.SERVER: Kind(Server, ("name", "prefix", "base_url")),
    Stop.Level.TOOL: Kind(Tool, ("client_name", "domain", "server__name"), ("server", "approved_revision")),
    Stop.Level.CLIENT: Kind(Client, ("name", "owner__username", "owner__email", "software"), ("owner",)),
    Stop.Level.PERSON: Kind(User, ("username", "email", "first_name", "last_name")),
}


def search(level: str, words: str) -> tuple[list[Any], bool]:
    """The first targets that have every word somewhere, and whether there are more than these."""
    kind = KINDS[level]
    found = kind.model._default_manager.select_related(*kind.related).order_by(kind.searched[0], "pk")
    # PostgreSQL refuses text with U+0000, and nothing is named by it.
    for word in words.replace("\0", " ").split():
        anywhere = Q()
        for column in kind.searched:
            anywhere |= Q(**{f"{column}__icontains": word})
        found = found.filter(anywhere)
    rows = list(found[: MOST_SHOWN + 1])
    return rows[:MOST_SHOWN], len(rows) > MOST_SHOWN


def find(level: str, target_id: str) -> Any:
    """The target with this id, as it came in an address or form; None when there is none."""
    kind = KINDS.get(level)
    if kind is None or not target_id:
        return None
    try:
        key = kind.model._meta.pk.to_python(target_id)
    except ValidationError:
        return None
    if isinstance(key, int) and abs(key) >= 2**63:
        return None
    return kind.model._default_manager.select_related(*kind.related).filter(pk=key).first()


def note_about(target: Any) -> str:
    """What tells this target from others of a similar name."""
    match target:
        case Server():
            return f"{target.get_state_display()}, {target.base_url}"
        case Tool():
            return f"{target.server}, {target.effective_action.label}, {target.get_state_display()}"
        case Client():
            return f"of {target.owner.get_username()}, {target.get_state_display()}"
        case User():
            return " ".join(filter(None, (target.get_full_name(), target.email)))
    return ""
