"""How Opsgenie's lists are cut into pages, and how to tell where the next one starts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from catalog.connectors.opsgenie.shapes import TEXT, WHOLE


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list the caller asked for."""

    offset: int | str | None = None
    limit: int | None = None

    @property
    def start(self) -> int:
        """The offset as a count; opaque ones have none."""
        return self.offset if isinstance(self.offset, int) else 0


class Paging(ABC):
    """How Opsgenie cuts a list into pages, and where the next one starts."""

    offset_type = "integer"
    argument = "offset"  # in which the next call gives it

    def cut(self, entries: list[Any], window: Window) -> list[Any]:
        """The entries of this page, should Opsgenie send more than it was asked for."""
        return entries[: window.limit]

    @abstractmethod
    def next_offset(
        self, entries: list[Any], envelope: Mapping[str, Any], window: Window
    ) -> int | str | None:
        """The offset to ask for next, None when this is the end. `entries` are all that came."""

    def total(self, entries: list[Any], envelope: Mapping[str, Any]) -> int | None:
        """How many there are in all, where that is known."""
        return None


class ByNumber(Paging):
    """Opsgenie counts: `offset` and `limit`, `paging.next` while there is more, sometimes `totalCount`."""

    def next_offset(self, entries: list[Any], envelope: Mapping[str, Any], window: Window) -> int | None:
        page = self.cut(entries, window)
        following = window.start + len(page)
        total = self.total(entries, envelope)
        paging = envelope.get("paging")
        if not page:
            more = False
        elif total is not None:
            more = following < total
        elif isinstance(paging, Mapping):
            more = bool(paging.get("next")) or len(page) < len(entries)
        else:
            more = window.limit is not None and len(entries) >= window.limit
        return following if more else None

    def total(self, entries: list[Any], envelope: Mapping[str, Any]) -> int | None:
        return WHOLE.fit(envelope.get("totalCount"))


class ByKey(Paging):
    """Opsgenie hands out an opaque offset: in the link `paging.next`, or beside the list in `data.offset`."""

    offset_type = "string"

    def next_offset(self, entries: list[Any], envelope: Mapping[str, Any], window: Window) -> str | None:
        # Opsgenie may give a next link on the last page too; a short page is the end all the same.
        if not entries or (window.limit is not None and len(entries) < window.limit):
            return None
        data = envelope.get("data")
        if isinstance(data, Mapping):
            return TEXT.fit(data.get("offset")) or TEXT.fit(data.get("nextOffset"))
        paging = envelope.get("paging")
        link = paging.get("next") if isinstance(paging, Mapping) else None
        return _offset_in(link) if isinstance(link, str) else None


class ByMarker(Paging):
    """Opsgenie names the last entry it gave in `marker`; the list ends with an empty page."""

    offset_type = "string"
    argument = "marker"

    def next_offset(self, entries: list[Any], envelope: Mapping[str, Any], window: Window) -> str | None:
        return TEXT.fit(envelope.get("marker")) if entries else None


def _offset_in(link: str) -> str | None:
    try:
        offsets = parse_qs(urlsplit(link).query).get("offset")
    except ValueError:
        return None
    return TEXT.fit(offsets[0]) if offsets else None


class Whole(Paging):
    """Opsgenie sends everything at once; the page is cut here, so that a model isn't flooded."""

    def cut(self, entries: list[Any], window: Window) -> list[Any]:
        return entries[window.start :][: window.limit]

    def next_offset(self, entries: list[Any], envelope: Mapping[str, Any], window: Window) -> int | None:
        following = window.start + len(self.cut(entries, window))
        return following if following < len(entries) else None

    def total(self, entries: list[Any], envelope: Mapping[str, Any]) -> int | None:
        return len(entries)
