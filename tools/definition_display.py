"""A tool's definition as a reviewer reads it. Everything in it is somebody else's text, so all is escaped."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from django.template.loader import render_to_string

from tools.models import ToolRevision

# Besides what Unicode calls control, format, private, unassigned and separators: the characters that it lets
# a display ignore (fillers, joiners, variation selectors), and the braille pattern that is blank.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
_ALSO_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def definition_as_html(revision: ToolRevision | None) -> str:
    """Title, description, request and annotations of a revision, and after them all of it."""
    if revision is None:
        return render_to_string("tools/definition.html", {})
    definition = _visible(revision.definition)
    whole = json.dumps(definition, indent=2, ensure_ascii=False, sort_keys=True)
    return render_to_string(
        "tools/definition.html", {"definition": definition, "digest": revision.digest, "whole": whole}
    )


def parameters_as_html(revision: ToolRevision | None) -> str:
    """The parameters of a revision as a table, as far as its schema is one."""
    if revision is None:
        return ""
    schema = _visible(revision.definition["input_schema"])
    properties = schema.get("properties") if isinstance(schema, dict) else None
    required = schema.get("required") if isinstance(schema, dict) else None
    rows = [
        _row(name, parameter, name in (required if isinstance(required, list) else ()))
        for name, parameter in (properties.items() if isinstance(properties, dict) else ())
    ]
    return render_to_string("tools/parameters.html", {"parameters": rows})


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


def _visible(value: Any) -> Any:
    """The value with characters that hide or reorder text spelled out as ⟨U+XXXX⟩."""
    if isinstance(value, dict):
        return {_visible(key): _visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    if isinstance(value, str):
        return "".join(
            f"⟨U+{ord(character):04X}⟩" if _is_invisible(character) else character for character in value
        )
    return value


def _is_invisible(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in _INVISIBLE_CATEGORIES or bool(_ALSO_INVISIBLE.match(character))
