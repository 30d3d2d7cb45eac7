"""A schedule with who is on call there, put together from several answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.connectors.opsgenie.composites.turns import Turn, turns_of, written

MOST_TURNS = 10
_NOT_TOLD = ("recipient", "id", "notify_type")


@dataclass(slots=True)
class Place:
    """One schedule. `people` are on call; `participants` has the teams and escalations between, too."""

    schedule: str
    schedule_id: str
    enabled: bool
    participants: Sequence[Mapping[str, Any]] = ()
    people: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, str]] | None = None

    @classmethod
    def on_call(cls, found: Mapping[str, Any]) -> Place:
        """From one schedule of an on-call answer."""
        participants = found.get("on_call", ())
        branches = {one.get("via") for one in participants}
        # Somebody with a turn in two rotations is there twice.
        people = {one["recipient"]: _person(one) for one in participants if one["recipient"] not in branches}
        return cls(
            schedule=found.get("schedule", ""),
            schedule_id=found.get("schedule_id", ""),
            enabled=found.get("schedule_enabled", True),
            participants=participants,
            people=list(people.values()),
        )

    @classmethod
    def nobody(cls, found: Mapping[str, Any], *, enabled: bool) -> Place:
        """From a schedule that the on-call answer doesn't have; `enabled` is for when it doesn't say."""
        return cls(found.get("name", ""), found.get("id", ""), found.get("enabled", enabled))

    def tell_until_when(self, turns: Sequence[Turn], at: datetime, ends: datetime | None) -> None:
        """Add to each person the rotation and until when; `ends` is where the timeline does."""
        for person in self.people:
            names = self._names_of(person["who"])
            now = [turn for turn in turns if turn.names & names and turn.start <= at < turn.end]
            whole = [turn for turn in turns_of(names, turns) if turn.start <= at < turn.end]
            if not now or not whole:
                continue
            if now[0].rotation:
                person["rotation"] = now[0].rotation
            # A turn that lasts to the end of the timeline may go on behind it.
            lasts = ends is not None and whole[0].end >= ends
            person["at_least_until" if lasts else "until"] = written(whole[0].end)

    def tell_next_turns(self, user: str, turns: Sequence[Turn], at: datetime) -> int:
        """Add when the user is on call next; gives how many turns there are beyond those."""
        later = [turn for turn in turns_of(self._names_of(user), turns) if turn.start > at]
        self.turns = [
            {"start_date": written(turn.start), "end_date": written(turn.end)} for turn in later[:MOST_TURNS]
        ]
        return max(len(later) - MOST_TURNS, 0)

    def _names_of(self, who: str) -> frozenset[str]:
        """What the timeline may have somebody under: themselves, or what they are on call through."""
        through = {one["recipient"]: one.get("via") for one in self.participants}
        names = {who}
        while (via := through.get(who)) and via not in names:
            names.add(via)
            who = via
        return frozenset(names)

    def as_answer(self) -> dict[str, Any]:
        """The schedule as the tool's answer has it."""
        facts = {"schedule": self.schedule, "schedule_id": self.schedule_id, "enabled": self.enabled}
        return {**facts, "on_call": self.people, **({} if self.turns is None else {"turns": self.turns})}


def _person(participant: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in participant.items() if name not in _NOT_TOLD}
    return {"who": participant["recipient"], **kept}
