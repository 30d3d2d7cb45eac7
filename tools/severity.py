"""Whether a change of a definition is of the kind that nobody should wave through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.change_grades import is_severe, worst
from tools.definition_changes import definition_changes


def is_severe_between(approved: Mapping[str, Any], discovered: Mapping[str, Any]) -> bool:
    """Whether the step from the approved definition to the discovered one is severe."""
    grade = worst(definition_changes(approved, discovered))
    return grade is not None and is_severe(grade)
