"""Structured answers as short text: one line an item, the key facts of a record.

Every value stays on its own line whatever it holds: alert texts come from outside, and one with line breaks
must not be able to imitate the lines around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.connectors.opsgenie.redaction import clean_line

_VALUE_LIMIT = 300
_MOST_LINES = 100


def headline(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """One line: the named fields that are there. A flag shows its own name, and only when it is set."""
    parts = [part for name in names if (part := _in_headline(name, values.get(name)))]
    return " · ".join(parts) or facts_line(values)


def _in_headline(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if value == []:
        return f"no {name.replace('_', ' ')}"
    return name.replace("_", " ") if value is True else _one_line(value)


def facts_line(values: Mapping[str, Any]) -> str:
    """Every simple fact on one line, for a record whose headline fields are all missing."""
    return ", ".join(f"{name}: {_one_line(value)}" for name, value in values.items()) or "(empty)"


def facts(values: Mapping[str, Any]) -> str:
    """A record, one fact a line; lists of records become indented lines."""
    return "\n".join(_bounded(_fact_lines(values))) or "(empty)"


def _fact_lines(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{name}:"
            yield from (f"  - {facts_line(one)}" for one in value)
        elif value != {}:
            yield f"{name}: {_one_line(value)}"


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    for count, line in enumerate(lines):
        if count == _MOST_LINES:
            yield "…"
            return
        yield line


def _one_line(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == []:
        return "none"
    if isinstance(value, list):
        joined = ", ".join(_one_line(one) for one in value[:20])
        return clean_line(joined, limit=_VALUE_LIMIT)
    if isinstance(value, dict) and len(value) == 1:
        return _one_line(next(iter(value.values())))
    if isinstance(value, dict):
        return "(" + clean_line(facts_line(value), limit=_VALUE_LIMIT) + ")"
    return clean_line(str(value), limit=_VALUE_LIMIT)
