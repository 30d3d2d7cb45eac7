"""What members see of their own access: their tools, the ways to them, their connections, what is in the way.

Reads only. Nothing here decides about a call: what a person can use is what the policy says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db.models import Prefetch

from audit.actor import Actor
from clients.caller import Caller
from clients.models import Client, Token, User
from tools import policy
from tools.hidden_characters import visible
from tools.models import AccessProfile, Action, Grant, Tool, Toolset

#: Closed connections stay on the page for a while of use; beyond this many, the oldest don't.
MOST_CONNECTIONS = 100
EXPIRES_SOON = timedelta(days=7)


def tools_of(user: User, at: datetime) -> list[Tool]:
    """The tools this person can call now or, if they have no connection, could call with one; by name."""
    token = (
        Token.objects.filter(
            client__owner=user,
            client__kind=Client.Kind.PERSONAL,
            client__state__in=OPEN,
            revoked_at__isnull=True,
            expires_at__gt=at,
        )
        .select_related("client")
        .order_by("-pk")
        .first()
    )
    if token is not None:
        caller = Caller(user=user, client=token.client, token=token, actor=Actor.person(user))
        return policy.callable_tools(caller, at)
    approved = Tool.objects.filter(
        state=Tool.State.APPROVED, approved_revision__isnull=False, server__state="active"
    ).select_related("server", "approved_revision")
    tools = sorted(approved, key=attrgetter("client_name"))
    ways = ways_to(user, tools, at)
    return [tool for tool in tools if tool.pk in ways]


def ways_to(user: User, tools: Iterable[Tool], at: datetime) -> dict[int, list[Grant]]:
    """By tool id, the live grants that reach it, the longest first. Tools that none reaches are left out."""
    tools = list(tools)
    grants = [
        grant
        for grant in Grant.objects.of_person(user.pk).has_begun(at).select_related("profile").order_by("pk")
        if grant.is_live(at)
    ]
    links = AccessProfile.toolsets.through.objects.filter(
        accessprofile__in={grant.profile_id for grant in grants}
    ).select_related("toolset")
    toolsets: dict[int, list[Toolset]] = defaultdict(list)
    for link in links:
        toolsets[link.accessprofile_id].append(link.toolset)
    held = _held_by_hand({toolset.pk for found in toolsets.values() for toolset in found})
    grants.sort(key=lambda grant: (grant.ends_at is not None, -(grant.ends_at or at).timestamp()))
    ways: dict[int, list[Grant]] = {}
    for tool in tools:
        reaching = [
            grant
            for grant in grants
            if any(_holds(toolset, tool, held) for toolset in toolsets.get(grant.profile_id, ()))
        ]
        if reaching:
            ways[tool.pk] = reaching
    return ways


def _held_by_hand(toolset_ids: set[int]) -> set[tuple[int, int]]:
    pairs = Toolset.tools.through.objects.filter(toolset__in=toolset_ids)
    return set(pairs.values_list("toolset_id", "tool_id"))


def _holds(toolset: Toolset, tool: Tool, held: set[tuple[int, int]]) -> bool:
    if toolset.kind == Toolset.Kind.CUSTOM:
        return (toolset.pk, tool.pk) in held
    fits = toolset.kind == Toolset.Kind.ALL_APPROVED or tool.action == Action.READ
    return fits and toolset.server_id == tool.server_id


@dataclass(frozen=True, slots=True)
class ToolLine:
    """A tool as a list shows it. Texts are the approved definition's, with hidden characters spelled out."""

    tool: Tool
    title: str
    summary: str
    grants: Sequence[Grant]


@dataclass(frozen=True, slots=True)
class Domain:
    """The tools of one domain of one server."""

    name: str
    lines: list[ToolLine]


@dataclass(frozen=True, slots=True)
class ServerTools:
    """The tools of one server, by domain."""

    name: str
    domains: list[Domain]

    @property
    def count(self) -> int:
        return sum(len(domain.lines) for domain in self.domains)


def tool_line(tool: Tool, grants: Sequence[Grant]) -> ToolLine:
    """A tool with the first line of its description."""
    definition = tool.approved_revision.definition  # type: ignore[union-attr]
    description = str(definition["description"]).strip().partition("\n")[0]
    return ToolLine(tool, visible(str(definition["title"])), visible(description), grants)


