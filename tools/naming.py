"""The name under which AI clients see a tool."""

from __future__ import annotations

import hashlib
import re

LONGEST_NAME = 48
# The narrowest of what clients accept: model APIs allow letters, digits, `_` and `-`, and Cursor counts the
# connection's name against a limit of 60.
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,47}")


def client_name(prefix: str, tool_name: str) -> str:
    """`<prefix>_<tool>`, in the characters clients accept.

    Where that had to be changed or cut, eight hex digits of the whole name's SHA-256 keep it unique.
    """
    whole = f"{prefix}_{tool_name}"
    if NAME.fullmatch(whole):
        return whole
    suffix = "_" + hashlib.sha256(whole.encode()).hexdigest()[:8]
    cleaned = re.sub(r"[^a-zA-Z0-9_-]", "_", whole)
    return cleaned[: LONGEST_NAME - len(suffix)] + suffix
