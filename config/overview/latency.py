"""How long calls of each tool take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Aggregate, Count, FloatField

from audit.events import Event
from audit.models import AuditRow, AuditRowQuerySet
from config.overview.traffic import MOST, Period, tool_names

#: Only the newest answered calls of a period are looked at, so that a busy month costs no more than a day.
SAMPLE = 50_000
#: Fewer calls than this say nothing about a tool.
LEAST = 5


@dataclass(frozen=True, slots=True)
class Slow:
    """A tool's answered calls: how many were looked at, and their times in milliseconds."""

    tool_id: int
    name: str
    calls: int
    median: float
    p95: float


class Percentile(Aggregate):
    """PostgreSQL's own, between two values where none lies exactly there."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def slowest_tools(period: Period) -> list[Slow]:
    """The tools with the longest median, slowest first, of calls that were answered."""
    sample = _sample(period)
    figures = _in_database(sample) if connection.vendor == "postgresql" else _in_python(sample)
    figures.sort(key=lambda row: (-row[2], row[0]))
    slowest = figures[:MOST]
    names = tool_names(tool_id for tool_id, *_ in slowest)
    return [
        Slow(tool_id, names.get(tool_id, f"deleted tool {tool_id}"), calls, median, p95)
        for tool_id, calls, median, p95 in slowest
    ]


def _sample(period: Period) -> AuditRowQuerySet:
    answered = AuditRow.objects.filter(event=Event.CALL_SUCCEEDED, at__gte=period.start).order_by()
    oldest = answered.order_by("-at").values_list("at", flat=True)[SAMPLE : SAMPLE + 1]
    newest = answered.filter(tool_id__isnull=False, latency_ms__isnull=False)
    return newest.filter(at__gt=oldest[0]) if oldest else newest


def _in_database(sample: AuditRowQuerySet) -> list[tuple[int, int, float, float]]:
    figures = sample.values_list("tool_id").annotate(
        calls=Count("*"),
        median=Percentile("latency_ms", fraction=0.5),
        p95=Percentile("latency_ms", fraction=0.95),
    )
    return [*figures.filter(calls__gte=LEAST)]


def _in_python(sample: AuditRowQuerySet) -> list[tuple[int, int, float, float]]:
    """SQLite has no percentiles: the sample's bound is also that of what is read here."""
    times: dict[int, list[float]] = defaultdict(list)
    for tool_id, latency in sample.values_list("tool_id", "latency_ms").iterator(chunk_size=10_000):
        if tool_id is not None and latency is not None:
            times[tool_id].append(latency)
    return [
        (tool_id, len(taken), percentile(taken, 0.5), percentile(taken, 0.95))
        for tool_id, taken in times.items()
        if len(taken) >= LEAST
    ]


def percentile(values: Iterable[float], fraction: float) -> float:
    """The value below which this fraction of the values lies, as PostgreSQL's percentile_cont has it."""
    taken = sorted(values)
    place = fraction * (len(taken) - 1)
    lower = int(place)
    upper = min(lower + 1, len(taken) - 1)
    return taken[lower] + (taken[upper] - taken[lower]) * (place - lower)
