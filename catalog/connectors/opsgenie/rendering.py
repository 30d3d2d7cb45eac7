"""Structured answers as short text: one line an item, the facts of a record one a line.

Many clients show a model this text and nothing else, so it names everything that later calls need. Every
value stays on its own line whatever it holds: alert texts come from outside, and one with line breaks must
not be able to imitate the lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from catalog.connectors.opsgenie.redaction import clean_line
from catalog.connectors.opsgenie.shapes import Record, Shape

# A note or a log entry in a list; a whole description.
_VALUE_LIMIT = 1000
_FACT_LIMIT = 4000
_MOST_LINES = 100
_MOST_VALUES = 20
_MOST_INNER_LINES = 10
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+(Z|[+-]\d\d:?\d\d)")


def headline(record: Record, values: Mapping[str, Any], *, between: str = " · ") -> str:
    """One line: the fields that the record's headline names and that are there.

    A flag shows its own name, and only when it is set. A word such as `every_{interval}` puts its field into
    words; one without its field is left out.
    """
    parts = [part for word in record.headline if (part := _part(record, word, values))]
    return between.join(parts) or _facts_line(record, values, without=frozenset()) or "(empty)"


def facts(record: Record, values: Mapping[str, Any]) -> str:
    """Every field on a line of its own; of a list of records, each record."""
    return "\n".join(_bounded(_fact_lines(record, values))) or "(empty)"


def status_first(record: Record, values: Mapping[str, Any]) -> str:
    """The facts of a request that is done later, beginning with what became of it."""
    status = {name: values[name] for name in ("status",) if name in values}
    return facts(record, {**status, **values})


def item_lines(record: Record, values: Mapping[str, Any]) -> Iterator[str]:
    """A record in a list: its headline, and under it the records it holds that the headline doesn't."""
    yield headline(record, values)
    yield from _inner_lines(record, values, most=_MOST_INNER_LINES)


def _part(record: Record, word: str, values: Mapping[str, Any]) -> str:
    names = _names_in(word)
    if names:
        if any(values.get(name) is None for name in names):
            return ""
        template = re.sub(r"_(?![^{]*\})", " ", word)
        return template.format_map({name: _line(record.shape_of(name), values[name]) for name in names})
    value = values.get(word)
    if value is False:
        return "disabled" if word == "enabled" else ""
    if value is None or value is True:
        return _in_words(word) if value else ""
    return f"no {_in_words(word)}" if value == [] else _line(record.shape_of(word), value)


def _names_in(word: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(word) if name)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _fact_lines(record: Record, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        shape = record.shape_of(name)
        inner, held = _records_in(shape, value)
        if inner is not None and held:
            yield f"{name}:"
            for one in held:
                yield f"- {_whole_line(inner, one)}"
                yield from _inner_lines(inner, one, most=_MOST_LINES)
        elif value != {}:
            yield f"{name}: {_line(shape, value, _FACT_LIMIT)}"


def _inner_lines(record: Record, values: Mapping[str, Any], *, most: int) -> Iterator[str]:
    """The records in a record's lists, as far as its headline hasn't got them."""
    for field in record.fields:
        inner, held = _records_in(field.shape, values.get(field.name))
        if inner is None or field.name in record.headline:
            continue
        yield from (f"  - {_whole_line(inner, one)}" for one in held[:most])
        if len(held) > most:
            yield f"  … {len(held) - most} more {_in_words(field.name)}"


def _records_in(shape: Shape | None, value: Any) -> tuple[Record | None, list[Any]]:
    """The record that a shape is or is a list of, and those in the value."""
    if isinstance(shape, Record):
        return shape, [value] if value else []
    item = getattr(shape, "item", None)
    if isinstance(item, Record):
        return item, value if isinstance(value, list) else []
    return None, []


def _whole_line(record: Record, values: Mapping[str, Any]) -> str:
    """The headline and, in parentheses, the facts that aren't in it."""
    told = frozenset(name for word in record.headline for name in (_names_in(word) or (word,)))
    rest = _facts_line(record, values, without=told)
    return f"{headline(record, values)} ({rest})" if rest and told & set(values) else headline(record, values)


def _facts_line(record: Record, values: Mapping[str, Any], *, without: frozenset[str]) -> str:
    """The facts that have no lines of their own."""
    shapes = {name: record.shape_of(name) for name in values if name not in without}
    plain = {name: shape for name, shape in shapes.items() if _records_in(shape, None)[0] is None}
    return ", ".join(f"{name}: {_line(shape, values[name])}" for name, shape in plain.items())


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    for count, line in enumerate(lines):
        if count == _MOST_LINES:
            yield "…"
            return
        yield line


def _line(shape: Shape | None, value: Any, limit: int = _VALUE_LIMIT) -> str:
    """Any value on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ([], {}):
        return "none"
    if isinstance(value, list):
        item = getattr(shape, "item", None)
        text = ", ".join(_line(item, one) for one in value[:_MOST_VALUES])
    elif isinstance(value, dict) and isinstance(shape, Record):
        text = headline(shape, value, between=" ")
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {_line(None, one)}" for key, one in value.items())
    else:
        text = _MOMENT.sub(r"\1\2", str(value))  # nobody reads fractions of a second
    return clean_line(text, limit=limit)
