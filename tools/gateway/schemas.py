"""Checking JSON against the schemas of approved definitions, compiled once."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
import orjson

from tools.models import ToolRevision

MOST_PROBLEMS = 5


def argument_problems(revision: ToolRevision, arguments: Any) -> list[str]:
    """What is wrong with the arguments, a short sentence each; empty when they fit the input schema."""
    problems = []
    for error in _errors(revision.digest, revision.definition["input_schema"], arguments):
        where = ".".join(str(part) for part in error.instance_path) or "arguments"
        # A name can be as long as the body it came in.
        problems.append(f"{where[:160]}: {str(error.message)[:160]}")
    return problems


def broken_promises(revision: ToolRevision, structured: Any) -> list[str]:
    """The places in the output schema that a result doesn't keep; nothing of the result is in them."""
    errors = _errors(f"{revision.digest}:output", revision.definition["output_schema"], structured)
    return ["/".join(str(part) for part in error.schema_path) for error in errors]


def _errors(key: str, schema: dict[str, Any], value: Any) -> list[Any]:
    validator = _validator(key, orjson.dumps(schema))
    if validator.is_valid(value):
        return []
    return list(islice(validator.iter_errors(value), MOST_PROBLEMS))


@lru_cache(maxsize=4_096)
def _validator(key: str, schema: bytes) -> Any:
    # Problems go to audit rows, where a value, which may be a secret, has no place.
    return jsonschema_rs.validator_for(orjson.loads(schema), validate_formats=True, mask="the value")
