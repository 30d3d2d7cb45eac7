"""The only place that says yes or no. Listing and calling ask the same function.

Nothing here is cached: each question reads the database inside the asker's transaction, so an answer is as
new as the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from clients.caller import Caller
from clients.models import Token
from tools.denials import Denial, explanation_of
from tools.models import AccessProfile, Action, Grant, Tool, Toolset
from tools.naming import NAME


@dataclass(frozen=True, slots=True)
class Rule:
    """Through what a person reaches a tool."""

    grant: Grant
    toolset: Toolset


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes (`denial` is None) with the rule that gave it, or a no with its reason.

    `tool` is set whenever the named tool exists, also when the caller must not learn that.
    """

    denial: Denial | None
    tool: Tool | None = None
    rule: Rule | None = None

    @property
    def is_allowed(self) -> bool:
        return self.denial is None


def decide(caller: Caller, tool_name: str, at: datetime) -> Decision:
    """May this caller call the tool with this client name at this moment?"""
    # A name no tool can have isn't looked up: PostgreSQL refuses some of them with an error.
    tool = _tools().filter(client_name=tool_name).first() if NAME.fullmatch(tool_name) else None
    standing = _standing(caller, at)
    if standing is not None:
        return Decision(standing, tool=tool)
    if tool is None:
        return Decision(Denial.UNKNOWN_TOOL)
    return _verdict(tool, _Access.of(caller, at, tools=[tool]))


def callable_tools(caller: Caller, at: datetime) -> list[Tool]:
    """Every tool for which `decide` would say yes, by name."""
    if _standing(caller, at) is not None:
        return []
    # Databases may sort by language. Pages of a list go on after a name, so its order must be Python's.
    tools = sorted(_tools().filter(state=Tool.State.APPROVED), key=attrgetter("client_name"))
    access = _Access.of(caller, at, tools=tools)
    return [tool for tool in tools if _verdict(tool, access).is_allowed]


def access_to_server(caller: Caller, server_id: int, at: datetime) -> dict[str, str | None]:
    """Of each tool of a server, by upstream name, why this caller may not call it; None for those they may.

    Unlike a refusal it tells of tools that are out of the person's reach: for tools that explain access.
    """
    tools = list(_tools().filter(server=server_id))
    standing = _standing(caller, at)
    access = _Access.of(caller, at, tools=tools)
    reasons: dict[str, str | None] = {}
    for tool in tools:
        denial = standing or _verdict(tool, access).denial
        if denial == Denial.UNKNOWN_TOOL:
            denial = Denial.NOT_IN_ACCESS_PROFILE
        reasons[tool.name] = None if denial is None else explanation_of(denial).message
    return reasons


def _tools():  # type: ignore[no-untyped-def]
    return Tool.objects.select_related("server", "approved_revision").order_by("client_name")


def _standing(caller: Caller, at: datetime) -> Denial | None:
    """What keeps this person or client from calling anything. Read again: the caller may be seconds old."""
    token = Token.objects.select_related("client__owner").filter(pk=caller.token.pk).first()
    if token is None:
        return Denial.CLIENT_CLOSED
    if not token.client.owner.is_active:
        return Denial.USER_INACTIVE
    if not token.client.is_open or not token.is_valid(at):
        return Denial.CLIENT_CLOSED
    if token.client.kind != token.client.Kind.PERSONAL:
        return Denial.CLIENT_TYPE_NOT_ALLOWED
    return None


def _verdict(tool: Tool, access: _Access) -> Decision:
    """The checks that are about one tool, in the order of the closed list."""
    live, ended = access.rule_for(tool)
    if live is None and ended is None:
        return Decision(Denial.UNKNOWN_TOOL, tool=tool)
    denial = _denial_by_state(tool)
    if denial is None and live is None:
        denial = Denial.GRANT_EXPIRED
    return Decision(denial, tool=tool, rule=live or ended)


def _denial_by_state(tool: Tool) -> Denial | None:
    if tool.server.state != tool.server.State.ACTIVE:
        return Denial.SERVER_DISABLED
    match tool.state:
        case Tool.State.APPROVED if tool.approved_revision is not None:
            return None
        case Tool.State.CHANGED:
            return Denial.TOOL_CHANGED
        case Tool.State.REMOVED:
            return Denial.TOOL_REMOVED
        case _:
            return Denial.TOOL_NOT_APPROVED


class _Access:
    """Which toolsets a person's grants reach, and which of the asked tools those hold."""

    def __init__(
        self, grants: list[Grant], toolsets_of: dict[int, list[Toolset]], tools_by_hand: dict[int, set[int]],
        at: datetime,
    ) -> None:  # fmt: skip
        self._grants = grants
        self._toolsets_of = toolsets_of
        self._tools_by_hand = tools_by_hand
        self._at = at

    @classmethod
    def of(cls, caller: Caller, at: datetime, *, tools: Iterable[Tool]) -> _Access:
        grants = list(
            Grant.objects.of_person(caller.user.pk).has_begun(at).select_related("profile").order_by("pk")
        )
        links = AccessProfile.toolsets.through.objects.filter(
            accessprofile__in={grant.profile_id for grant in grants}
        ).select_related("toolset")
        toolsets_of: dict[int, list[Toolset]] = defaultdict(list)
        for link in links.order_by("pk"):
            toolsets_of[link.accessprofile_id].append(link.toolset)
        by_hand = {
            toolset.pk
            for toolsets in toolsets_of.values()
            for toolset in toolsets
            if toolset.kind == Toolset.Kind.CUSTOM
        }
        tools_by_hand: dict[int, set[int]] = defaultdict(set)
        pairs = Toolset.tools.through.objects.filter(
            toolset__in=by_hand, tool__in=[tool.pk for tool in tools]
        )
        for toolset_id, tool_id in pairs.values_list("toolset_id", "tool_id"):
            tools_by_hand[toolset_id].add(tool_id)
        return cls(grants, toolsets_of, tools_by_hand, at)

    def rule_for(self, tool: Tool) -> tuple[Rule | None, Rule | None]:
        """The first live rule and the first ended one by which the tool is reached."""
        live: Rule | None = None
        ended: Rule | None = None
        for grant in self._grants:
            for toolset in self._toolsets_of.get(grant.profile_id, ()):
                if not self._holds(toolset, tool):
                    continue
                if grant.is_live(self._at):
                    live = live or Rule(grant, toolset)
                else:
                    ended = ended or Rule(grant, toolset)
        return live, ended

    def _holds(self, toolset: Toolset, tool: Tool) -> bool:
        if toolset.kind == Toolset.Kind.CUSTOM:
            return tool.pk in self._tools_by_hand.get(toolset.pk, ())
        # An automatic set holds what was ever approved: a tool disabled since is then refused for its
        # state, with that reason, instead of vanishing.
        if toolset.server_id != tool.server_id or tool.approved_revision_id is None:
            return False
        return toolset.kind == Toolset.Kind.ALL_APPROVED or tool.action == Action.READ