def found(lines: Iterable[ToolLine], search: str) -> list[ToolLine]:
    """The lines in which each word of the search occurs, in whatever case."""
    words = search.lower().split()
    return [line for line in lines if all(word in _text_of(line) for word in words)]


def _text_of(line: ToolLine) -> str:
    tool = line.tool
    parts = (tool.client_name, line.title, line.summary, tool.domain, tool.server.name, tool.action)
    return " ".join(parts).lower()


def by_server(lines: Iterable[ToolLine]) -> list[ServerTools]:
    """The lines by server and domain, in the order of their names."""

    def server(line: ToolLine) -> tuple[str, int]:
        return line.tool.server.name, line.tool.server_id

    def domain(line: ToolLine) -> str:
        return line.tool.domain

    ordered = sorted(lines, key=lambda line: (server(line), domain(line), line.tool.client_name))
    return [
        ServerTools(
            name,
            [
                Domain(key.replace("_", " ").capitalize(), list(same_domain))
                for key, same_domain in groupby(same_server, key=domain)
            ],
        )
        for (name, _), same_server in groupby(ordered, key=server)
    ]


def action_counts(tools: Iterable[Tool]) -> list[tuple[Action, int]]:
    """How many tools there are of each action class that has any."""
    counts = Counter(tool.action for tool in tools)
    return [(action, counts[action]) for action in Action if counts[action]]


OPEN = (Client.State.ACTIVE, Client.State.HIDDEN)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token: `state` is valid, expires soon, expired or revoked."""

    token: Token
    state: str


@dataclass(frozen=True, slots=True)
class Connection:
    """One AI client of the person, with its tokens, the newest first."""

    client: Client
    tokens: list[TokenLine]

    @property
    def is_usable(self) -> bool:
        """Whether a call through it gets as far as being decided about."""
        return self.client.is_open and any(line.state in ("valid", "expires soon") for line in self.tokens)

    @property
    def state(self) -> str:
        """In a word, what a person wants to know of it."""
        if not self.client.is_open:
            return self.client.get_state_display()
        return "open" if self.is_usable else "no valid token"


def connections_of(user: User, at: datetime) -> list[Connection]:
    """The person's AI clients: the open ones first, then by when they were made, newest first."""
    clients = (
        Client.objects.filter(owner=user)
        .exclude(state=Client.State.DELETED)
        .prefetch_related(Prefetch("tokens", Token.objects.order_by("-created_at", "-pk")))
        .order_by("-created_at", "pk")[:MOST_CONNECTIONS]
    )
    found = [connection(client, at) for client in clients]
    return sorted(found, key=lambda one: (not one.is_usable, not one.client.is_open))


def connection(client: Client, at: datetime) -> Connection:
    """One client with the state of its tokens."""
    return Connection(client, [TokenLine(token, _token_state(token, at)) for token in client.tokens.all()])


def _token_state(token: Token, at: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if not token.is_valid(at):
        return "expired"
    return "expires soon" if token.expires_at - at < EXPIRES_SOON else "valid"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that keeps the person from calling tools, or soon will, and what to do about it."""

    message: str
    remedy: str


def obstacles(user: User, tools: list[Tool], connections: list[Connection], at: datetime) -> list[Obstacle]:
    """What stands in the way, the worst first."""
    return [*_without_tools(user, tools, at), *_without_connection(connections), *_ending(connections)]


def _without_tools(user: User, tools: list[Tool], at: datetime) -> list[Obstacle]:
    if tools:
        return []
    grants = list(Grant.objects.of_person(user.pk))
    if any(grant.is_live(at) for grant in grants):
        message = "None of your tools can be called at the moment: they wait for review or are paused."
        return [Obstacle(message, "Try again later, or ask a security admin when they come back.")]
    message = "Your access has ended." if grants else "You have no access to any tool yet."
    return [Obstacle(message, "Ask a security admin for an access profile.")]


def _without_connection(connections: list[Connection]) -> list[Obstacle]:
    if not connections or any(one.is_usable for one in connections):
        return []
    message = "None of your connections works: each was closed, or its token has ended."
    return [Obstacle(message, "Ask a security admin for a new token, then connect again.")]


def _ending(connections: list[Connection]) -> list[Obstacle]:
    """Connections of which nothing will be left within a few days."""
    return [
        Obstacle(
            f"The token of {one.client.name} ends soon.",
            "Ask a security admin for a new one, so that your work isn't interrupted.",
        )
        for one in connections
        if one.is_usable and not any(line.state == "valid" for line in one.tokens)
    ]
