"""What a decision about many tools would come to, for the page that asks for it. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from audit import portal_settings
from clients.models import User
from tools import impact
from tools.impact import Impact
from tools.inbox import Entry, action_once_approved, entries
from tools.models import Review, Tool
from tools.review import APPROVABLE, DISABLEABLE, Classification
from tools.reviewers import reviewable

#: More than this at once is no decision about exact bytes any more.
MOST_AT_ONCE = 5_000
_FROM = {Review.Decision.APPROVE: APPROVABLE, Review.Decision.DISABLE: DISABLEABLE}


@dataclass(frozen=True, slots=True)
class Group:
    """Tools that are alike in where they belong and what they do."""

    server: str
    domain: str
    action: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tool that can't be part of the decision, and why."""

    tool: Tool
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision about many tools before it is taken. `flagged` are those that nobody should wave through."""

    decision: Review.Decision
    ordinary: tuple[Group, ...]
    flagged: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that can be decided about."""
        return (*(entry for group in self.ordinary for entry in group.entries), *self.flagged)

    @property
    def ordinary_ids(self) -> frozenset[int]:
        """What is ticked at first."""
        return frozenset(entry.tool.pk for group in self.ordinary for entry in group.entries)


def propose(*, person: User, tool_ids: Collection[int], decision: Review.Decision) -> Proposal:
    """Sort these tools for a decision of this person. In a fixed number of queries."""
    theirs = set(
        reviewable(person, Tool.objects.filter(pk__in=tool_ids)).order_by().values_list("pk", flat=True)
    )
    found = sorted(entries(tool_ids), key=_place)
    is_careful = decision == Review.Decision.APPROVE
    twice = {
        entry.tool.pk
        for entry in (needing_a_second(person=person, entries=found) if is_careful else ())
        if entry.endorsement is not None
    }
    possible, left_out = [], []
    for entry in found:
        why = _obstacle(entry.tool, decision, theirs)
        if not why and entry.tool.pk in twice:
            why = "You approved it as the first of two: somebody else must too."
        if why:
            left_out.append(LeftOut(entry.tool, why))
        else:
            possible.append(entry)
    ordinary = [entry for entry in possible if not (is_careful and entry.look.is_due)]
    flagged = [entry for entry in possible if is_careful and entry.look.is_due]
    groups = [Group(*key, tuple(members)) for key, members in groupby(ordinary, key=_kind)]
    return Proposal(decision, tuple(groups), tuple(flagged), tuple(left_out))


def impact_of(
    *,
    proposal: Proposal,
    chosen: Collection[int],
    classification: Classification | None = None,
    person: User,
) -> Impact:
    """Who gains or loses what if the person decides so about the chosen tools. Nothing is written."""
    tools = [entry.tool for entry in proposal.entries if entry.tool.pk in chosen]
    if proposal.decision == Review.Decision.DISABLE:
        return impact.of_disabling(tools)
    if proposal.decision == Review.Decision.CLASSIFY:
        return impact.of_classifying(tools, classification or Classification())
    waiting = {entry.tool.pk for entry in needing_a_second(person=person, entries=proposal.entries)}
    return impact.of_approving([tool for tool in tools if tool.pk not in waiting])


def needing_a_second(*, person: User, entries: Iterable[Entry]) -> list[Entry]:
    """Those whose approval by this person waits for somebody else's."""
    if not portal_settings.current().four_eyes:
        return []
    return [
        entry
        for entry in entries
        if entry.look.is_severe
        and (entry.endorsement is None or entry.endorsement.reviewer_id == str(person.pk))
    ]


def _obstacle(tool: Tool, decision: Review.Decision, theirs: set[int]) -> str:
    if tool.pk not in theirs:
        return f"The tools of {tool.server} are reviewed by others."
    allowed = _FROM.get(decision)
    if allowed is not None and tool.state not in allowed:
        return f"It is {tool.get_state_display()} and can't be {decision.label} from there."
    return ""


def _kind(entry: Entry) -> tuple[str, str, str]:
    return str(entry.tool.server), entry.tool.domain, action_once_approved(entry.tool).label


def _place(entry: Entry) -> tuple[str, str, int, str]:
    tool = entry.tool
    return str(tool.server), tool.domain, action_once_approved(tool).rank, tool.client_name
