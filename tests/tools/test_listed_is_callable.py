"""What is listed and what is callable can't differ, and both are what the words mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Server
from clients.caller import Caller
from clients.models import Client, User
from tests.conftest import caller_for, make_server, switch_on
from tests.database import undone
from tools import policy
from tools.models import AccessProfile, Grant, Stop, Tool, ToolRevision, Toolset

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
#: Around now, and at now itself: a grant applies from its start on and no longer at its end.
MOMENTS = st.sampled_from([-90, -60, -1, 0, 1, 60]).map(lambda minutes: NOW + timedelta(minutes=minutes))
SERVERS, TOOLS, TOOLSETS, PROFILES = 2, 3, 7, 3
ACTIONS = ["read", "write", "destructive"]
#: The last toolset is by a rule: what destroys, on the first server.
BY_RULE = TOOLSETS - 1
HOLDERS = ("mia", "her group", "otto", "another group")


@dataclass(frozen=True)
class ToolPlan:
    state: str
    action: str
    was_approved: bool
    tightened_to: str
    risk: str


@dataclass(frozen=True)
class ProfilePlan:
    toolsets: frozenset[int]
    ceiling: str
    allows_dangerous: bool


@dataclass(frozen=True)
class StopPlan:
    """A stop of everything, of mia, of her client, of a server or of one of its tools."""

    level: str
    server: int
    tool: int
    is_drill: bool
    is_over: bool


@dataclass(frozen=True)
class GrantPlan:
    profile: int
    holder: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """Who holds what: tools by server, members of the two custom sets, sets of each profile, grants."""

    paused: tuple[bool, ...]
    tools: tuple[tuple[ToolPlan, ...], ...]
    members: tuple[frozenset[tuple[int, int]], ...]
    profiles: tuple[ProfilePlan, ...]
    grants: tuple[GrantPlan, ...]
    client: str
    person_is_active: bool
    serves_approved: bool
    stops: tuple[StopPlan, ...]


@st.composite
def tool_plans(draw: st.DrawFn) -> ToolPlan:
    state = draw(st.sampled_from(["approved"] * 6 + ["pending", "changed", "disabled", "removed"]))
    action = draw(st.sampled_from(ACTIONS))
    return ToolPlan(
        state,
        action,
        state in ("approved", "changed") or draw(st.booleans()),
        draw(st.sampled_from(["", "", *ACTIONS[ACTIONS.index(action) + 1 :]])),
        draw(st.sampled_from(["normal", "normal", "sensitive", "dangerous"])),
    )


@st.composite
def grant_plans(draw: st.DrawFn) -> GrantPlan:
    starts_at, ends_at = draw(MOMENTS), draw(st.none() | MOMENTS)
    if ends_at is not None and ends_at < starts_at:
        starts_at, ends_at = ends_at, starts_at
    if draw(st.booleans()):
        # Half of them apply, or hardly an example would allow anything.
        starts_at, ends_at = NOW, None
    return GrantPlan(draw(st.integers(0, PROFILES - 1)), draw(st.sampled_from(HOLDERS)), starts_at, ends_at)


def several(strategy: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*[strategy] * size)


PLANS = st.builds(
    Plan,
    paused=several(st.sampled_from([False] * 6 + [True]), SERVERS),
    tools=several(several(tool_plans(), TOOLS), SERVERS),
    members=several(
        st.frozensets(st.tuples(st.integers(0, SERVERS - 1), st.integers(0, TOOLS - 1)), max_size=4), 2
    ),
    profiles=several(
        st.builds(
            ProfilePlan,
            st.frozensets(st.integers(0, TOOLSETS - 1), min_size=1, max_size=2),
            st.sampled_from(["all", "all", "read_and_write", "read"]),
            st.booleans(),
        ),
        PROFILES,
    ),
    grants=st.lists(grant_plans(), min_size=1, max_size=3).map(tuple),
    client=st.sampled_from(["active"] * 6 + ["hidden", "closed"]),
    person_is_active=st.sampled_from([True] * 9 + [False]),
    serves_approved=st.booleans(),
    stops=st.lists(
        st.builds(
            StopPlan,
            st.sampled_from(["gateway", "person", "client", "server", "tool", "tool", "tool"]),
            st.integers(0, SERVERS - 1),
            st.integers(0, TOOLS - 1),
            st.booleans(),
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


def allowed(plan: Plan, server: int, tool: int) -> bool:
    """The meaning of the words, without a database: may mia call this tool?"""
    it = plan.tools[server][tool]
    usable = ("approved", "changed") if plan.serves_approved else ("approved",)
    if not plan.person_is_active or plan.client == "closed":
        return False
    if plan.paused[server] or it.state not in usable:
        return False
    if any(stops(plan, stop, server, tool) for stop in plan.stops):
        return False
    action = max(it.action, it.tightened_to or it.action, key=ACTIONS.index)

    def holds(toolset: int) -> bool:
        if toolset < 2:
            return (server, tool) in plan.members[toolset]
        if toolset == BY_RULE:
            return server == 0 and action == "destructive"
        of_server, only_reads = divmod(toolset - 2, 2)
        return of_server == server and (not only_reads or action == "read")

    def lets_through(profile: ProfilePlan) -> bool:
        ceiling = {"read": 0, "read_and_write": 1, "all": 2}[profile.ceiling]
        return ACTIONS.index(action) <= ceiling and (profile.allows_dangerous or it.risk != "dangerous")

    return any(
        grant.holder in ("mia", "her group")
        and grant.starts_at <= NOW
        and (grant.ends_at is None or grant.ends_at > NOW)
        and any(holds(toolset) for toolset in plan.profiles[grant.profile].toolsets)
        and lets_through(plan.profiles[grant.profile])
        for grant in plan.grants
    )


def stops(plan: Plan, stop: StopPlan, server: int, tool: int) -> bool:
    """Whether this stop keeps mia from calling the tool through her client."""
    if stop.is_drill or stop.is_over:
        return False
    match stop.level:
        case "server":
            return stop.server == server
        case "tool":
            return (stop.server, stop.tool) == (server, tool)
    return True


@dataclass
class Cast:
    """What every example starts from."""

    servers: list[Server]
    caller: Caller
    holders: dict[str, dict[str, Any]]

    def build(self, plan: Plan) -> dict[str, tuple[int, int]]:
        """Make the plan's rows. Returns the place of each tool by its name."""
        User.objects.filter(pk=self.caller.user.pk).update(is_active=plan.person_is_active)
        Client.objects.filter(pk=self.caller.client.pk).update(state=plan.client)
        tools: dict[tuple[int, int], Tool] = {}
        for index, server in enumerate(self.servers):
            Server.objects.filter(pk=server.pk).update(state="paused" if plan.paused[index] else "active")
            for number, it in enumerate(plan.tools[index]):
                tools[index, number] = self._tool(server, f"tool{number}", it)
        toolsets = [Toolset.objects.create(name=f"By hand {number}") for number in range(2)]
        for toolset, members in zip(toolsets, plan.members, strict=True):
            toolset.tools.set(tools[place] for place in members)
        for server in self.servers:
            for kind in ("all_approved", "read"):
                toolsets.append(Toolset.objects.create(name=f"{server} {kind}", kind=kind, server=server))
        rule = {"servers": [self.servers[0].pk], "actions": ["destructive"]}
        toolsets.append(Toolset.objects.create(name="By rule", kind="rule", rule=rule))
        profiles = []
        for number, wanted in enumerate(plan.profiles):
            profile = AccessProfile.objects.create(
                name=f"Profile {number}", ceiling=wanted.ceiling, allows_dangerous=wanted.allows_dangerous
            )
            profile.toolsets.set(toolsets[number] for number in wanted.toolsets)
            profiles.append(profile)
        mode = "serve_approved" if plan.serves_approved else "block"
        switch_on(changed_definition=mode)
        self._stop(plan, tools)
        Grant.objects.bulk_create(
            Grant(
                profile=profiles[grant.profile], starts_at=grant.starts_at, ends_at=grant.ends_at,
                reason="x", approver="x", **self.holders[grant.holder],
            )
            for grant in plan.grants
        )  # fmt: skip
        return {tool.client_name: place for place, tool in tools.items()}

    def _stop(self, plan: Plan, tools: dict[tuple[int, int], Tool]) -> None:
        for stop in plan.stops:
            target = {
                "server": {"server": self.servers[stop.server]},
                "tool": {"tool": tools[stop.server, stop.tool]},
                "client": {"client": self.caller.client},
                "person": {"person": self.caller.user},
            }.get(stop.level, {})
            begun = NOW - timedelta(hours=1)
            ends_at = NOW if stop.is_over else None
            Stop.objects.create(
                level=stop.level, is_drill=stop.is_drill, reason="x", set_by="x", starts_at=begun,
                ends_at=ends_at, **target,
            )  # fmt: skip

    def _tool(self, server: Server, name: str, it: ToolPlan) -> Tool:
        tool = Tool.objects.create(
            server=server, name=name, client_name=f"{server.prefix}_{name}", domain="alerts",
            action=it.action, tightened_action=it.tightened_to, risk=it.risk,
        )  # fmt: skip
        revision = ToolRevision.objects.create(tool=tool, digest="0" * 64, definition={"action": tool.action})
        tool.discovered_revision, tool.state = revision, it.state
        tool.approved_revision = revision if it.was_approved else None
        tool.save()
        return tool


