"""Past changes of the settings, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from audit.events import Event
from audit.models import AuditRow, PortalSettings

if TYPE_CHECKING:
    from datetime import datetime

LENGTH = 20


@dataclass(frozen=True, slots=True)
class Edit:
    """One setting of one change, each value in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the settings; `row_id` is its audit row's."""

    row_id: int
    at: datetime
    actor: str
    edits: tuple[Edit, ...]


def history(*, client_kinds: Iterable[tuple[str, str]] = ()) -> list[Change]:
    """The latest changes, newest first. `client_kinds` names the kinds of AI clients."""
    labels = dict(client_kinds)
    rows = AuditRow.objects.filter(event=Event.SETTINGS_CHANGED).order_by("-pk")[:LENGTH]
    return [_change(row, labels) for row in rows]


def in_words(name: str, value: Any, labels: dict[str, str]) -> str:
    """A setting's value as the page says it."""
    field = _field(name)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(labels.get(kind, str(kind)) for kind in value) or "none"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if value == 0 and name.endswith("_days"):
        return "never"
    return str(value)


def _change(row: AuditRow, labels: dict[str, str]) -> Change:
    before, after = row.detail.get("before", {}), row.detail.get("after", {})
    edits = tuple(
        Edit(_label(name), in_words(name, before.get(name), labels), in_words(name, value, labels))
        for name, value in after.items()
    )
    return Change(row.pk, row.at, row.actor_name, edits)


def _label(name: str) -> str:
    field = _field(name)
    text = str(field.verbose_name) if field else name
    return text[:1].upper() + text[1:]


def _field(name: str) -> models.Field[Any, Any] | None:
    """None for a setting that an old row tells of and that there is no longer."""
    try:
        field = PortalSettings._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None
