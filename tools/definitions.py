"""The canonical form of a tool's definition, and its digest. What is reviewed is these bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from catalog.connectors.base import ToolDefinition


def as_stored(definition: ToolDefinition, *, instructions: str) -> dict[str, Any]:
    """Everything a model can read of a tool, and the request it maps to, as one JSON object."""
    return {
        "name": definition.name,
        "title": definition.title,
        "description": definition.description,
        "input_schema": definition.input_schema,
        "output_schema": definition.output_schema,
        "annotations": definition.annotations,
        "action": definition.action.value,
        "domain": definition.domain,
        "method": definition.method,
        "path": definition.path,
        "instructions": instructions,
    }


def canonical_bytes(definition: Mapping[str, Any]) -> bytes:
    """The definition with sorted keys and no white space: equal definitions give equal bytes."""
    return orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)


def digest_of(definition: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, 64 hex digits."""
    return hashlib.sha256(canonical_bytes(definition)).hexdigest()
