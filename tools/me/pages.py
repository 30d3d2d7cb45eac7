"""What members see of their own access: their tools, the ways to them, their connections, what is in the way.

Reads only. Nothing here decides about a call: what a person can use is what the policy says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Prefetch

from audit import portal_settings
from clients.models import Client, Token, User
from tools import policy
from tools.denials import Denial, explanation_of
from tools.hidden_characters import visible
from tools.models import AccessProfile, Action, Grant, Stop, Tool
from tools.reach import Reach

#: Closed connections stay on the page for a while of use; beyond this many, the oldest don't.
MOST_CONNECTIONS = 100
EXPIRES_SOON = timedelta(days=7)


def tools_of(user: User, at: datetime) -> list[Tool]:
    """The tools this person can call at this moment through any sound connection of theirs, by name."""
    return policy.tools_of_person(user, at)


def ways_to(user: User, tools: Iterable[Tool], at: datetime) -> dict[int, list[Grant]]:
    """By tool id, the grants through which the person may use the tool, the longest first."""
    tools = list(tools)
    reach = Reach.of(user, at, tools=tools)
    ways: dict[int, list[Grant]] = {}
    for tool in tools:
        # A grant can reach a tool through several toolsets.
        grants = {rule.grant.pk: rule.grant for rule in policy.permitting(tool, reach)}
        ways[tool.pk] = sorted(
            grants.values(), key=lambda grant: (grant.ends_at is not None, -(grant.ends_at or at).timestamp())
        )
    return ways


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
    parts = (
        tool.client_name,
        line.title,
        line.summary,
        tool.domain,
        tool.server.name,
        tool.effective_action.value,
    )
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
    counts = Counter(tool.effective_action for tool in tools)
    return [(action, counts[action]) for action in Action if counts[action]]


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
    stop: Stop | None = None
    is_of_allowed_kind: bool = True

    @property
    def is_usable(self) -> bool:
        """Whether calls through it are decided about one by one, instead of being refused in any case."""
        return self.state == "open"

    @property
    def state(self) -> str:
        """In a word, what a person wants to know of it."""
        if not self.client.is_open:
            return self.client.get_state_display()
        if self.stop is not None:
            return "stopped"
        if not self.is_of_allowed_kind:
            return "kind not allowed"
        is_valid = any(line.state in ("valid", "expires soon") for line in self.tokens)
        return "open" if is_valid else "no valid token"


def connections_of(user: User, at: datetime) -> list[Connection]:
    """The person's AI clients: the open ones first, then by when they were made, newest first."""
    clients = (
        Client.objects.filter(owner=user)
        .exclude(state=Client.State.DELETED)
        .prefetch_related(Prefetch("tokens", Token.objects.order_by("-created_at", "-pk")))
        .order_by("-created_at", "pk")[:MOST_CONNECTIONS]
    )
    stops = {
        stop.client_id: stop for stop in Stop.objects.in_force(at).filter(client__owner=user, is_drill=False)
    }
    allowed = portal_settings.current().allowed_client_kinds
    found = [
        Connection(client, token_lines(client, at), stops.get(client.pk), client.kind in allowed)
        for client in clients
    ]
    return sorted(found, key=lambda one: (not one.is_usable, not one.client.is_open))


def token_lines(client: Client, at: datetime) -> list[TokenLine]:
    """The client's tokens with their states."""
    return [TokenLine(token, _token_state(token, at)) for token in client.tokens.all()]


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
    in_general = _in_general(user, at)
    return [
        *(in_general or _without_tools(user, tools, at)),
        *_without_connection(connections),
        *_ending(connections),
    ]


def _in_general(user: User, at: datetime) -> list[Obstacle]:
    """What refuses every call of this person, whichever tool and connection."""
    # No tool has an empty name: what remains to be said about it is what is said about all of them.
    decision = policy.decide_for_person(user, "", at)
    if decision.denial in (None, Denial.UNKNOWN_TOOL):
        return []
    if decision.denial == Denial.GATEWAY_STOPPED and decision.stop is None:
        return [
            Obstacle("AI access is switched off: every call is refused.", "Ask a security admin about it.")
        ]
    explanation = explanation_of(decision.denial)
    message = "Your calls are stopped." if decision.denial == Denial.USER_STOPPED else explanation.message
    reason = f" The reason given: “{decision.stop.reason}”." if decision.stop else ""
    return [Obstacle(f"{message}{reason}", explanation.remedy)]


def _without_tools(user: User, tools: list[Tool], at: datetime) -> list[Obstacle]:
    if tools:
        return []
    grants = list(Grant.objects.of_person(user.pk))
    if any(grant.is_live(at) for grant in grants):
        message = "None of your tools can be called at the moment: they wait for review, or were stopped."
        return [Obstacle(message, "Try again later, or ask a security admin when they come back.")]
    message = "Your access has ended." if grants else "You have no access to any tool yet."
    if AccessProfile.objects.filter(is_published=True).exists():
        return [Obstacle(message, "Request access under Access.")]
    return [Obstacle(message, "Ask a security admin for an access profile.")]


def _without_connection(connections: list[Connection]) -> list[Obstacle]:
    if not connections or any(one.is_usable for one in connections):
        return []
    message = "None of your connections works: each was closed or stopped, or its token has ended."
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
