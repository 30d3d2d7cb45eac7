"""Input and output schemas: valid, closed, flat, and no larger than they must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import orjson
import pytest

from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.operation import Operation
from catalog.connectors.opsgenie.tool import Tool
from catalog.connectors.opsgenie.tools import TOOLS

EVERY = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)


def _subschemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for member in schema.get("properties", {}).values():
        yield from _subschemas(member)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield from _subschemas(schema[keyword])


@EVERY
def test_schemas_are_valid_and_closed(tool: Tool) -> None:
    for schema in (tool.definition.input_schema, tool.definition.output_schema):
        assert jsonschema_rs.meta.is_valid(schema)
        assert schema["type"] == "object"
        for part in _subschemas(schema):
            assert "$ref" not in part
            if part["type"] == "object":
                # Closed, or a map whose values have a type.
                assert part["additionalProperties"] is False or "type" in part["additionalProperties"]


@EVERY
def test_inputs_are_bounded(tool: Tool) -> None:
    for part in _subschemas(tool.definition.input_schema):
        if part["type"] == "string":
            assert "enum" in part or "maxLength" in part or part.get("format") == "date-time"
        if part["type"] == "array":
            assert "maxItems" in part


@EVERY
def test_required_names_exist_and_defaults_fit(tool: Tool) -> None:
    schema = tool.definition.input_schema
    assert set(schema.get("required", ())) <= set(schema["properties"])
    defaults = {
        name: member["default"] for name, member in schema["properties"].items() if "default" in member
    }
    validator = jsonschema_rs.validator_for({**schema, "required": []})
    assert validator.is_valid(defaults)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_path_name_is_a_required_parameter(operation: Operation) -> None:
    declared = {parameter.wire_name: parameter for parameter in operation.parameters}
    for name in operation.path_names:
        assert declared[name].required, name


@EVERY
def test_parameter_names_are_unique(tool: Tool) -> None:
    names = [parameter.name for parameter in tool.parameters]
    assert len(names) == len(set(names))


def test_the_core_fits_into_a_model_s_context() -> None:
    """About 250 tokens a tool, at four characters a token; output schemas are not shown to most models."""
    definitions = [tool.definition for tool in TOOLS.values() if tool.core]
    read = sum(
        len(orjson.dumps([tool.name, tool.description, tool.input_schema, tool.annotations]))
        for tool in definitions
    )
    assert read / 4 < 20_000
    assert sum(len(orjson.dumps(tool.output_schema)) for tool in definitions) / 4 < 9_000
