"""What access profiles let through of a tool's arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tools.models import AccessProfile, ArgumentLimit, Tool
from tools.schemas import limit_problems


def limits_of(tool: Tool, profiles: Iterable[AccessProfile]) -> dict[int, ArgumentLimit]:
    """The limits that these profiles set on the tool, by profile id."""
    limits = ArgumentLimit.objects.filter(tool=tool, profile__in={profile.pk for profile in profiles})
    return {limit.profile_id: limit for limit in limits}


def problems_with(limit: ArgumentLimit, arguments: Mapping[str, Any]) -> list[str]:
    """What of the arguments the limit doesn't let through, a short sentence each."""
    return limit_problems(limit.schema, arguments)
