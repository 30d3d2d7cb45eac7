"""What comes back: the shape of each value in an answer, and how to make a value fit.

A shape states its JSON Schema and turns whatever Opsgenie sent into something that satisfies it, or None when
nothing usable is left. Answers are not trusted: a field may be missing, null, of another type or endless.
Only declared fields pass, so a field Opsgenie adds tomorrow, or an `apiKey`, stays behind.

What is None, an empty text or an empty object is left out of a record; schemas therefore require nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.connectors.opsgenie.hours import decode_hours
from catalog.connectors.opsgenie.parameters import camel_case
from catalog.connectors.opsgenie.redaction import REMOVED, clean_text, names_a_secret

# JSON numbers beyond this are not exact in JavaScript clients.
_LARGEST_EXACT = 2**53 - 1
_MOST_ITEMS = 100
_MINUTES = {
    "days": 1440.0,
    "hours": 60.0,
    "minutes": 1.0,
    "seconds": 1 / 60,
    "miliseconds": 1 / 60_000,  # Opsgenie spells it with one l
}


def _is_number(value: Any) -> bool:
    """Whether it is a number every client can hold (a boolean is an int in Python, infinity a float)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_EXACT


class Shape(ABC):
    """One value of an answer."""

    @property
    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""

    @abstractmethod
    def fit(self, value: Any) -> Any:
        """The value made to satisfy the schema, or None. Never raises on what JSON can hold."""


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A string of at most `limit` characters; numbers are written out."""

    limit: int = 1000

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def fit(self, value: Any) -> str | None:
        if isinstance(value, str):
            return clean_text(value, limit=self.limit) or None
        return str(value) if _is_number(value) else None


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """An integer; digits in a string count as one."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer"}

    def fit(self, value: Any) -> int | None:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
            return int(value)
        return int(value) if _is_number(value) else None


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false, and nothing that merely looks like it."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def fit(self, value: Any) -> bool | None:
        return value if isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Minutes(Shape):
    """Opsgenie's `{timeAmount, timeUnit}` as a number of minutes."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "number"}

    def fit(self, value: Any) -> float | None:
        if not isinstance(value, Mapping):
            return None
        amount = Whole().fit(value.get("timeAmount"))
        unit = value.get("timeUnit") or "minutes"
        if amount is None or not isinstance(unit, str) or unit not in _MINUTES:
            return None
        minutes = amount * _MINUTES[unit]
        return int(minutes) if minutes.is_integer() else round(minutes, 3)


@dataclass(frozen=True, slots=True)
class TextMap(Shape):
    """An object from any key to a string. Values under names such as `password` are removed."""

    limit: int = 1000

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string"}}

    def fit(self, value: Any) -> dict[str, str] | None:
        if not isinstance(value, Mapping):
            return None
        fitted: dict[str, str] = {}
        for key, one in list(value.items())[:_MOST_ITEMS]:
            if isinstance(one, list):
                one = ", ".join(part for part in one if isinstance(part, str))
            text = Text(self.limit).fit(one)
            if text is not None:
                fitted[clean_text(key, limit=200)] = REMOVED if names_a_secret(key) else text
        return fitted


@dataclass(frozen=True, slots=True)
class Recipient(Shape):
    """`{type, id, name | username}` as `type:name`, the form in which arguments name recipients."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def fit(self, value: Any) -> str | None:
        if not isinstance(value, Mapping):
            return None
        kind = Text(50).fit(value.get("type"))
        names = (Text(300).fit(value.get(key)) for key in ("username", "name", "id"))
        name = next((name for name in names if name), None)
        return f"{kind}:{name}" if kind and name else kind or name


@dataclass(frozen=True, slots=True)
class Hours(Shape):
    """A `timeRestriction` as lines such as `09:00-17:00`."""

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}

    def fit(self, value: Any) -> list[str] | None:
        return decode_hours(value) or None


@dataclass(frozen=True, slots=True)
class Each(Shape):
    """A list of one shape; items that don't fit are dropped."""

    item: Shape
    most: int = _MOST_ITEMS

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema}

    def fit(self, value: Any) -> list[Any] | None:
        if not isinstance(value, list):
            return None
        fitted = (self.item.fit(one) for one in value[: self.most])
        return [one for one in fitted if one is not None]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `wires` are Opsgenie's names for it, dotted where it lies deeper, `.` for the object itself. The first
    that holds something counts.
    """

    name: str
    shape: Shape
    wires: tuple[str, ...]

    def read(self, source: Mapping[str, Any]) -> Any:
        """The fitted value, or None."""
        for wire in self.wires:
            fitted = self.shape.fit(_at(source, wire))
            if fitted is not None:
                return fitted
        return None


def _at(source: Any, dotted: str) -> Any:
    if dotted == ".":
        return source
    for key in dotted.split("."):
        if not isinstance(source, Mapping):
            return None
        source = source.get(key)
    return source


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """An object with declared fields. `headline` makes its one line of text (see `rendering.headline`)."""

    fields: tuple[Field, ...]
    headline: tuple[str, ...]

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {field.name: field.shape.schema for field in self.fields},
            "additionalProperties": False,
        }

    def fit(self, value: Any) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return None
        read = ((field.name, field.read(value)) for field in self.fields)
        return {name: fitted for name, fitted in read if fitted is not None}

    def shape_of(self, name: str) -> Shape | None:
        """The shape of a field; None for one that isn't declared."""
        return next((field.shape for field in self.fields if field.name == name), None)

    def but(self, *, without: Iterable[str] = (), also: Iterable[Field] = ()) -> Record:
        """A variant, for the shorter form that lists give."""
        left_out = frozenset(without)
        kept = tuple(field for field in self.fields if field.name not in left_out)
        return Record((*kept, *also), self.headline)


TEXT = Text()
LONG_TEXT = Text(limit=15_000)
WHOLE = Whole()
FLAG = Flag()
MINUTES = Minutes()
TEXT_MAP = TextMap()
TEXTS = Each(TEXT)
RECIPIENT = Recipient()
RECIPIENTS = Each(RECIPIENT)
HOURS = Hours()


def field(name: str, shape: Shape = TEXT, *wires: str) -> Field:
    """A field of a record; Opsgenie's name is the same in camelCase unless `wires` say otherwise."""
    return Field(name, shape, wires or (camel_case(name),))


def texts(*names: str) -> tuple[Field, ...]:
    """Plain text fields."""
    return tuple(field(name) for name in names)


def record(*fields: Field | tuple[Field, ...], headline: str) -> Record:
    """A record of these fields; `headline` holds field names, or words about them, with spaces between."""
    flat: list[Field] = []
    for one in fields:
        flat.extend(one if isinstance(one, tuple) else (one,))
    return Record(tuple(flat), tuple(headline.split()))
