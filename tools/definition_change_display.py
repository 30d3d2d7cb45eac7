"""What changed in a tool, and what the advisory scan says of it, as a reviewer reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tools.advisories import Advisory
from tools.definition_changes import ABSENT, Change, definition_changes, is_severe, worst
from tools.hidden_characters import visible_text
from tools.models import ToolRevision
from tools.text_diff import text_diff

# A page that lists more is read by nobody; the whole definition stands elsewhere on it.
_MOST_CHANGES = 200
_LONGEST_VALUE = 4_000


def changes_as_html(
    approved: ToolRevision | None, discovered: ToolRevision | None, *, since: str = "the approval"
) -> str:
    """The differences between what was approved and what is offered now, the gravest first.

    `since` says what the first of the two stands for, where it is another one.
    """
    if approved is None or discovered is None:
        return render_to_string("tools/changes.html", {"nothing_approved": True})
    changes = definition_changes(approved.definition, discovered.definition)
    gravest = worst(changes)
    context = {
        "since": since,
        "worst": gravest,
        "worst_is_severe": gravest is not None and is_severe(gravest),
        "severe_count": sum(change.is_severe for change in changes),
        "count": len(changes),
        "rows": [_row(change) for change in changes[:_MOST_CHANGES]],
        "not_shown": max(0, len(changes) - _MOST_CHANGES),
    }
    return render_to_string("tools/changes.html", context)


def advisories_as_html(advisories: Iterable[Advisory]) -> str:
    """The findings of the scan. It says itself that it decides nothing."""
    found = list(advisories)
    context = {"advisories": found[:_MOST_CHANGES], "not_shown": max(0, len(found) - _MOST_CHANGES)}
    return render_to_string("tools/advisories.html", context)


def _row(change: Change) -> dict[str, Any]:
    return {
        "label": change.grade.label,
        "is_severe": change.is_severe,
        "where": visible_text(change.where),
        "sentence": visible_text(change.sentence),
        "difference": _difference(change.before, change.after),
    }


def _difference(before: Any, after: Any) -> SafeString:
    """Two texts, or two values written as JSON, with the difference marked; one only where one is absent."""
    old, new = _as_text(before), _as_text(after)
    if old == new:
        # They differ only in how they are written, such as 1 and 1.0 in a language that tells them apart.
        return format_html("{} → {}", visible_text(old), visible_text(new))
    return text_diff(old, new)


def _as_text(value: Any) -> str:
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    except (RecursionError, ValueError):
        return "(too deep to show here: see the whole definition)"
    return (
        text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}\n(… cut: see the whole definition)"
    )
