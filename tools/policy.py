"""The only place that says yes or no. Listing, calling and explaining ask the same checks.

Nothing here is cached: each question reads the database inside the asker's transaction, so an answer is as
new as the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from audit import portal_settings
from audit.models import PortalSettings
from clients.caller import Caller
from clients.models import Client, User
from tools.argument_limits import limits_of, problems_with
from tools.denials import Denial, explanation_of
from tools.models import AccessProfile, Risk, Stop, Tool
from tools.naming import NAME
from tools.reach import Reach, Rule
from tools.situation import Situation

#: A reason and whether it holds: of a list of checks, the first that holds is why a call is refused.
Check = tuple[Denial, bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes (`denial` is None) with the rule that gave it, or a no with its reason.

    `tool` is set whenever the named tool exists, also when the caller must not learn that. `rules` are all
    by which the tool may be used, `rule` the one the answer rests on. `stop` is the one that refused, and
    `drills` are those that would have. `argument_verbosity` is how much of the arguments is to be recorded.
    """

    denial: Denial | None
    tool: Tool | None = None
    rule: Rule | None = None
    rules: tuple[Rule, ...] = ()
    stop: Stop | None = None
    drills: tuple[Stop, ...] = ()
    argument_verbosity: str = PortalSettings.Verbosity.NONE

    @property
    def is_allowed(self) -> bool:
        return self.denial is None


@dataclass(frozen=True, slots=True)
class Account:
    """All that an answer about one person and tool rests on.

    `checks` go on after the first that fails. `live` and `ended` are the rules by which the tool is reached
    now and was before, `permitting` those of `live` whose profile lets the tool through.
    """

    decision: Decision
    tool: Tool
    checks: tuple[Check, ...]
    situation: Situation
    live: tuple[Rule, ...]
    ended: tuple[Rule, ...]
    permitting: tuple[Rule, ...]


def decide(caller: Caller, tool_name: str, at: datetime) -> Decision:
    """May this caller call the tool with this client name at this moment?"""
    return _decide(Situation.of_caller(caller, at), tool_name)


def decide_for_person(
    person: User, tool_name: str, at: datetime, *, client: Client | None = None
) -> Decision:
    """The same for a person, through one of their clients or, without one, through any that is sound."""
    return _decide(Situation.of_person(person, at, client=client), tool_name)


def within_limits(decision: Decision, arguments: Mapping[str, Any]) -> Decision:
    """A yes narrowed to the rules whose argument limits these arguments fit; a no when there is none."""
    if decision.tool is None or not decision.is_allowed:
        return decision
    limits = limits_of(decision.tool, [rule.profile for rule in decision.rules])
    for rule in decision.rules:
        limit = limits.get(rule.profile.pk)
        if limit is None or not problems_with(limit, arguments):
            return replace(decision, rule=rule)
    return replace(decision, denial=Denial.ARGUMENTS_NOT_ALLOWED)


def callable_tools(caller: Caller, at: datetime) -> list[Tool]:
    """Every tool for which `decide` would say yes, by name."""
    return _callable(Situation.of_caller(caller, at))


def tools_of_person(person: User, at: datetime, *, client: Client | None = None) -> list[Tool]:
    """Every tool for which `decide_for_person` would say yes, by name."""
    return _callable(Situation.of_person(person, at, client=client))


def access_of_everyone(at: datetime, *, tools: Iterable[Tool] | None = None) -> dict[int, frozenset[int]]:
    """Of these tools, or of all, which ones each person may call now: tool ids by user id.

    As `decide_for_person` answers, for everybody at once. People who may call none are left out.
    """
    asked = list(_tools() if tools is None else _tools().filter(pk__in=[tool.pk for tool in tools]))
    nobody = Situation.of_nobody(at)
    reaches = Reach.of_everyone(at, tools=asked)
    callable_by: dict[int, frozenset[int]] = {}
    # People who hold the same profiles share their reach, and with it what they may call.
    found: dict[int, frozenset[int]] = {}
    for person in User.objects.filter(pk__in=list(reaches)):
        if _first(_standing_checks(replace(nobody, user=person))) is not None:
            continue
        reach = reaches[person.pk]
        if id(reach) not in found:
            found[id(reach)] = frozenset(
                tool.pk for tool in asked if _first(_tool_checks(nobody, tool, reach)) is None
            )
        if found[id(reach)]:
            callable_by[person.pk] = found[id(reach)]
    return callable_by


