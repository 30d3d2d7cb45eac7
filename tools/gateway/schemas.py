"""Checking JSON against the schemas of approved definitions, compiled once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from tools.models import ToolRevision

MOST_PROBLEMS = 5


def argument_problems(revision: ToolRevision, arguments: Any) -> list[str]:
    """What is wrong with the arguments, a short sentence each; empty when they fit the input schema."""
    return _problems(revision.digest, revision.definition["input_schema"], arguments)


def result_problems(revision: ToolRevision, structured: Any) -> list[str]:
    """The same for a result and the output schema."""
    return _problems(f"{revision.digest}:output", revision.definition["output_schema"], structured)


def _problems(key: str, schema: dict[str, Any], value: Any) -> list[str]:
    validator = _validator(key, orjson.dumps(schema))
    if validator.is_valid(value):
        return []
    problems = []
    for error in validator.iter_errors(value):
        where = ".".join(str(part) for part in error.instance_path) or "arguments"
        # A name can be as long as the body it came in.
        problems.append(f"{where[:160]}: {str(error.message)[:160]}")
        if len(problems) == MOST_PROBLEMS:
            break
    return problems


@lru_cache(maxsize=4_096)
def _validator(key: str, schema: bytes) -> Any:
    # Problems go to audit rows and logs, where a value, which may be a secret, has no place.
    return jsonschema_rs.validator_for(orjson.loads(schema), validate_formats=True, mask="the value")
