"""What would make a failing check pass: one thing to do for each way out, with what it is to be done to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from tools.check_words import does
from tools.denials import Denial
from tools.models import AccessProfile, Grant, Risk, Tool
from tools.policy import Account, lets_through
from tools.reach import Holdings
from tools.tool_words import moment

_MOST_PROFILES = 10


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to do, and the object whose page it is done on; None where no page of ours helps.

    An object that isn't stored is one to be made.
    """

    text: str
    about: models.Model | None = None


def remedies_for(denial: Denial, account: Account) -> Iterator[Remedy]:
    """Everything that would make this failing check pass, the nearest first."""
    situation, tool = account.situation, account.tool
    stop = situation.stop_behind(denial, tool)
    if stop is not None:
        yield Remedy(f"Lift stop #{stop.pk}: from then on its calls are let through again.", stop)
        return
    match denial:
        case Denial.GATEWAY_STOPPED:
            yield Remedy("Switch AI access management on. Only a superuser can.", situation.settings)
        case Denial.USER_INACTIVE:
            yield Remedy(f"Activate the account of {situation.user}.", situation.user)
        case Denial.CLIENT_CLOSED | Denial.CLIENT_TYPE_NOT_ALLOWED:
            yield from _of_client(denial, account)
        case Denial.SERVER_DISABLED:
            yield Remedy(f"Resume the server {tool.server}.", tool.server)
        case Denial.TOOL_NOT_APPROVED:
            yield Remedy(f"Approve {tool}.", tool)
        case Denial.TOOL_CHANGED:
            yield Remedy(f"Review what changed in {tool}, and approve it.", tool)
        case Denial.TOOL_REMOVED:
            yield Remedy(
                "Nothing here brings it back: once the upstream offers it again, it waits for review.",
                tool.server,
            )
        case Denial.UNKNOWN_TOOL | Denial.NOT_IN_ACCESS_PROFILE | Denial.GRANT_EXPIRED:
            yield from _of_reach(account)
        case Denial.ACTION_NOT_ALLOWED:
            yield from _of_ceiling(account)
        case Denial.CREDENTIAL_MISSING:
            yield Remedy(f"Store an API key for {tool.server} that may carry {tool}.", tool.server)
        case Denial.CREDENTIAL_UNREADABLE:
            yield Remedy(
                f"Restore the encryption key under which {tool.server} has its key, or store that anew.",
                tool.server,
            )


def _of_client(denial: Denial, account: Account) -> Iterator[Remedy]:
    client, settings = account.situation.client, account.situation.settings
    if denial == Denial.CLIENT_TYPE_NOT_ALLOWED:
        kinds = ", ".join(settings.allowed_client_kinds) or "none"
        yield Remedy(f"Connect with a client of a kind that may call: {kinds}.")
        yield Remedy(f"Or allow {client.kind if client else 'such'} clients in the settings.", settings)
    elif client is not None and client.is_open:
        yield Remedy(f"{account.situation.user} connects again with a new token.", client)
    else:
        yield Remedy(
            f"A closed client stays closed: {account.situation.user} connects again with a new token.", client
        )


def _of_reach(account: Account) -> Iterator[Remedy]:
    """Grants that would give the tool: one that begins later, and profiles that hold it."""
    user, tool, at = account.situation.user, account.tool, account.situation.at
    holding = _profiles_holding(tool)
    if user is not None:
        later = Grant.objects.of_person(user.pk).filter(starts_at__gt=at, profile__in=holding)
        for grant in later.select_related("profile", "user", "group").order_by("starts_at")[:_MOST_PROFILES]:
            yield Remedy(f"Wait: the grant of {grant.profile} begins on {moment(grant.starts_at)}.", grant)
    yield from _grants_of(tool, holding, account)
    if not holding:
        yield Remedy(
            f"No access profile holds {tool}. Put it into a toolset of one, and grant that.",
            tool,
        )


def _grants_of(tool: Tool, profiles: list[AccessProfile], account: Account) -> Iterator[Remedy]:
    useful = [profile for profile in profiles if lets_through(profile, tool)]
    for profile in useful[:_MOST_PROFILES]:
        yield Remedy(
            f"Give {account.situation.user} a grant of {profile}, which holds {tool}.",
            Grant(profile=profile, user=account.situation.user),
        )
    if len(useful) > _MOST_PROFILES:
        yield Remedy(f"{len(useful) - _MOST_PROFILES:,} more profiles would give it.")
    if useful:
        return
    for profile in profiles[:_MOST_PROFILES]:
        yield Remedy(
            f"{profile} holds {tool} but doesn't let it through: {_raise_to(profile, tool)}, and grant it.",
            profile,
        )


def _of_ceiling(account: Account) -> Iterator[Remedy]:
    tool = account.tool
    held = {rule.profile.pk: rule.profile for rule in account.live}
    for profile in list(held.values())[:_MOST_PROFILES]:
        yield Remedy(f"In {profile}, {_raise_to(profile, tool)}: everybody who holds it gains that.", profile)
    others = [profile for profile in _profiles_holding(tool) if profile.pk not in held]
    for profile in [profile for profile in others if lets_through(profile, tool)][:_MOST_PROFILES]:
        yield Remedy(
            f"Or give {account.situation.user} a grant of {profile}, which lets {does(tool)} tools through.",
            Grant(profile=profile, user=account.situation.user),
        )


def _raise_to(profile: AccessProfile, tool: Tool) -> str:
    """What to change in a profile so that it lets the tool through."""
    steps = []
    ceiling = AccessProfile.Ceiling(profile.ceiling)
    if not ceiling.admits(tool.effective_action):
        needed = next(level for level in AccessProfile.Ceiling if level.admits(tool.effective_action))
        steps.append(f"raise the ceiling from “{ceiling.label}” to “{needed.label}”")
    if not lets_through(profile, tool) and not profile.allows_dangerous and tool.risk == Risk.DANGEROUS:
        steps.append("allow dangerous tools")
    return " and ".join(steps)


def _profiles_holding(tool: Tool) -> list[AccessProfile]:
    profiles = list(AccessProfile.objects.order_by("name"))
    holdings = Holdings([profile.pk for profile in profiles], [tool])
    return [profile for profile in profiles if holdings.toolsets_with(profile.pk, tool)]
