"""What changed between two stored definitions of a tool, graded by how much it matters.

Pure: it reads two JSON objects as `tools.definitions.as_stored` makes them, but copes with any. Two that
differ in a byte of their canonical form never give an empty list, two equal ones always do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.change_grades import ABSENT, Change, Grade, change_of, is_severe, severity, worst
from tools.schema_changes import canonical, schema_changes

__all__ = ["ABSENT", "Change", "Grade", "definition_changes", "is_severe", "severity", "worst"]

_TEXTS = {
    "title": (Grade.TITLE, "The title changed."),
    "description": (Grade.WORDING, "The description changed."),
    "instructions": (Grade.INSTRUCTIONS, "What the server tells a model about all its tools changed."),
}
_REQUEST = {
    "method": "It sends another kind of request.",
    "path": "It sends its request elsewhere.",
    "action": "What it does upstream is classed differently.",
}
#: Each of MCP's hints: what it is when left out, and the value with which clients ask their users less.
_HINTS = {
    "readOnlyHint": (False, True),
    "destructiveHint": (True, False),
    "idempotentHint": (False, True),
    "openWorldHint": (True, False),
}


def definition_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every difference between two definitions, the gravest first, else in the order of the definition."""
    changes = [change for key in dict.fromkeys((*before, *after)) for change in _part(key, before, after)]
    return sorted(changes, key=lambda change: severity(change.grade), reverse=True)


def _part(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = before.get(key, ABSENT), after.get(key, ABSENT)
    if key in ("input_schema", "output_schema"):
        found = list(schema_changes(old, new, is_result=key == "output_schema"))
        yield from found
        if not found and canonical(old) != canonical(new):
            yield change_of(Grade.OTHER, [_heading(key)], old, new, "It is written differently.")
    elif canonical(old) == canonical(new):
        return
    elif key == "annotations" and isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _annotations(old, new)
    elif key in _TEXTS and isinstance(old, str) and isinstance(new, str):
        grade, sentence = _TEXTS[key]
        yield change_of(grade, [_heading(key)], old, new, sentence)
    elif key in _REQUEST:
        yield change_of(Grade.REQUEST, [_heading(key)], old, new, _REQUEST[key])
    elif key == "domain":
        yield change_of(Grade.DOMAIN, [_heading(key)], old, new, "It belongs to another domain.")
    else:
        yield change_of(Grade.OTHER, [_heading(key)], old, new, "This part of the definition changed.")


def _annotations(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if canonical(old) == canonical(new):
            continue
        where = [_heading("annotations"), name]
        if name == "title":
            yield change_of(Grade.TITLE, where, old, new, "The title changed.")
        elif name in _HINTS and _seems_safer(name, old, new):
            sentence = "The tool claims to be more harmless, so clients may ask their users less."
            yield change_of(Grade.ANNOTATION_SAFER, where, old, new, sentence)
        else:
            yield change_of(Grade.ANNOTATION, where, old, new, "A hint to clients changed.")


def _seems_safer(name: str, old: Any, new: Any) -> bool:
    default, safe = _HINTS[name]
    # Any JSON may stand there. Clients in lenient languages take what isn't empty for yes.
    was, now = (default if value is ABSENT or value is None else bool(value) for value in (old, new))
    return was != now and now == safe


def _heading(key: str) -> str:
    return {"instructions": "server instructions"}.get(key, key.replace("_", " "))
