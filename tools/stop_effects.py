"""What a stop did to calls, and what a drill would have done, read from the audit log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from audit.events import Event
from audit.models import AuditRow
from tools.models import Stop

#: Of the drills that a call's row names, the first so many are looked at.
MOST_DRILLS = 8
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls that a stop refused, or that a drill would have: by name, those with most calls first."""

    calls: int
    by_person: tuple[tuple[str, int], ...]
    by_tool: tuple[tuple[str, int], ...]
    people: int
    tools: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The calls on either side of a stop's beginning; None where there was no such call."""

    last_admitted: AuditRow | None
    first_refused: AuditRow | None


def effect_of(stop: Stop) -> Effect:
    """The last call that was admitted before a stop, and the first one that it refused.

    Admissions and stops keep apart by a lock, so the order of rows is the order in which they committed.
    """
    began = _began(stop)
    if began is None or stop.is_drill:
        return Effect(None, None)
    admitted = _about(stop, Event.CALL_ADMITTED).filter(pk__lt=began)
    return Effect(admitted.order_by("-pk").first(), _refused_by(stop, began).order_by("pk").first())


def tally_of(stop: Stop) -> Tally:
    """How many calls a stop has refused so far, or a drill would have refused, by person and by tool."""
    began = _began(stop)
    if began is None:
        return Tally(0, (), (), 0, 0)
    rows = _told_by_drill(stop, began) if stop.is_drill else _refused_by(stop, began)
    people: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    counted = rows.order_by().values_list("actor_name", "tool_name").annotate(calls=Count("pk"))
    for person, tool, calls in counted:
        people[person] += calls
        tools[tool or "an unnamed tool"] += calls
    return Tally(people.total(), _most(people), _most(tools), len(people), len(tools))


def ended_at(stop: Stop) -> datetime | None:
    """When it ended or will: lifted, or by the clock; None for one that stays until it is lifted."""
    return stop.lifted_at or stop.ends_at


def _began(stop: Stop) -> int | None:
    """The id of the row that tells of its beginning."""
    rows = AuditRow.objects.filter(event=Event.STOP_SET, object_id=str(stop.pk))
    return rows.values_list("pk", flat=True).first()


def _about(stop: Stop, event: Event) -> QuerySet[AuditRow]:
    """The rows of an event that are about what is stopped."""
    rows = AuditRow.objects.filter(event=event)
    match stop.level:
        case Stop.Level.SERVER:
            return rows.filter(server_id=stop.server_id)
        case Stop.Level.TOOL:
            return rows.filter(tool_id=stop.tool_id)
        case Stop.Level.PERSON:
            return rows.filter(actor_id=str(stop.person_id))
        case Stop.Level.CLIENT if stop.client is not None:
            # Client ids have no index of their own; their owners' rows are few enough.
            return rows.filter(actor_id=str(stop.client.owner_id), client_id=str(stop.client_id))
    return rows


def _in_its_time(stop: Stop, rows: QuerySet[AuditRow], began: int) -> QuerySet[AuditRow]:
    end = ended_at(stop)
    rows = rows.filter(pk__gt=began)
    return rows if end is None else rows.filter(at__lte=end)


def _refused_by(stop: Stop, began: int) -> QuerySet[AuditRow]:
    return _in_its_time(stop, _about(stop, Event.CALL_DENIED), began).filter(detail__stop__id=stop.pk)


def _told_by_drill(stop: Stop, began: int) -> QuerySet[AuditRow]:
    """Admitted calls whose row names this drill. SQLite can't ask whether a list contains something."""
    named = Q()
    for position in range(MOST_DRILLS):
        named |= Q(**{f"detail__drills__{position}__id": stop.pk})
    return _in_its_time(stop, _about(stop, Event.CALL_ADMITTED), began).filter(named)


def _most(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ordered[:MOST_NAMED])
