"""Definitions to compare and to scan."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

PLAIN: dict[str, Any] = {
    "name": "find_notes",
    "title": "Find notes",
    "description": "Find notes by their text. Lists the newest first.",
    "input_schema": {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "Words to look for.", "maxLength": 200},
            "kind": {"type": "string", "enum": ["note", "log"], "default": "note"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5},
        },
        "required": ["query"],
        "additionalProperties": False,
    },
    "output_schema": {"type": "object", "properties": {"notes": {"type": "array", "description": "Them."}}},
    "annotations": {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": False},
    "action": "write",
    "domain": "notes",
    "method": "POST",
    "path": "/v2/notes",
    "instructions": "Notes belong to alerts.",
}
GONE = object()

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=12)
)
KEYWORDS = st.sampled_from(
    ["type", "properties", "required", "enum", "items", "anyOf", "maximum", "minLength", "pattern", "default",
     "description", "title", "$defs", "additionalProperties", "const", "examples", "not", "x"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYWORDS | st.text(st.characters(), max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)
ANY_DEFINITIONS = st.dictionaries(st.sampled_from([*PLAIN, "icons"]), VALUES, max_size=8)


def changed(*path: str, to: Any, base: dict[str, Any] = PLAIN) -> dict[str, Any]:
    """The definition with one thing in it replaced, added or (GONE) taken out."""
    definition = copy.deepcopy(base)
    inside = definition
    for key in path[:-1]:
        inside = inside[key]
    if to is GONE:
        del inside[path[-1]]
    else:
        inside[path[-1]] = to
    return definition


def parameter(name: str, *path: str) -> tuple[str, ...]:
    return ("input_schema", "properties", name, *path)
