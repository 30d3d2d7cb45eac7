"""What of a call's arguments the audit log keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from audit.keyed_hash import keyed_hash

REDACTED = "[redacted]"
LONGEST_TEXT = 1_000
LONGEST_LIST = 50
DEEPEST = 6

_SECRET_NAME = re.compile(
    r"(api[_-]?key|authorization|credential|passw|private[_-]?key|secret|token|genie)", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(GenieKey\s+\S+|Bearer\s+\S+|Basic\s+[A-Za-z0-9+/=]{8,}|pct_[A-Za-z0-9]+_[A-Za-z0-9]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|[a-z][a-z0-9+.-]{0,20}://[^/\s:@]+:[^/\s@]+@)",
    re.IGNORECASE,
)


def arguments_digest(arguments: Any) -> str:
    """A keyed digest by which two calls with the same arguments can be told to be alike."""
    return keyed_hash("arguments", orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS))


def redacted(value: Any, *, depth: int = 0) -> Any:
    """`value` with secrets replaced and long parts shortened. Any JSON value in, a JSON value out."""
    if depth > DEEPEST:
        return "[too deep]"
    if isinstance(value, Mapping):
        items = list(value.items())[:LONGEST_LIST]
        return {
            _shortened(str(key)): REDACTED
            if _SECRET_NAME.search(str(key))
            else redacted(item, depth=depth + 1)
            for key, item in items
        }
    if isinstance(value, list | tuple):
        return [redacted(item, depth=depth + 1) for item in value[:LONGEST_LIST]]
    if isinstance(value, str):
        # Cut before searching, so that a megabyte of text can't cost a second; and again after.
        return _shortened(_SECRET_TEXT.sub(REDACTED, value[: 4 * LONGEST_TEXT]), length=len(value))
    if isinstance(value, int | float | bool) or value is None:
        return value
    return f"[{type(value).__name__}]"


def _shortened(text: str, length: int = 0) -> str:
    # PostgreSQL's jsonb can't hold U+0000; a refused row would refuse the call for a strange reason.
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}… [{max(length, len(text)):,} characters]"
