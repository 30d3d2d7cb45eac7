"""What a tool takes: one constructor per kind of argument.

Each gives a flat, closed JSON Schema for the model and knows how its value travels to Opsgenie. Names are
snake_case here and camelCase there; `wire` says so where the two differ by more than that.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

# At least one character that is neither a dot nor white space: a path segment `..` would name another path.
NAME_PATTERN = r"[^.\s]"


class Place(enum.StrEnum):
    """Where a value travels."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"
    LOCAL = "local"  # not sent: it shapes the answer here


def _as_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool.

    `place` None means: in the path if the path names it, else in the query of a GET or DELETE and in the
    body of anything else. `wire` may be dotted in a body (`owner.username`). `encode` may answer None: then
    nothing is sent. `kind_of` and `kind_wire` are for identifiers, whose kind Opsgenie wants told.
    `from_call` is a default made from the call, such as `mcp-{call_id}`.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool = False
    wire: str = ""
    place: Place | None = None
    encode: Callable[[Any], Any] = field(default=_as_is, repr=False)
    kind_of: Callable[[str], str] | None = None
    kind_wire: str = ""
    from_call: str = ""

    @property
    def wire_name(self) -> str:
        """Opsgenie's name for it."""
        return self.wire or camel_case(self.name)

    @property
    def default(self) -> Any:
        """The value used when the caller gives none; None where there is no default."""
        return self.schema.get("default")


def camel_case(name: str) -> str:
    """`last_occurred_at` → `lastOccurredAt`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def optional(*parameters: Parameter) -> tuple[Parameter, ...]:
    """The same parameters for an update: none is required, and none has a default.

    A default would overwrite what nobody meant to change.
    """
    return tuple(
        replace(parameter, required=False, schema=_without(parameter.schema, "default"))
        for parameter in parameters
    )


def _without(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != keyword}


def required(parameter: Parameter) -> Parameter:
    """The same parameter, required and not empty."""
    schema = dict(parameter.schema)
    match schema["type"]:
        case "object":
            schema["minProperties"] = 1
        case "array":
            schema["minItems"] = 1
        case "string" if "enum" not in schema:
            schema["minLength"] = 1
    return replace(parameter, schema=schema, required=True)


def _schema(kind: str, description: str, **keywords: Any) -> dict[str, Any]:
    given = {key: value for key, value in keywords.items() if value is not None}
    return {"type": kind, "description": description, **given}


def text(
    name: str,
    description: str,
    *,
    max_length: int = 255,
    required: bool = False,
    pattern: str | None = None,
    format: str | None = None,  # noqa: A002 — JSON Schema's own word
    **routing: Any,
) -> Parameter:
    """A string. A required one may not be empty."""
    schema = _schema(
        "string",
        description,
        minLength=1 if required else None,
        maxLength=max_length,
        pattern=pattern,
        format=format,
    )
    return Parameter(name, schema, required, **routing)


def choice(
    name: str,
    description: str,
    values: Sequence[str],
    *,
    default: str | None = None,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """One of a few words."""
    schema = _schema("string", description, enum=list(values), default=default)
    return Parameter(name, schema, required, **routing)


def whole_number(
    name: str,
    description: str,
    *,
    minimum: int = 0,
    maximum: int | None = None,
    default: int | None = None,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """An integer. JSON's `20.0` is one too, so it is made whole before it is sent."""
    schema = _schema("integer", description, minimum=minimum, maximum=maximum, default=default)
    return Parameter(name, schema, required, **{"encode": int, **routing})


def minutes(
    name: str,
    description: str,
    *,
    minimum: int = 0,
    maximum: int = 44_640,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """A span of whole minutes, at most a month. Opsgenie's durations have several units; one is enough."""

    def encode(value: float) -> dict[str, Any]:
        return {"timeAmount": int(value), "timeUnit": "minutes"}

    return whole_number(
        name, description, minimum=minimum, maximum=maximum, required=required, encode=encode, **routing
    )


def flag(
    name: str, description: str, *, default: bool | None = None, required: bool = False, **routing: Any
) -> Parameter:
    """True or false."""
    return Parameter(name, _schema("boolean", description, default=default), required, **routing)


def expansion(name: str, description: str, word: str) -> Parameter:
    """A flag that asks Opsgenie for a longer answer: `expand=<word>`, or nothing."""
    return flag(name, description, wire="expand", encode=lambda wanted: word if wanted else None)


def moment(name: str, description: str, *, required: bool = False, **routing: Any) -> Parameter:
    """A date and time as RFC 3339 has it, sent in UTC.

    Its offset is required: without one, nobody can tell whose midnight is meant.
    """
    schema = _schema("string", description, format="date-time")
    return Parameter(name, schema, required, encode=_in_utc, **routing)


def _in_utc(value: str) -> str:
    try:
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):  # a leap second, the year 1: let Opsgenie say what it thinks of it
        return value


def text_list(
    name: str,
    description: str,
    *,
    max_items: int,
    max_length: int = 255,
    values: Sequence[str] | None = None,
    pattern: str | None = None,
    min_items: int | None = None,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """A list of strings. A required one has at least one item, unless `min_items` says otherwise."""
    if values is not None:
        items: dict[str, Any] = {"type": "string", "enum": list(values)}
    else:
        items = {"type": "string", "minLength": 1, "maxLength": max_length}
    if pattern is not None:
        items["pattern"] = pattern
    least = 1 if required and min_items is None else min_items
    schema = _schema("array", description, items=items, minItems=least, maxItems=max_items)
    return Parameter(name, schema, required, **routing)


def string_map(
    name: str, description: str, *, max_length: int = 8000, required: bool = False, **routing: Any
) -> Parameter:
    """An object from any key to a string; the one place where keys are the caller's."""
    values = {"type": "string", "maxLength": max_length}
    schema = _schema(
        "object", description, additionalProperties=values, minProperties=1 if required else None
    )
    return Parameter(name, schema, required, **routing)


def texts_map(name: str, description: str, **routing: Any) -> Parameter:
    """An object from any key to a list of strings."""
    values = {"type": "array", "items": {"type": "string", "maxLength": 1000}, "maxItems": 50}
    return Parameter(name, _schema("object", description, additionalProperties=values), **routing)


def objects(
    name: str,
    description: str,
    fields: Sequence[Parameter],
    *,
    max_items: int,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """A list of small closed objects, each with fields declared as parameters are."""
    members = tuple(fields)
    schema = _schema(
        "array",
        description,
        items=object_schema(members),
        minItems=1 if required else None,
        maxItems=max_items,
    )
    return Parameter(
        name,
        schema,
        required,
        encode=lambda values: [encode_object(members, one) for one in values],
        **routing,
    )


def object_schema(fields: Sequence[Parameter]) -> dict[str, Any]:
    """The closed object these parameters make; a tool's whole input, or one item of a list."""
    required = [parameter.name for parameter in fields if parameter.required]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {parameter.name: dict(parameter.schema) for parameter in fields},
    }
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def encode_object(fields: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """One object in Opsgenie's names, defaults filled in."""
    encoded: dict[str, Any] = {}
    for parameter in fields:
        value = values.get(parameter.name, parameter.default)
        if value is not None:
            put(encoded, parameter.wire_name, parameter.encode(value))
    return encoded


def put(target: dict[str, Any], dotted: str, value: Any) -> None:
    """Set `target["a"]["b"]` for `a.b`, unless there is nothing to send."""
    if value is None:
        return
    *parents, last = dotted.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value
