"""What there is to know about one tool: how it is used, whom it reaches, what was decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from audit.events import CALL_STARTS, OUTCOMES, Event
from audit.models import AuditRow
from clients.models import User
from tools.models import AccessProfile, Review, Tool, ToolRevision, Toolset
from tools.policy import access_of_everyone, lets_through
from tools.reach import holds_by_rule

LOOKS_BACK = timedelta(days=30)
#: How much of a list the page shows before somebody asks for all of it, and how much then.
SHOWN_FIRST = 20
SHOWN_AT_MOST = 1_000
_MOST_CALLERS = 5
_MOST_TOOLSETS = 50


@dataclass(frozen=True, slots=True)
class Use:
    """The calls of the last 30 days. `outcomes` and `denials` are (word, count), the most frequent first.

    `calls` counts admitted and denied ones, `last_at` is of the newest of them. `callers` are (name, calls).
    """

    calls: int
    people: int
    last_at: datetime | None
    outcomes: tuple[tuple[str, int], ...]
    denials: tuple[tuple[str, int], ...]
    callers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """A toolset that holds the tool, and the profiles it is part of, each with whether it lets it through."""

    toolset: Toolset
    profiles: tuple[tuple[AccessProfile, bool], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The beginning of a list: `rows` of `count`."""

    rows: tuple[Any, ...]
    count: int

    @property
    def not_shown(self) -> int:
        """How many more there are."""
        return self.count - len(self.rows)


def use_of(tool: Tool, at: datetime) -> Use:
    """How the tool was used in the 30 days before `at`."""
    rows = AuditRow.objects.filter(tool_id=tool.pk, at__gt=at - LOOKS_BACK).order_by()
    starts = rows.filter(event__in=[event.value for event in CALL_STARTS])
    summary = starts.aggregate(calls=Count("pk"), people=Count("actor_id", distinct=True), last=Max("at"))
    outcomes: Counter[str] = Counter()
    denials: Counter[str] = Counter()
    ends = rows.filter(event__in=[event.value for event in (*OUTCOMES, Event.CALL_DENIED)])
    for event, reason, count in ends.values_list("event", "reason").annotate(count=Count("pk")):
        outcomes[Event(event).label] += count
        if event == Event.CALL_DENIED:
            denials[reason] += count
    callers = starts.values_list("actor_name").annotate(count=Count("pk")).order_by("-count", "actor_name")
    return Use(
        calls=summary["calls"],
        people=summary["people"],
        last_at=summary["last"],
        outcomes=tuple(outcomes.most_common()),
        denials=tuple(denials.most_common()),
        callers=tuple(callers[:_MOST_CALLERS]),
    )


def placements_of(tool: Tool) -> Part:
    """The toolsets that hold the tool, by hand, by rule or by themselves, and where they lead."""
    candidates = Toolset.objects.filter(
        Q(kind=Toolset.Kind.CUSTOM, tools=tool)
        | Q(kind=Toolset.Kind.RULE)
        | Q(kind__in=(Toolset.Kind.ALL_APPROVED, Toolset.Kind.READ), server=tool.server_id)
    )
    holding = [
        toolset
        for toolset in candidates.prefetch_related("access_profiles")
        if toolset.kind == Toolset.Kind.CUSTOM or holds_by_rule(toolset, tool)
    ]
    rows = [
        Placement(toolset, tuple((profile, lets_through(profile, tool)) for profile in _profiles(toolset)))
        for toolset in holding[:_MOST_TOOLSETS]
    ]
    return Part(tuple(rows), len(holding))


def people_of(tool: Tool, at: datetime, *, everyone: bool = False) -> Part:
    """Who may call the tool now, by user name."""
    ids = list(access_of_everyone(at, tools=[tool]))
    people = User.objects.filter(pk__in=ids).order_by("username")
    return Part(tuple(people[: _limit(everyone)]), len(ids))


def revisions_of(tool: Tool, *, everything: bool = False) -> Part:
    """The tool's revisions without their definitions, newest first."""
    revisions = ToolRevision.objects.filter(tool=tool).defer("definition").order_by("-pk")
    return Part(tuple(revisions[: _limit(everything)]), revisions.count())


def reviews_of(tool: Tool, *, everything: bool = False) -> Part:
    """What was decided about the tool, newest first."""
    reviews = Review.objects.filter(tool=tool).order_by("-pk")
    return Part(
        tuple(reviews.select_related("revision").defer("revision__definition")[: _limit(everything)]),
        reviews.count(),
    )


def revision_before(revision: ToolRevision) -> ToolRevision | None:
    """The tool's revision that was discovered before this one."""
    return ToolRevision.objects.filter(tool=revision.tool_id, pk__lt=revision.pk).order_by("-pk").first()


def _limit(everything: bool) -> int:
    return SHOWN_AT_MOST if everything else SHOWN_FIRST


def _profiles(toolset: Toolset) -> list[AccessProfile]:
    return sorted(toolset.access_profiles.all(), key=lambda profile: profile.name)