@pytest.fixture
def cast(mia: User, otto: User) -> Cast:
    hers, another = Group.objects.create(name="operators"), Group.objects.create(name="others")
    mia.groups.add(hers)
    otto.groups.add(another)
    caller = caller_for(mia)
    caller.token.expires_at = NOW + timedelta(days=365)
    caller.token.save()
    return Cast(
        [make_server(), make_server(name="Second", prefix="second")],
        caller,
        dict(zip(HOLDERS, ({"user": mia}, {"group": hers}, {"user": otto}, {"group": another}), strict=True)),
    )


@given(plan=PLANS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_listed_callable_and_meant_are_the_same(cast: Cast, plan: Plan) -> None:
    with undone():
        names = cast.build(plan)
        listed = [tool.client_name for tool in policy.callable_tools(cast.caller, NOW)]
        callable_ = [name for name in names if policy.decide(cast.caller, name, NOW).is_allowed]
        meant = [name for name, place in names.items() if allowed(plan, *place)]
        assert listed == sorted(callable_) == sorted(meant)
        client_is_stopped = any(stop.level == "client" for stop in plan.stops)
        if plan.client != "closed" and not client_is_stopped:
            mia = cast.caller.user
            assert [tool.client_name for tool in policy.tools_of_person(mia, NOW)] == listed
            ids = dict(Tool.objects.values_list("pk", "client_name"))
            reached = policy.access_of_everyone(NOW).get(mia.pk, frozenset())
            assert sorted(ids[pk] for pk in reached) == listed
        for server in cast.servers:
            told = policy.access_to_server(cast.caller, server.pk, NOW)
            assert {f"{server.prefix}_{name}" for name, reason in told.items() if reason is None} == {
                name for name in listed if name.startswith(f"{server.prefix}_")
            }


@given(plan=PLANS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_yes_names_a_live_rule_that_reaches_the_tool(cast: Cast, plan: Plan) -> None:
    with undone():
        for name in cast.build(plan):
            decision = policy.decide(cast.caller, name, NOW)
            if not decision.is_allowed:
                continue
            assert decision.rule is not None
            assert decision.rule.grant.is_live(NOW)
            assert decision.rule.toolset in decision.rule.grant.profile.toolsets.all()
