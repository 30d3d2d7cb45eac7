"""The query language of lists (Opsgenie docs, search queries for alerts): text in, syntax tree out.

query   = any
any     = all { OR all }
all     = one { [AND] one }            words side by side are an AND
one     = NOT one | ( any ) | term
term    = field operator value | field : ( value { OR value } ) | word | "some words"
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sandbox.errors import ApiError

Comparison = Literal[":", "<", "<=", ">", ">="]
LONGEST_QUERY = 10_000
DEEPEST_NESTING = 50
FIELD = re.compile(r"([A-Za-z][\w.]*)\s*(?::\s*([<>]=?)|([<>]=?)|(:))\s*")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
WORD = re.compile(r'[^\s()"]+')
KEYWORD = re.compile(r'(AND|OR|NOT)(?=[\s()"]|$)', re.IGNORECASE)
SPACE = re.compile(r"\s*")


@dataclass(frozen=True)
class Term:
    """One thing to look for; without a field, anywhere."""

    field: str | None
    comparison: Comparison
    value: str
    quoted: bool = False


@dataclass(frozen=True)
class Not:
    """Everything that doesn't match."""

    item: "Node"


@dataclass(frozen=True)
class All:
    """Everything that matches each of the items; without items, everything."""

    items: tuple["Node", ...]


@dataclass(frozen=True)
class Any:
    """Everything that matches one of the items."""

    items: tuple["Node", ...]


Node = Term | Not | All | Any


class QueryError(ApiError):
    """A query that can't be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(422, f"Query is not valid: {reason}")


def parse_query(text: str, field_names: Collection[str]) -> Node:
    """Read a query. Field names are given, and returned, in lower case; case doesn't matter in the query."""
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"longer than {LONGEST_QUERY} characters")
    parser = _Parser(text, field_names)
    if parser.at_end():
        return All(())
    tree = parser.any_of(depth=0)
    if not parser.at_end():
        raise QueryError(f"unexpected {parser.rest()!r}")
    return tree


class _Parser:
    """A recursive descent over the text; `_position` is how far it has come."""

    def __init__(self, text: str, field_names: Collection[str]) -> None:
        self._text = text
        self._field_names = field_names
        self._position = 0

    def rest(self) -> str:
        """A few characters of what hasn't been read, for messages."""
        return self._text[self._position : self._position + 20]

    def at_end(self) -> bool:
        """Whether only space is left."""
        self._take(SPACE)
        return self._position == len(self._text)

    def any_of(self, depth: int) -> Node:
        """any = all { OR all }"""
        items = [self._all_of(depth)]
        while self._take_keyword("OR"):
            items.append(self._all_of(depth))
        return items[0] if len(items) == 1 else Any(tuple(items))

    def _all_of(self, depth: int) -> Node:
        items = [self._one(depth)]
        while not self.at_end() and not self._sees_closing() and not self._sees_keyword("OR"):
            self._take_keyword("AND")
            items.append(self._one(depth))
        return items[0] if len(items) == 1 else All(tuple(items))

    def _one(self, depth: int) -> Node:
        if depth > DEEPEST_NESTING:
            raise QueryError("nested too deeply")
        if self.at_end():
            raise QueryError("it ends where a term is expected")
        if self._take_keyword("NOT"):
            return Not(self._one(depth + 1))
        if self._sees_keyword("AND") or self._sees_keyword("OR"):
            raise QueryError(f"a term is expected before {self.rest()!r}")
        if self._take_character("("):
            tree = self.any_of(depth + 1)
            if not self._take_character(")"):
                raise QueryError("a closing parenthesis is missing")
            return tree
        return self._term()

    def _term(self) -> Node:
        match = self._take(FIELD)
        if match is None:
            value, quoted = self._value()
            return Term(None, ":", value, quoted)
        field = match[1].lower()
        if field not in self._field_names:
            raise QueryError(f"unknown field {match[1]!r}")
        comparison: Comparison = match[2] or match[3] or match[4]  # type: ignore[assignment]
        if comparison == ":" and self._take_character("("):
            return self._values_of(field)
        value, quoted = self._value()
        return Term(field, comparison, value, quoted)

    def _values_of(self, field: str) -> Node:
        items: list[Node] = []
        while not self._take_character(")"):
            if items and not self._take_keyword("OR"):
                raise QueryError("values in parentheses are separated by OR")
            value, quoted = self._value()
            items.append(Term(field, ":", value, quoted))
        if not items:
            raise QueryError(f"{field!r} has no value")
        return items[0] if len(items) == 1 else Any(tuple(items))

    def _value(self) -> tuple[str, bool]:
        self._take(SPACE)
        match = self._take(QUOTED)
        if match:
            return re.sub(r"\\(.)", r"\1", match[1]), True
        match = self._take(WORD)
        if match:
            return match[0], False
        raise QueryError(
            f"a value is expected before {self.rest()!r}" if self.rest() else "a value is missing"
        )

    def _sees_closing(self) -> bool:
        return self._text.startswith(")", self._position)

    def _sees_keyword(self, keyword: str) -> bool:
        self._take(SPACE)
        match = KEYWORD.match(self._text, self._position)
        return match is not None and match[1].upper() == keyword

    def _take_keyword(self, keyword: str) -> bool:
        found = self._sees_keyword(keyword)
        if found:
            self._position += len(keyword)
        return found

    def _take_character(self, character: str) -> bool:
        self._take(SPACE)
        found = self._text.startswith(character, self._position)
        if found:
            self._position += 1
        return found

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._position)
        if match:
            self._position = match.end()
        return match
