"""What of a call's arguments the audit log keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from audit.keyed_hash import keyed_hash
from audit.models import PortalSettings

REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a value is kept: characters of one text, items of one list, levels, characters in all."""

    text: int
    items: int
    depth: int
    characters: int


SHORTENED = Room(text=1_000, items=50, depth=6, characters=20_000)
# Opsgenie's longest field has 25,000 characters.
WHOLE = Room(text=30_000, items=1_000, depth=20, characters=100_000)

_SECRET_NAME = re.compile(
    r"(api[_-]?key|authorization|credential|passw|private[_-]?key|secret|token|genie)", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(GenieKey\s+\S+|Bearer\s+\S+|Basic\s+[A-Za-z0-9+/=]{8,}|pct_[A-Za-z0-9]+_[A-Za-z0-9]+"
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
    r"|(?:api[_-]?key|passw(?:or)?d|secret|token)[\"']?\s{0,3}[=:]\s{0,3}[^\s&,;]+"
    r"|[a-z][a-z0-9+.-]{0,20}://[^/\s:@]+:[^/\s@]+@)",
    re.IGNORECASE | re.DOTALL,
)


def arguments_digest(arguments: Any) -> str:
    """A keyed digest by which two calls with the same arguments can be told to be alike."""
    return keyed_hash("arguments", orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS))


def kept(arguments: Any, verbosity: str) -> dict[str, Any]:
    """What an audit row says of a call's arguments, as the settings want it: nothing, or `arguments`."""
    if verbosity == PortalSettings.Verbosity.NONE:
        return {}
    is_full = verbosity == PortalSettings.Verbosity.FULL
    return {"arguments": _Redaction(WHOLE if is_full else SHORTENED).of(arguments, 0)}


def redacted(value: Any) -> Any:
    """`value` with secrets replaced and long parts shortened. Any JSON value in, a JSON value out.

    However large the value is, what is kept of it is at most some 20,000 characters.
    """
    return _Redaction(SHORTENED).of(value, 0)


class _Redaction:
    """One pass over one value, and the room that is left for what it keeps."""

    def __init__(self, limits: Room) -> None:
        self._limits = limits
        self._room = limits.characters

    def of(self, value: Any, depth: int) -> Any:
        if depth > self._limits.depth:
            return "[too deep]"
        self._room -= 1
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            items = []
            for item in islice(value, self._limits.items):
                if self._room <= 0:
                    break
                items.append(self.of(item, depth + 1))
            return items
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int | float | bool) or value is None:
            return value
        return f"[{type(value).__name__}]"

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in islice(value.items(), self._limits.items):
            if self._room <= 0:
                break
            name = self._text(str(key))
            kept[name] = REDACTED if _SECRET_NAME.search(str(key)) else self.of(item, depth + 1)
        return kept

    def _text(self, text: str) -> str:
        longest = self._limits.text
        # Cut before searching, so that a megabyte of text can't cost a second; and again after.
        head = text[: 4 * longest]
        kept = _SECRET_TEXT.sub(REDACTED, head)
        if len(head) < len(text):
            # Its last word may be half a secret, which nothing recognises.
            kept = "".join(kept.rsplit(maxsplit=1)[:1])
        # PostgreSQL's jsonb can't hold U+0000; a refused row would refuse the call for a strange reason.
        kept = kept.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if len(kept) > longest or len(head) < len(text):
            kept = f"{kept[:longest]}… [{len(text):,} characters]"
        self._room -= len(kept)
        return kept
