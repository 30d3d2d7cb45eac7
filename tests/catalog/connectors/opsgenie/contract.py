"""Whether what the sandbox answers is what Opsgenie's description promises.

Further fields are allowed; a wrong type, a missing required field or a status that isn't described is a
deviation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.operation import Operation

from .desk import Exchange
from .openapi import DESCRIPTION, described, description, name_in

# Behind the name of a definition with a discriminator: the definition without its children.
BASE = ":base"


@dataclass(frozen=True, order=True)
class Deviation:
    """Where an operation's answer differs: `at` is a path with `*` for any item, `how` JSON Schema's word."""

    tool: str
    at: str
    how: str


def is_available() -> bool:
    """Whether there is anything to compare with."""
    return DESCRIPTION.exists()


# None at present; an entry needs its reason.
KNOWN_DEVIATIONS: dict[Deviation, str] = {}


def require_kept(traffic: Iterable[Exchange]) -> None:
    """Fail on a deviation that isn't known, if there is a description to compare with."""
    if is_available():
        unknown = {
            deviation: example
            for deviation, example in deviations(traffic).items()
            if deviation not in KNOWN_DEVIATIONS
        }
        assert not unknown, unknown


def deviations(traffic: Iterable[Exchange]) -> dict[Deviation, str]:
    """All deviations in the answers to described operations, each with an example."""
    found: dict[Deviation, str] = {}
    for exchange in traffic:
        tool = tool_of(exchange.method, exchange.path)
        if tool is None:
            continue
        entry = described(tool.method, tool.path)
        if entry is not None:
            for at, how, example in _compare(entry, exchange):
                found.setdefault(Deviation(tool.name, at, how), example)
    return found


def _compare(entry: Mapping[str, Any], exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    responses = entry["responses"]
    response = responses.get(str(exchange.status))
    if response is None and exchange.status >= 400:
        response = responses.get("default")
    if response is None:
        yield "", f"status {exchange.status}", f"described are {', '.join(responses)}"
        return
    if "$ref" in response:
        response = description()["responses"][name_in(response["$ref"])]
    for error in _validator(name_in(response["schema"]["$ref"])).iter_errors(exchange.answer):
        steps = ["*" if isinstance(step, int) else step for step in error.instance_path]
        yield ".".join(steps), str(error.schema_path[-1]), error.message[:200]


def tool_of(method: str, path: str) -> Operation | None:
    """The operation of a request. Where two fit, the one with more of its path written out is meant."""
    fitting = [
        operation
        for operation in OPERATIONS.values()
        if operation.method == method and _pattern(operation.path).fullmatch(path)
    ]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path)))


@cache
def _validator(definition: str) -> jsonschema_rs.Validator:
    schemas: dict[str, Any] = {}
    _collect(definition, schemas)
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{definition}", "$defs": schemas})


def _collect(name: str, schemas: dict[str, Any]) -> None:
    """Translate a definition, and all it refers to, into JSON Schema."""
    if name in schemas:
        return
    definition = description()["definitions"][name.removesuffix(BASE)]
    schema = _translated(definition)
    if "discriminator" in definition and not name.endswith(BASE):
        # What a field names decides which child's fields there are. Children refer to the bare parent, or it
        # would go on for ever.
        schema = {"allOf": [{"$ref": f"#/$defs/{name}{BASE}"}, *_choices(name, definition["discriminator"])]}
    schemas[name] = schema
    for reference in _references(schema):
        _collect(reference, schemas)


def _choices(parent: str, field: str) -> Iterator[dict[str, Any]]:
    for name, definition in description()["definitions"].items():
        value = definition.get("x-discriminator-value") or definition.get("x-ms-discriminator-value")
        if value and any(name_in(part.get("$ref", "")) == parent for part in definition.get("allOf", ())):
            yield {
                "if": {"properties": {field: {"const": value}}, "required": [field]},
                "then": {"$ref": f"#/$defs/{name}"},
            }


def _translated(value: Any, *, in_all_of: bool = False) -> Any:
    if isinstance(value, list):
        return [_translated(one, in_all_of=in_all_of) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = name_in(value["$ref"])
        is_parent = in_all_of and "discriminator" in description()["definitions"][name]
        return {"$ref": f"#/$defs/{name}{BASE if is_parent else ''}"}
    schema = {
        key: {name: _translated(one) for name, one in member.items()}
        if key == "properties"
        else _translated(member, in_all_of=key == "allOf")
        for key, member in value.items()
        if key in ("type", "properties", "required", "items", "allOf", "enum", "additionalProperties")
    }
    if value.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield name_in(schema["$ref"])
        for member in schema.values():
            yield from _references(member)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)
