"""What of a call's arguments the audit log keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import orjson

from audit.keyed_hash import keyed_hash

REDACTED = "[redacted]"
LONGEST_TEXT = 1_000
LONGEST_LIST = 50
DEEPEST = 6
MOST_CHARACTERS = 20_000

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


def redacted(value: Any) -> Any:
    """`value` with secrets replaced and long parts shortened. Any JSON value in, a JSON value out.

    However large the value is, what is kept of it is at most some 20,000 characters.
    """
    return _Redaction().of(value, 0)


class _Redaction:
    """One pass over one value, and the room that is left for what it keeps."""

    def __init__(self) -> None:
        self._room = MOST_CHARACTERS

    def of(self, value: Any, depth: int) -> Any:
        if depth > DEEPEST:
            return "[too deep]"
        self._room -= 1
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            items = []
            for item in islice(value, LONGEST_LIST):
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
        for key, item in islice(value.items(), LONGEST_LIST):
            if self._room <= 0:
                break
            name = self._text(str(key))
            kept[name] = REDACTED if _SECRET_NAME.search(str(key)) else self.of(item, depth + 1)
        return kept

    def _text(self, text: str) -> str:
        # Cut before searching, so that a megabyte of text can't cost a second; and again after.
        head = text[: 4 * LONGEST_TEXT]
        kept = _SECRET_TEXT.sub(REDACTED, head)
        if len(head) < len(text):
            # Its last word may be half a secret, which nothing recognises.
            kept = "".join(kept.rsplit(maxsplit=1)[:1])
        # PostgreSQL's jsonb can't hold U+0000; a refused row would refuse the call for a strange reason.
        kept = kept.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if len(kept) > LONGEST_TEXT or len(head) < len(text):
            kept = f"{kept[:LONGEST_TEXT]}… [{len(text):,} characters]"
        self._room -= len(kept)
        return kept
