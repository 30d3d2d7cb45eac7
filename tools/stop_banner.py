"""The stops that a page tells its reader of."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clients.models import User
from tools import stops
from tools.models import Stop, Tool
from tools.reach import Reach

SEES_ALL = ("tools.view_stop", "tools.set_stop")


def banner(request: HttpRequest) -> dict[str, Any]:
    """For templates. Nothing is asked of the database unless a template shows it.

    `portal_stops` is what the admin shows: all stops and drills in force to those who may see them, and to
    others their own. `stops_in_force` is what stops the reader, for their own pages; a drill stops nobody.
    """
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"portal_stops": [], "stops_in_force": []}
    return {
        "portal_stops": SimpleLazyObject(lambda: shown_to(person)),
        "stops_in_force": SimpleLazyObject(lambda: stops_of(person)),
        "may_see_stops": SimpleLazyObject(lambda: may_see_all(person)),
    }


def may_see_all(person: Any) -> bool:
    """Whether somebody may open the page of stops."""
    return any(person.has_perm(permission) for permission in SEES_ALL)


def shown_to(person: Any) -> list[Stop]:
    """What the admin's banner holds for this person: stops first, then drills, the newest first."""
    if not may_see_all(person):
        return stops_of(person)
    return sorted(stops.in_force(), key=lambda stop: stop.is_drill)


def stops_of(person: User) -> list[Stop]:
    """The stops, not drills, that refuse calls of this person: the newest first."""
    now = timezone.now()
    found = [stop for stop in stops.in_force(now) if not stop.is_drill]
    asked = _tools_behind(found)
    reach = Reach.of(person, now, tools=asked) if asked else None
    reached = {tool.pk: tool.server_id for tool in asked if reach is not None and reach.live(tool)}
    return [stop for stop in found if _concerns(stop, person, reached)]


def _tools_behind(found: list[Stop]) -> list[Tool]:
    servers = [stop.server_id for stop in found if stop.server_id]
    tools = [stop.tool_id for stop in found if stop.tool_id]
    if not servers and not tools:
        return []
    wanted = Tool.objects.filter(server__in=servers) | Tool.objects.filter(pk__in=tools)
    return list(wanted.select_related("approved_revision", "discovered_revision"))


def _concerns(stop: Stop, person: User, reached: dict[int, int]) -> bool:
    match stop.level:
        case Stop.Level.SERVER:
            return stop.server_id in reached.values()
        case Stop.Level.TOOL:
            return stop.tool_id in reached
        case Stop.Level.CLIENT:
            return stop.client is not None and stop.client.owner_id == person.pk
        case Stop.Level.PERSON:
            return stop.person_id == person.pk
    return True
