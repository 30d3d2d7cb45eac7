"""Which tools a person's grants reach, through which toolset of which profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from clients.models import User
from tools.models import AccessProfile, Action, Grant, Tool, Toolset


@dataclass(frozen=True, slots=True)
class Rule:
    """Through what a person reaches a tool."""

    grant: Grant
    toolset: Toolset

    @property
    def profile(self) -> AccessProfile:
        return self.grant.profile


class Holdings:
    """Which of the asked tools the toolsets of some profiles hold. Read in two queries, however many."""

    def __init__(self, profile_ids: Iterable[int], tools: Iterable[Tool]) -> None:
        self.profile_ids = frozenset(profile_ids)
        links = AccessProfile.toolsets.through.objects.filter(
            accessprofile__in=self.profile_ids
        ).select_related("toolset")
        self._toolsets_of: dict[int, list[Toolset]] = defaultdict(list)
        for link in links.order_by("pk"):
            self._toolsets_of[link.accessprofile_id].append(link.toolset)
        by_hand = {
            toolset.pk
            for toolsets in self._toolsets_of.values()
            for toolset in toolsets
            if toolset.kind == Toolset.Kind.CUSTOM
        }
        self._tools_by_hand: dict[int, set[int]] = defaultdict(set)
        pairs = Toolset.tools.through.objects.filter(
            toolset__in=by_hand, tool__in=[tool.pk for tool in tools]
        )
        for toolset_id, tool_id in pairs.values_list("toolset_id", "tool_id"):
            self._tools_by_hand[toolset_id].add(tool_id)

    def toolsets_with(self, profile_id: int, tool: Tool) -> list[Toolset]:
        """The toolsets of this profile that hold the tool, in the order they were added."""
        return [toolset for toolset in self._toolsets_of.get(profile_id, ()) if self._holds(toolset, tool)]

    def _holds(self, toolset: Toolset, tool: Tool) -> bool:
        if toolset.kind == Toolset.Kind.CUSTOM:
            return tool.pk in self._tools_by_hand.get(toolset.pk, ())
        return holds_by_rule(toolset, tool)


def holds_by_rule(toolset: Toolset, tool: Tool) -> bool:
    """Whether a set that nobody keeps by hand holds the tool.

    It holds what was ever approved: a tool disabled since is then refused for its state, with that reason,
    instead of vanishing.
    """
    if tool.approved_revision_id is None:
        return False
    if toolset.kind == Toolset.Kind.RULE:
        return fits_rule(toolset.rule, tool)
    if toolset.server_id != tool.server_id:
        return False
    return toolset.kind == Toolset.Kind.ALL_APPROVED or tool.effective_action == Action.READ


def fits_rule(rule: dict[str, list[int] | list[str]], tool: Tool) -> bool:
    """Whether a tool fits a toolset's rule (its shape is with `Toolset`). Nothing fits an empty rule."""
    values = {
        "servers": tool.server_id,
        "domains": tool.domain,
        "actions": tool.effective_action.value,
        "risks": tool.risk,
    }
    said = {name: wanted for name, wanted in rule.items() if wanted}
    return bool(said) and all(values.get(name) in wanted for name, wanted in said.items())


class Reach:
    """What one person's grants give of the asked tools, at one moment."""

    def __init__(self, grants: list[Grant], tools: list[Tool], holdings: Holdings, at: datetime) -> None:
        self._grants = grants
        self._tools = tools
        self._holdings = holdings
        self._at = at
        self._found: dict[int, tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {}

    @classmethod
    def of(cls, user: User | None, at: datetime, *, tools: Iterable[Tool]) -> Reach:
        """The reach of this person, of nobody when it is None."""
        grants = (
            list(Grant.objects.of_person(user.pk).has_begun(at).select_related("profile").order_by("pk"))
            if user
            else []
        )
        tools = list(tools)
        return cls(grants, tools, Holdings([grant.profile_id for grant in grants], tools), at)

    @classmethod
    def of_everyone(cls, at: datetime, *, tools: Iterable[Tool]) -> dict[int, Reach]:
        """The reach of everybody who holds a live grant, by user id; live grants only.

        People who hold the same profiles share one object: there are few combinations and many people.
        """
        tools = list(tools)
        grants = [
            grant
            for grant in Grant.objects.has_begun(at).select_related("profile").order_by("pk")
            if grant.is_live(at)
        ]
        of_groups: dict[int | None, list[Grant]] = defaultdict(list)
        held: dict[int, list[Grant]] = defaultdict(list)
        for grant in grants:
            (held[grant.user_id] if grant.user_id else of_groups[grant.group_id]).append(grant)
        members = User.groups.through.objects.filter(group__in=list(of_groups))
        for user_id, group_id in members.values_list("user_id", "group_id"):
            held[user_id] += of_groups[group_id]
        holdings = Holdings([grant.profile_id for grant in grants], tools)
        shared: dict[frozenset[int], Reach] = {}
        reaches = {}
        for user_id, own in held.items():
            combination = frozenset(grant.profile_id for grant in own)
            if combination not in shared:
                shared[combination] = cls(own, tools, holdings, at)
            reaches[user_id] = shared[combination]
        return reaches

    def live(self, tool: Tool) -> tuple[Rule, ...]:
        """The rules by which the tool is reached now, the oldest grant first."""
        return self._rules(tool)[0]

    def ended(self, tool: Tool) -> tuple[Rule, ...]:
        """The rules by which it was reached before."""
        return self._rules(tool)[1]

    def may_request(self, tool: Tool) -> bool:
        """Whether a published profile holds the tool, so that the person could ask for it."""
        return any(self._published.toolsets_with(pk, tool) for pk in self._published.profile_ids)

    @cached_property
    def _published(self) -> Holdings:
        published = AccessProfile.objects.filter(is_published=True).values_list("pk", flat=True)
        return Holdings(published, self._tools)

    def _rules(self, tool: Tool) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        if tool.pk not in self._found:
            live: list[Rule] = []
            ended: list[Rule] = []
            for grant in self._grants:
                for toolset in self._holdings.toolsets_with(grant.profile_id, tool):
                    (live if grant.is_live(self._at) else ended).append(Rule(grant, toolset))
            self._found[tool.pk] = tuple(live), tuple(ended)
        return self._found[tool.pk]
