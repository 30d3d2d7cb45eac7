"""How calls went in a period, counted from the audit log in a few grouped queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import CharField, Count
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Substr, Trunc

from audit.events import OUTCOMES, Event
from audit.models import AuditRow, AuditRowQuerySet
from catalog.models import Server
from tools.denials import Denial, explanation_of
from tools.models import Tool

#: What closes a call: exactly one of these rows for each, so counting them counts calls.
ENDINGS = (Event.CALL_SUCCEEDED, Event.CALL_DENIED, Event.CALL_FAILED, Event.CALL_UNKNOWN)
assert set(ENDINGS) == {*OUTCOMES, Event.CALL_DENIED}  # noqa: S101 (a new outcome has to be counted too)
MOST = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar's time: from `start` up to, and without, `end`."""

    start: datetime
    end: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Period:
    """The time that is looked at, in whole buckets of UTC; the last one is under way."""

    key: str
    title: str
    start: datetime
    step: timedelta
    count: int

    @classmethod
    def of(cls, asked: str, now: datetime) -> Period:
        """The period that a page was asked for; the day for anything unknown."""
        if asked == "month":
            today = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return cls("month", "last 30 days", today - timedelta(days=29), timedelta(days=1), 30)
        hour = now.replace(minute=0, second=0, microsecond=0)
        return cls("day", "last 24 hours", hour - timedelta(hours=23), timedelta(hours=1), 24)

    @property
    def is_daily(self) -> bool:
        return self.step >= timedelta(days=1)

    def buckets(self) -> Iterator[Bucket]:
        """All of them, first to last."""
        for number in range(self.count):
            start = self.start + number * self.step
            yield Bucket(start, start + self.step, f"{start:%d %b}" if self.is_daily else f"{start:%H:%M}")

    def endings(self) -> AuditRowQuerySet:
        """The rows that closed a call in it."""
        return AuditRow.objects.filter(event__in=ENDINGS, at__gte=self.start).order_by()


@dataclass(slots=True)
class Tally:
    """The calls of one tool or server, by how they ended; `key` is its id."""

    key: int
    name: str
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class Refused:
    """How often calls were denied for one reason, and what the person is told to do."""

    reason: str
    label: str
    remedy: str
    count: int


def over_time(period: Period) -> list[tuple[Bucket, Counter[str]]]:
    """Calls of each bucket by how they ended."""
    rows = period.endings().annotate(bucket=_bucket(period)).values_list("bucket", "event")
    found: dict[str, Counter[str]] = {}
    width = len("2026-05-04") if period.is_daily else len("2026-05-04 12")
    for moment, event, number in rows.annotate(number=Count("*")):
        found.setdefault(str(moment)[:width], Counter())[event] += number
    return [(bucket, found.get(str(bucket.start)[:width], Counter())) for bucket in period.buckets()]


def _bucket(period: Period) -> Combinable:
    """The beginning of a row's day or hour: a moment, or text that begins as a moment is written."""
    if connection.vendor == "postgresql":
        return Trunc("at", "day" if period.is_daily else "hour", tzinfo=UTC)
    # Django's date functions call back into Python for each row on SQLite, which stores moments as text.
    return Substr(Cast("at", CharField()), 1, 10 if period.is_daily else 13)


def by_server_and_tool(period: Period) -> tuple[list[Tally], list[Tally], int]:
    """The busiest servers and tools, and how many calls named no tool that there is."""
    rows = period.endings().values_list("server_id", "tool_id", "event").annotate(number=Count("*"))
    servers: dict[int, Tally] = {}
    tools: dict[int, Tally] = {}
    nameless = 0
    for server_id, tool_id, event, number in rows:
        if tool_id is None or server_id is None:
            nameless += number
            continue
        servers.setdefault(server_id, Tally(server_id, "")).counts[event] += number
        tools.setdefault(tool_id, Tally(tool_id, "")).counts[event] += number
    busiest_servers, busiest_tools = _busiest(servers.values()), _busiest(tools.values())
    _name(busiest_servers, dict(Server.objects.values_list("pk", "name")), "server")
    _name(busiest_tools, tool_names(tally.key for tally in busiest_tools), "tool")
    return busiest_servers, busiest_tools, nameless


def top_denials(period: Period) -> list[Refused]:
    """The most frequent reasons for refusing a call."""
    rows = (
        AuditRow.objects.filter(event=Event.CALL_DENIED, at__gte=period.start)
        .order_by()
        .values_list("reason")
        .annotate(number=Count("*"))
        .order_by("-number", "reason")[:MOST]
    )
    return [_refused(reason, number) for reason, number in rows]


def tool_names(ids: Iterable[int]) -> dict[int, str]:
    """The names of those tools that there still are."""
    return dict(Tool.objects.filter(pk__in=list(ids)).values_list("pk", "client_name"))


def _name(tallies: Iterable[Tally], names: dict[int, str], kind: str) -> None:
    """Write the names on; what was deleted is only known by its number, as the rows' links show."""
    for tally in tallies:
        tally.name = names.get(tally.key) or f"deleted {kind} {tally.key}"


def _busiest(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: (-tally.total, tally.key))[:MOST]


def _refused(reason: str, number: int) -> Refused:
    try:
        denial = Denial(reason)
    except ValueError:
        return Refused(reason, reason or "no reason given", "", number)
    return Refused(reason, denial.label, explanation_of(denial).remedy, number)
