"""Whether a change of a definition is of the kind that nobody should wave through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_severe_between(approved: Mapping[str, Any], discovered: Mapping[str, Any]) -> bool:
    """Whether the step from the approved definition to the discovered one is severe."""
    return dict(approved) != dict(discovered)
