"""Matching records against a parsed query."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any as AnyValue

from sandbox.search_language import All, Any, Node, Not, QueryError, Term, parse_query
from sandbox.state import Record
from sandbox.times import epoch_milliseconds, parse_instant

Predicate = Callable[[Record], bool]
Values = Callable[[Record], list[str]]
RELATIVE = re.compile(r"now(?:-(\d{1,6})([mhdw]))?", re.IGNORECASE)
RELATIVE_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
WORD = re.compile(r"\w+")
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Searchable:
    """What a kind of record can be searched by. Names are as in queries, in lower case; paths are dotted."""

    words: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    instants: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Values] = field(default_factory=dict)

    @cached_property
    def field_names(self) -> frozenset[str]:
        """Every field a query may name."""
        return frozenset().union(self.texts, self.exact, self.numbers, self.instants, self.computed)


def compile_query(text: str, searchable: Searchable, now: datetime) -> Predicate:
    """Turn a query into a test of one record. Raises QueryError."""
    return _compile(parse_query(text, searchable.field_names), searchable, now)


def _compile(node: Node, searchable: Searchable, now: datetime) -> Predicate:
    if isinstance(node, Not):
        inner = _compile(node.item, searchable, now)
        return lambda record: not inner(record)
    if isinstance(node, All):
        parts = [_compile(item, searchable, now) for item in node.items]
        return lambda record: all(part(record) for part in parts)
    if isinstance(node, Any):
        parts = [_compile(item, searchable, now) for item in node.items]
        return lambda record: any(part(record) for part in parts)
    return _compile_term(node, searchable, now)


def _compile_term(term: Term, searchable: Searchable, now: datetime) -> Predicate:
    if term.field is None:
        return lambda record: any(
            _text_matches(term, value) for path in searchable.words for value in _at(record, path)
        )
    if term.field in searchable.instants:
        return _instant_test(term, searchable.instants[term.field], now)
    if term.field in searchable.numbers:
        return _number_test(term, searchable.numbers[term.field])
    if term.comparison != ":":
        raise QueryError(f"{term.field!r} can't be compared with {term.comparison}")
    if term.field in searchable.texts:
        path = searchable.texts[term.field]
        return lambda record: any(_text_matches(term, value) for value in _at(record, path))
    pattern = wildcard_pattern(term.value)
    if term.field in searchable.computed:
        values = searchable.computed[term.field]
        return lambda record: any(pattern.fullmatch(value) for value in values(record))
    path = searchable.exact[term.field]
    return lambda record: any(pattern.fullmatch(value) for value in _at(record, path) or [""])


def _at(record: Record, path: str) -> list[str]:
    """The values at a dotted path, as text; a list gives each of its items."""
    value: AnyValue = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def wildcard_pattern(value: str) -> re.Pattern[str]:
    """A pattern in which * stands for anything; case doesn't matter."""
    parts = re.split(r"\*+", value)
    return re.compile(".*".join(re.escape(part) for part in parts), re.IGNORECASE | re.DOTALL)


def _text_matches(term: Term, text: str) -> bool:
    """Whether running text contains the words looked for, or, quoted, exactly that phrase."""
    if "*" in term.value:
        pattern = wildcard_pattern(term.value)
        return bool(pattern.fullmatch(text)) or any(pattern.fullmatch(word) for word in text.split())
    if term.quoted:
        return term.value.lower() in text.lower()
    wanted = WORD.findall(term.value.lower())
    words = set(WORD.findall(text.lower()))
    return all(word in words for word in wanted) if wanted else term.value in text


def _number_test(term: Term, path: str) -> Predicate:
    try:
        wanted = int(term.value)
    except ValueError as error:
        raise QueryError(f"{term.field!r} needs a number, not {term.value!r}") from error
    return lambda record: any(
        _compare(int(value), term.comparison, wanted, wanted + 1) for value in _at(record, path)
    )


def _instant_test(term: Term, path: str, now: datetime) -> Predicate:
    first, after = _instant_range(term, now)
    return lambda record: any(
        _compare(epoch_milliseconds(parse_instant(value)), term.comparison, first, after)
        for value in _at(record, path)
        if value
    )


def _instant_range(term: Term, now: datetime) -> tuple[int, int]:
    """What a date means, as [first, after) in epoch milliseconds: a day is all of it."""
    relative = RELATIVE.fullmatch(term.value)
    if relative:
        ago = int(relative[1]) * RELATIVE_UNITS[relative[2].lower()] if relative[1] else timedelta()
        return _milliseconds(now, -ago, MILLISECOND)
    if term.value.isdecimal() and len(term.value) <= 15:
        return int(term.value), int(term.value) + 1
    for layout, length in (("%d-%m-%Y", timedelta(days=1)), ("%d-%m-%YT%H:%M", timedelta(minutes=1))):
        try:
            return _milliseconds(
                datetime.strptime(term.value, layout).replace(tzinfo=UTC), timedelta(), length
            )
        except ValueError:
            continue
    raise QueryError(f"{term.field!r} needs epoch milliseconds, dd-MM-yyyy or now-3d, not {term.value!r}")


def _milliseconds(instant: datetime, shift: timedelta, length: timedelta) -> tuple[int, int]:
    first = epoch_milliseconds(instant) + shift // MILLISECOND
    return first, first + length // MILLISECOND


def _compare(value: int, comparison: str, first: int, after: int) -> bool:
    """Compare with a range [first, after), which is one number or one stretch of time."""
    if comparison == "<":
        return value < first
    if comparison == "<=":
        return value < after
    if comparison == ">":
        return value >= after
    if comparison == ">=":
        return value >= first
    return first <= value < after
