"""Hypothesis strategies: arguments from an input schema, answers from the names a result reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from catalog.connectors.opsgenie.parameters import NAME_PATTERN
from catalog.connectors.opsgenie.results import Result
from catalog.connectors.opsgenie.shapes import Each, Record, Shape

# Awkward in paths, queries and lines of text alike.
AWKWARD = st.sampled_from(
    [
        "a/b",
        "..a",
        "%2e%2e",
        "a b",
        "ä?&=#",
        "+1",
        "x\ny",
        "\ud7ff",
        "1",
        "1f9c2f0e-6a3d-4c1b-9f55-0d2f6e8a7b10",
        "{identifier}",
    ]
)


def arguments(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Values that satisfy a schema of the kinds this connector uses."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "string":
            return _strings(schema)
        case "integer":
            highest = schema.get("maximum", 10**9)
            whole = st.integers(schema.get("minimum", 0), highest)
            return whole | whole.map(float)
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(
                arguments(schema["items"]),
                min_size=schema.get("minItems", 0),
                max_size=min(schema.get("maxItems", 3), 3),
            )
        case "object":
            return _objects(schema)
    raise AssertionError(f"no strategy for {schema}")


_MOMENTS = st.datetimes(
    timezones=st.integers(-1439, 1439).map(lambda offset: timezone(timedelta(minutes=offset)))
).map(datetime.isoformat)


def _strings(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return _MOMENTS | st.sampled_from(["2026-03-01T09:00:00Z", "2016-12-31T23:59:60Z"])
    if schema.get("format") == "email":
        return st.sampled_from(["ana@example.com", "a+b@example.com"])
    least, most = schema.get("minLength", 0), schema.get("maxLength", 100)
    plain = st.text(min_size=least, max_size=min(most, 40)) | AWKWARD
    pattern = schema.get("pattern")
    if pattern is None:
        return plain.filter(lambda text: least <= len(text) <= most)
    matching = plain if pattern == NAME_PATTERN else _matching(pattern)
    return matching.filter(lambda text: least <= len(text) <= most and re.search(pattern, text) is not None)


@cache
def _matching(pattern: str) -> SearchStrategy[str]:
    # Python's `$` also matches before a final newline, JSON Schema's does not.
    return st.from_regex(re.compile(pattern.replace("$", r"\Z")))


def _objects(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        least = schema.get("minProperties", 0)
        return st.dictionaries(st.text(max_size=20), arguments(extra), min_size=least, max_size=3)
    required = schema.get("required", ())
    members = {name: arguments(member) for name, member in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: members[name] for name in required},
        optional={name: member for name, member in members.items() if name not in required},
    )


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["user", "2026-01-01T00:00:00Z", "42", "", "minutes", "monday"])
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def answers(result: Result) -> SearchStrategy[Any]:
    """Envelopes that use the very names this result reads, with values of any type under them."""
    names = st.sampled_from(sorted(_names(result)))
    inner = st.recursive(
        SCALARS,
        lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(names, deeper, max_size=6),
        max_leaves=20,
    )
    data = inner | st.dictionaries(names, inner, max_size=8)
    envelope = st.fixed_dictionaries(
        {},
        optional={
            "data": data | st.lists(st.dictionaries(names, inner, max_size=8), max_size=4),
            "result": SCALARS,
            "requestId": SCALARS,
            "paging": inner | st.fixed_dictionaries({"next": SCALARS}),
            "totalCount": SCALARS,
        },
    )
    return envelope | ANY_JSON


def _names(result: Result) -> set[str]:
    record = getattr(result, "record", None)
    names = {"type", "id", "name", "username", "timeAmount", "timeUnit", "onCallParticipants"}
    names |= {"restriction", "restrictions", "startHour", "endHour", "startDay"}
    names.update(name for name in [getattr(result, "at", "")] if name)
    return names.union(*_wires(record)) if record is not None else names


def _wires(shape: Shape) -> Iterator[set[str]]:
    yield set()
    if isinstance(shape, Each):
        yield from _wires(shape.item)
    if isinstance(shape, Record):
        for field in shape.fields:
            yield {part for wire in field.wires for part in wire.split(".") if part}
            yield from _wires(field.shape)
