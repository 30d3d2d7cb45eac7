"""From a schedule's timeline: until when somebody is on call, and when they are again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of a timeline. `names` are all that it is known by: the recipient, and those behind it."""

    start: datetime
    end: datetime
    rotation: str
    names: frozenset[str]


def instant(written: str) -> datetime:
    """A moment as Opsgenie and arguments write it. Raises ValueError, also for one beyond the calendar."""
    read = datetime.fromisoformat(written)
    try:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{written} is not on the calendar in UTC.") from error


def written(moment: datetime) -> str:
    """A moment in UTC as arguments write it, to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def turns_in(rotations: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """All turns of a timeline's rotations by their start; those without readable dates are left out."""
    turns = []
    for rotation in rotations:
        for period in rotation.get("periods", ()):
            try:
                start, end = instant(period["start_date"]), instant(period["end_date"])
            except (KeyError, ValueError):
                continue
            names = frozenset({period.get("on_call", ""), *period.get("users", ())} - {""})
            turns.append(Turn(start, end, rotation.get("name", ""), names))
    return sorted(turns, key=lambda turn: turn.start)


def turns_of(names: frozenset[str], turns: Iterable[Turn]) -> list[Turn]:
    """The turns of whoever goes by one of the names. Those without a gap between them count as one.

    Opsgenie cuts a timeline at the present, at overrides and where a rotation repeats.
    """
    merged: list[Turn] = []
    for turn in turns:
        if not turn.names & names:
            continue
        if merged and turn.start <= merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, turn.end))
        else:
            merged.append(turn)
    return merged
