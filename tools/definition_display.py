"""A tool's definition as a reviewer reads it. Everything in it is somebody else's text, so all is escaped."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from django.template.loader import render_to_string

from tools.models import ToolRevision


def definition_as_html(revision: ToolRevision | None) -> str:
    """Title, description, request and annotations of a revision."""
    return render_to_string(
        "tools/definition.html",
        {"definition": _visible(revision.definition), "digest": revision.digest} if revision else {},
    )


def parameters_as_html(revision: ToolRevision | None) -> str:
    """The parameters of a revision as a table."""
    if revision is None:
        return ""
    schema = _visible(revision.definition["input_schema"])
    required = set(schema.get("required", ()))
    rows = [
        {
            "name": name,
            "type": _type_of(parameter),
            "required": name in required,
            "description": parameter.get("description", ""),
        }
        for name, parameter in schema.get("properties", {}).items()
    ]
    return render_to_string("tools/parameters.html", {"parameters": rows})


def _type_of(parameter: dict[str, Any]) -> str:
    kind = parameter.get("type", "any")
    parts = [kind if isinstance(kind, str) else " or ".join(kind)]
    parts += [
        f"{name}: {json.dumps(parameter[name], ensure_ascii=False)}"
        for name in ("enum", "format", "pattern", "minimum", "maximum", "maxLength", "maxItems", "default")
        if name in parameter
    ]
    return ", ".join(parts)


def _visible(value: Any) -> Any:
    """The value with characters that hide or reorder text spelled out as ⟨U+XXXX⟩."""
    if isinstance(value, dict):
        return {_visible(key): _visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    if isinstance(value, str):
        return "".join(
            f"⟨U+{ord(character):04X}⟩"
            if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn") and character not in "\n\t"
            else character
            for character in value
        )
    return value