def access_to_server(caller: Caller, server_id: int, at: datetime) -> dict[str, str | None]:
    """Of each tool of a server, by upstream name, why this caller may not call it; None for those they may.

    Unlike a refusal it tells of tools that are out of the person's reach: for tools that explain access.
    """
    tools = list(_tools().filter(server=server_id))
    situation = Situation.of_caller(caller, at)
    reach = Reach.of(situation.user, at, tools=tools)
    reasons: dict[str, str | None] = {}
    for tool in tools:
        denial = _verdict(situation, tool, reach).denial
        if denial == Denial.UNKNOWN_TOOL:
            denial = Denial.NOT_IN_ACCESS_PROFILE
        reasons[tool.name] = None if denial is None else explanation_of(denial).message
    return reasons


def account(person: User, tool: Tool, at: datetime, *, client: Client | None = None) -> Account:
    """Why this person may call the tool or not. With a client, as a call through it is answered."""
    return _account(_situation_with_token(person, at, client), tool)


def tools_of_client(client: Client, at: datetime) -> list[Tool]:
    """Every tool that a call through this client is allowed to, by name: none without a valid token."""
    return _callable(_situation_with_token(client.owner, at, client))


def _situation_with_token(person: User, at: datetime, client: Client | None) -> Situation:
    """The person's, in which a client whose tokens have all ended is as good as closed."""
    situation = Situation.of_person(person, at, client=client)
    if client is None or any(token.is_valid(at) for token in client.tokens.all()):
        return situation
    return replace(situation, is_connected=False)


def _account(situation: Situation, tool: Tool) -> Account:
    tool = _tools().get(pk=tool.pk)
    reach = Reach.of(situation.user, situation.at, tools=[tool])
    return Account(
        decision=_verdict(situation, tool, reach),
        tool=tool,
        checks=(*_standing_checks(situation), *_tool_checks(situation, tool, reach)),
        situation=situation,
        live=reach.live(tool),
        ended=reach.ended(tool),
        permitting=permitting(tool, reach),
    )


def permitting(tool: Tool, reach: Reach) -> tuple[Rule, ...]:
    """The live rules whose profile lets through what the tool does, and how dangerous it is."""
    return tuple(rule for rule in reach.live(tool) if lets_through(rule.profile, tool))


def lets_through(profile: AccessProfile, tool: Tool) -> bool:
    """Whether the tool is within the profile's ceiling, and not more dangerous than it allows."""
    is_within = profile.Ceiling(profile.ceiling).admits(tool.effective_action)
    return is_within and (profile.allows_dangerous or tool.risk != Risk.DANGEROUS)


def tools_in_service(at: datetime) -> list[Tool]:
    """The tools that anybody with the right access can call at this moment, stops aside, by name."""
    settings = portal_settings.current()
    return [
        tool
        for tool in _tools().filter(state__in=(Tool.State.APPROVED, Tool.State.CHANGED))
        if tool.server.state == tool.server.State.ACTIVE and _denial_by_state(tool, settings, at) is None
    ]


def _decide(situation: Situation, tool_name: str) -> Decision:
    # A name no tool can have isn't looked up: PostgreSQL refuses some of them with an error.
    tool = _tools().filter(client_name=tool_name).first() if NAME.fullmatch(tool_name) else None
    if tool is not None:
        return _verdict(situation, tool, None)
    denial = _first(_standing_checks(situation)) or Denial.UNKNOWN_TOOL
    return _answer(situation, denial)


def _callable(situation: Situation) -> list[Tool]:
    if _first(_standing_checks(situation)) is not None:
        return []
    offered = _tools().filter(state__in=(Tool.State.APPROVED, Tool.State.CHANGED))
    # Databases may sort by language. Pages of a list go on after a name, so its order must be Python's.
    tools = sorted(offered, key=attrgetter("client_name"))
    reach = Reach.of(situation.user, situation.at, tools=tools)
    return [tool for tool in tools if _first(_tool_checks(situation, tool, reach)) is None]


