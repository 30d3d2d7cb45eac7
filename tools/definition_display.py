"""A tool's definition as a reviewer reads it. Everything in it is somebody else's text, so all is escaped."""

from __future__ import annotations

import json
from typing import Any

from django.template.loader import render_to_string

from tools.hidden_characters import visible
from tools.models import ToolRevision


def definition_as_html(revision: ToolRevision | None) -> str:
    """Title, description, request and annotations of a revision, and after them all of it."""
    if revision is None:
        return render_to_string("tools/definition.html", {})
    definition = visible(revision.definition)
    whole = json.dumps(definition, indent=2, ensure_ascii=False, sort_keys=True)
    return render_to_string(
        "tools/definition.html", {"definition": definition, "digest": revision.digest, "whole": whole}
    )


def parameters_as_html(revision: ToolRevision | None) -> str:
    """The parameters of a revision as a table, as far as its schema is one."""
    if revision is None:
        return ""
    return render_to_string("tools/parameters.html", {"parameters": parameters_of(revision)})


def parameters_of(revision: ToolRevision) -> list[dict[str, Any]]:
    """Name, type, required and description of each parameter, with hidden characters spelled out."""
    schema = visible(revision.definition["input_schema"])
    properties = schema.get("properties") if isinstance(schema, dict) else None
    required = schema.get("required") if isinstance(schema, dict) else None
    return [
        _row(name, parameter, name in (required if isinstance(required, list) else ()))
        for name, parameter in (properties.items() if isinstance(properties, dict) else ())
    ]


def _row(name: str, parameter: Any, required: bool) -> dict[str, Any]:
    described = parameter if isinstance(parameter, dict) else {}
    kind = _type_of(described) if described else json.dumps(parameter)
    return {"name": name, "type": kind, "required": required, "description": described.get("description", "")}


def _type_of(parameter: dict[str, Any]) -> str:
    kind = parameter.get("type", "any")
    parts = [" or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)]
    parts += [
        f"{name}: {json.dumps(parameter[name], ensure_ascii=False)}"
        for name in ("enum", "format", "pattern", "minimum", "maximum", "maxLength", "maxItems", "default")
        if name in parameter
    ]
    return ", ".join(parts)
