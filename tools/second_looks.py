"""What of a tool deserves a second look: how grave its change is, and what the advisory scan noticed.

Both are pure functions of what can't change, a revision's bytes and the names that are there, so they are
computed once in each process. Nothing is decided by what is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tools.advisories import Advisory, advisories
from tools.definition_changes import Grade, definition_changes, is_severe, worst
from tools.look_alikes import LookAlikes
from tools.models import Tool, ToolRevision

_MOST_KEPT = 20_000
_grades: dict[tuple[str, str], Grade | None] = {}


@dataclass(frozen=True, slots=True)
class SecondLook:
    """`grade` is that of the gravest change since the approval; None if nothing was approved or changed."""

    grade: Grade | None
    advisories: tuple[Advisory, ...]

    @property
    def is_severe(self) -> bool:
        return self.grade is not None and is_severe(self.grade)

    @property
    def is_due(self) -> bool:
        """Whether nobody should approve the tool among many without opening it."""
        return self.is_severe or bool(self.advisories)


def second_looks(tools: Iterable[Tool]) -> dict[int, SecondLook]:
    """Of each tool, by its id. Reads the names of all tools, and the revisions unless they came along."""
    scan = _scan()
    return {tool.pk: SecondLook(grade_of(tool), scan.of(tool, tool.discovered_revision)) for tool in tools}


def advisories_of(tool: Tool, revision: ToolRevision) -> tuple[Advisory, ...]:
    """What the scan says of a revision of the tool, with the names of all other tools in view."""
    return _scan().of(tool, revision)


def grade_of(tool: Tool) -> Grade | None:
    """The grade of the gravest change between what was approved and what is offered now."""
    approved, discovered = tool.approved_revision, tool.discovered_revision
    if approved is None or discovered is None or approved.digest == discovered.digest:
        return None
    key = (approved.digest, discovered.digest)
    if key not in _grades:
        if len(_grades) >= _MOST_KEPT:
            _grades.clear()
        _grades[key] = worst(definition_changes(approved.definition, discovered.definition))
    return _grades[key]


class _Scan:
    """The advisory scan among the tools with these names: (upstream name, name, server id) of each."""

    def __init__(self, names: frozenset[tuple[str, str, int]]) -> None:
        self._names = frozenset(
            name for upstream, offered, _ in names for name in (upstream.lower(), offered.lower())
        )
        self._servers: dict[str, set[int]] = {}
        for upstream, _, server_id in names:
            self._servers.setdefault(upstream, set()).add(server_id)
        self._index = LookAlikes(sorted(self._servers))
        self._found: dict[tuple[str, int], tuple[Advisory, ...]] = {}

    def of(self, tool: Tool, revision: ToolRevision | None) -> tuple[Advisory, ...]:
        if revision is None:
            return ()
        key = (revision.digest, tool.server_id)
        if key not in self._found:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[key] = self._look(tool, revision)
        return self._found[key]

    def _look(self, tool: Tool, revision: ToolRevision) -> tuple[Advisory, ...]:
        own = {tool.name.lower(), tool.client_name.lower()}
        elsewhere = _Elsewhere(self._index, self._servers, tool.server_id)
        return tuple(
            advisories(revision.definition, other_tool_names=self._names - own, look_alikes=elsewhere)
        )


class _Elsewhere(LookAlikes):
    """The look-alikes that another server has: one index serves the tools of all servers."""

    def __init__(self, index: LookAlikes, servers: dict[str, set[int]], server_id: int) -> None:
        self._of_all = index
        self._servers = servers
        self._own = server_id

    def of(self, name: str) -> list[str]:
        return [other for other in self._of_all.of(name) if self._servers.get(other, set()) - {self._own}]


def _scan() -> _Scan:
    """The scan among the tools that are there now."""
    return _scan_of(frozenset(Tool.objects.values_list("name", "client_name", "server_id")))


@lru_cache(maxsize=2)
def _scan_of(names: frozenset[tuple[str, str, int]]) -> _Scan:
    return _Scan(names)
