"""Checking JSON against the schemas of approved definitions and of argument limits, compiled once."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
import orjson

from tools.models import ToolRevision

MOST_PROBLEMS = 5


def argument_problems(revision: ToolRevision, arguments: Any) -> list[str]:
    """What is wrong with the arguments, a short sentence each; empty when they fit the input schema."""
    return _sentences(revision.digest, revision.definition["input_schema"], arguments)


def limit_problems(schema: Any, arguments: Any) -> list[str]:
    """What of the arguments is outside a limit, a short sentence each; empty when they are within it."""
    return _sentences(hashlib.sha256(orjson.dumps(schema)).hexdigest(), schema, arguments)


def schema_problem(schema: Any) -> str:
    """Why `schema` is no JSON Schema of an arguments object that can be checked; empty when it is one."""
    if not isinstance(schema, dict):
        return "Enter a JSON object: a JSON Schema of the arguments."
    try:
        _compiled(schema)
        # What can't be written the way it is kept can't be read back and checked either.
        orjson.dumps(schema)
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        return f"This is no valid JSON Schema: {str(error).splitlines()[0][:200]}"
    return ""


def _sentences(key: str, schema: Any, arguments: Any) -> list[str]:
    problems = []
    for error in _errors(key, schema, arguments):
        where = ".".join(str(part) for part in error.instance_path) or "arguments"
        # A name can be as long as the body it came in.
        problems.append(f"{where[:160]}: {str(error.message)[:160]}")
    return problems


def broken_promises(revision: ToolRevision, structured: Any) -> list[str]:
    """The places in the output schema that a result doesn't keep; nothing of the result is in them."""
    errors = _errors(f"{revision.digest}:output", revision.definition["output_schema"], structured)
    return ["/".join(str(part) for part in error.schema_path) for error in errors]


def _errors(key: str, schema: Any, value: Any) -> list[Any]:
    validator = _validator(key, orjson.dumps(schema))
    if validator.is_valid(value):
        return []
    return list(islice(validator.iter_errors(value), MOST_PROBLEMS))


@lru_cache(maxsize=4_096)
def _validator(key: str, schema: bytes) -> Any:
    # Problems go to audit rows, where a value, which may be a secret, has no place.
    return _compiled(orjson.loads(schema), mask="the value")


def _compiled(schema: Any, **more: Any) -> Any:
    """The checker. A `$ref` or `$schema` to a URL or a file is refused: whoever writes a schema, an upstream
    among them, must not make this machine fetch or read what they name."""
    return jsonschema_rs.validator_for(schema, validate_formats=True, offline=True, **more)
