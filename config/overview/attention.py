"""What needs somebody now: one card for each kind of trouble, most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.timesince import timesince

from audit.models import PortalSettings
from catalog.health import HealthState, health_of_all
from catalog.keys_due import keys_due
from catalog.models import Server
from clients.models import User
from config.overview import links
from tools import reviewers, stops
from tools.models import AccessRequest, Tool

#: So many are named on a card; the list behind it has them all.
NAMED = 3
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do: how many of what, a sentence, a few of them by name, and where to do it.

    `count` is 0 for what can't be counted; `address` is empty when the portal has no page for it.
    """

    key: str
    icon: str
    title: str
    sentence: str
    address: str
    link: str
    count: int = 0
    named: tuple[str, ...] = ()
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks, when, and the portal's settings, read once."""

    person: User
    now: datetime
    settings: PortalSettings


def cards(asked: Asked) -> list[Card]:
    """The cards that this person may follow, most urgent first."""
    seen = [make(asked) for permission, make in CARDS if asked.person.has_perm(permission)]
    return [card for card in seen if card is not None]


def may_see_any(person: User) -> bool:
    """Whether any of the cards could ever be for this person."""
    return any(person.has_perm(permission) for permission, _ in CARDS)


def stops_in_force(asked: Asked) -> Card | None:
    found = stops.in_force(asked.now)
    if not found:
        return None
    drills = sum(stop.is_drill for stop in found)
    sentence = "Calls that they cover are refused until they end or somebody lifts them."
    if drills == len(found):
        sentence = "Drills only: nothing is refused, but what they would have refused is recorded."
    elif drills:
        sentence += f" {drills} of them {'is a drill' if drills == 1 else 'are drills'}, refusing nothing."
    return Card(
        "stops", "front_hand", _counted(len(found), "stop in force", "stops in force"), sentence,
        links.to_list("tools.stop", state="in_force"), "See the stops", len(found),
        _named([f"{stop}, since {_age(stop.starts_at, asked)}: {stop.reason}" for stop in found]),
        is_urgent=drills < len(found),
    )  # fmt: skip


def servers_failing(asked: Asked) -> Card | None:
    servers = list(Server.objects.all())
    known = health_of_all(servers)
    found = [server for server in servers if known[server.pk].state == HealthState.FAILING]
    if not found:
        return None
    return Card(
        "failing", "dns", _counted(len(found), "failing server", "failing servers"),
        "Their tools may fail, or be out of date, until this is mended.",
        links.to_rows("catalog.server", [server.pk for server in found], or_all=True),
        "See these servers", len(found),
        _named([f"{server}: {known[server.pk].sentence}" for server in found]), is_urgent=True,
    )  # fmt: skip


def tools_changed(asked: Asked) -> Card | None:
    """Tools whose definition is another than the one that was approved."""
    return _tools_in_state(
        asked, Tool.State.CHANGED, "changed", "difference", ("changed tool", "changed tools"),
        "Their definition is no longer the approved one. They wait to be reviewed again",
    )  # fmt: skip


def tools_pending(asked: Asked) -> Card | None:
    return _tools_in_state(
        asked, Tool.State.PENDING, "pending", "rate_review", ("tool to review", "tools to review"),
        "Nobody can call them until they are approved",
    )  # fmt: skip


def requests_open(asked: Asked) -> Card | None:
    count, oldest = _waiting(AccessRequest.objects.filter(state=AccessRequest.State.OPEN), "created_at")
    if not count:
        return None
    return Card(
        "requests", "person_raised_hand", _counted(count, "request for access", "requests for access"),
        f"People wait for a yes or a no; the oldest for {_age(oldest, asked)}.",
        links.to_list("tools.accessrequest", state__exact="open"), "Decide", count,
    )  # fmt: skip


def old_keys(asked: Asked) -> Card | None:
    found = list(keys_due(asked.now))
    if not found:
        return None
    servers = sorted({key.server_id for key in found})
    address, link = links.to_rows("catalog.server", servers, or_all=True), "See their servers"
    if len(servers) == 1:
        address, link = reverse("admin:catalog_server_keys", args=servers), "See its keys"
    return Card(
        "keys", "key_vertical", _counted(len(found), "key due", "keys due"),
        f"Stored more than {asked.settings.key_age_days} days ago. Rotate them: calls go on meanwhile.",
        address, link, len(found),
        _named([f"{key.server}, {key}: stored {_age(key.created_at, asked)} ago" for key in found]),
    )  # fmt: skip


def approvals_ending(asked: Asked) -> Card | None:
    filters = {"state__exact": Tool.State.APPROVED.value, "approval_expires_at__lte": asked.now + SOON}
    return _tools(
        asked, filters, "approval_expires_at", "ending", "event_upcoming",
        ("approval ends soon", "approvals end soon"),
        lambda _: "Within seven days. From then on calls are refused, unless the tools are approved again.",
    )  # fmt: skip


#: What each card is about can be seen with this permission, and so can the card.
CARDS: Sequence[tuple[str, Callable[[Asked], Card | None]]] = (
    ("tools.view_stop", stops_in_force),
    ("catalog.view_server", servers_failing),
    ("tools.view_tool", tools_changed),
    ("tools.view_accessrequest", requests_open),
    ("tools.view_tool", tools_pending),
    ("catalog.view_credential", old_keys),
    ("tools.view_tool", approvals_ending),
)


def _tools_in_state(
    asked: Asked, state: Tool.State, key: str, icon: str, words: tuple[str, str], sentence: str
) -> Card | None:
    return _tools(
        asked, {"state__exact": state.value}, "state_since", key, icon, words,
        lambda oldest: f"{sentence}; the oldest for {_age(oldest, asked)}.",
    )  # fmt: skip


def _tools(
    asked: Asked,
    filters: dict[str, Any],
    since: str,
    key: str,
    icon: str,
    words: tuple[str, str],
    sentence: Callable[[datetime], str],
) -> Card | None:
    """Tools under these filters, which the list behind the card takes as they are."""
    if _reviews_assigned_only(asked.person):
        assigned = asked.person.review_assignments.order_by("server").values_list("server", flat=True)
        filters = {**filters, "server__in": list(assigned)}
    count, oldest = _waiting(Tool.objects.filter(**filters), since)
    if not count:
        return None
    address = links.to_list("tools.tool", **{name: _written(value) for name, value in filters.items()})
    return Card(key, icon, _counted(count, *words), sentence(oldest), address, "Review", count)


def _written(value: Any) -> str:
    """A filter's value as an address has it."""
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _reviews_assigned_only(person: User) -> bool:
    """Whether only some servers' tools concern this person; everybody else is told of all they may see."""
    return person.has_perm(reviewers.REVIEW_ASSIGNED) and not person.has_perm(reviewers.REVIEW_ALL)


def _waiting(rows: QuerySet, since: str) -> tuple[int, datetime]:
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(since))
    return found["count"], found["oldest"]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _named(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - NAMED
    return (*lines[:NAMED], f"and {more:,} more") if more > 0 else tuple(lines)


def _age(since: datetime, asked: Asked) -> str:
    # Its spaces don't break, which a narrow card has no room for.
    return timesince(since, asked.now, depth=1).replace("\xa0", " ")