def _tools():  # type: ignore[no-untyped-def]
    return Tool.objects.select_related("server", "approved_revision").order_by("client_name")


def _first(checks: Iterator[Check]) -> Denial | None:
    return next((denial for denial, holds in checks if holds), None)


def _verdict(situation: Situation, tool: Tool, reach: Reach | None) -> Decision:
    """The answer about one tool. What the person reaches is only read once nothing else is in the way."""
    denial = _first(_standing_checks(situation))
    if denial is not None:
        return _answer(situation, denial, tool)
    reach = reach or Reach.of(situation.user, situation.at, tools=[tool])
    denial = _first(_tool_checks(situation, tool, reach))
    rules = permitting(tool, reach)
    known = rules[:1] or reach.live(tool)[:1] or reach.ended(tool)[:1]
    return replace(_answer(situation, denial, tool), rule=known[0] if known else None, rules=rules)


def _answer(situation: Situation, denial: Denial | None, tool: Tool | None = None) -> Decision:
    return Decision(
        denial,
        tool=tool,
        stop=situation.stop_behind(denial, tool),
        drills=situation.drills(tool),
        argument_verbosity=situation.settings.argument_verbosity,
    )


def _standing_checks(situation: Situation) -> Iterator[Check]:
    """What keeps a person or client from calling anything."""
    yield Denial.GATEWAY_STOPPED, not situation.settings.is_active or situation.stops(Stop.Level.GATEWAY)
    yield Denial.USER_INACTIVE, situation.user is not None and not situation.user.is_active
    yield Denial.USER_STOPPED, situation.stops(Stop.Level.PERSON)
    yield Denial.CLIENT_CLOSED, not situation.is_connected
    yield Denial.CLIENT_STOPPED, situation.stops(Stop.Level.CLIENT)
    yield Denial.CLIENT_TYPE_NOT_ALLOWED, not situation.is_of_allowed_kind


def _tool_checks(situation: Situation, tool: Tool, reach: Reach) -> Iterator[Check]:
    """The checks that are about one tool, in the order of the closed list."""
    is_in_reach = bool(reach.live(tool) or reach.ended(tool))
    is_requestable = (
        not is_in_reach and situation.settings.shows_requestable_tools and reach.may_request(tool)
    )
    yield Denial.UNKNOWN_TOOL, not is_in_reach and not is_requestable
    yield Denial.SERVER_DISABLED, tool.server.state != tool.server.State.ACTIVE
    yield Denial.SERVER_STOPPED, situation.stops(Stop.Level.SERVER, tool.server_id)
    yield Denial.TOOL_STOPPED, situation.stops(Stop.Level.TOOL, tool.pk)
    state = _denial_by_state(tool, situation.settings, situation.at)
    for denial in (Denial.TOOL_NOT_APPROVED, Denial.TOOL_CHANGED, Denial.TOOL_REMOVED):
        yield denial, state == denial
    yield Denial.NOT_IN_ACCESS_PROFILE, not is_in_reach
    yield Denial.GRANT_EXPIRED, not reach.live(tool)
    yield Denial.ACTION_NOT_ALLOWED, not permitting(tool, reach)


def _denial_by_state(tool: Tool, settings: PortalSettings, at: datetime) -> Denial | None:
    if tool.state == Tool.State.REMOVED:
        return Denial.TOOL_REMOVED
    if tool.state not in (Tool.State.APPROVED, Tool.State.CHANGED):
        return Denial.TOOL_NOT_APPROVED
    if tool.approved_revision is None or tool.approval_has_expired(at):
        return Denial.TOOL_NOT_APPROVED
    serves_approved = PortalSettings.ChangedDefinition.SERVE_APPROVED
    if tool.state == Tool.State.CHANGED and tool.on_changed_definition(settings) != serves_approved:
        return Denial.TOOL_CHANGED
    return None
