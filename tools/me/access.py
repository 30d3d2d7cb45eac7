"""The access a person holds, asked for, or could ask for. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clients.models import User
from tools import policy
from tools.models import AccessProfile, AccessRequest, Grant, Tool
from tools.reach import Holdings

MOST_REQUESTS = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """A published profile, the tools it would give that can be called now, and an open request for it."""

    profile: AccessProfile
    tools: Sequence[Tool]
    request: AccessRequest | None


def grants_of(user: User, at: datetime) -> list[Grant]:
    """The person's live grants, own and by group, by profile."""
    grants = Grant.objects.of_person(user.pk).has_begun(at).select_related("profile", "group")
    return sorted((grant for grant in grants if grant.is_live(at)), key=lambda grant: grant.profile.name)


def requests_of(user: User) -> list[AccessRequest]:
    """What the person asked for, newest first."""
    return list(AccessRequest.objects.filter(person=user).select_related("profile")[:MOST_REQUESTS])


def offers_to(user: User, at: datetime) -> list[Offer]:
    """The published profiles the person doesn't hold by a grant of their own, by name."""
    held = {grant.profile_id for grant in grants_of(user, at)}
    profiles = list(AccessProfile.objects.filter(is_published=True).exclude(pk__in=held))
    tools = policy.tools_in_service(at)
    holdings = Holdings([profile.pk for profile in profiles], tools)
    waiting = {
        request.profile_id: request
        for request in AccessRequest.objects.filter(person=user, state=AccessRequest.State.OPEN)
    }
    return [
        Offer(
            profile,
            [
                tool
                for tool in tools
                if holdings.toolsets_with(profile.pk, tool) and policy.lets_through(profile, tool)
            ],
            waiting.get(profile.pk),
        )
        for profile in profiles
    ]


def offer_of(user: User, profile_id: int, at: datetime) -> Offer | None:
    """One of the offers; None for a profile that isn't offered to the person."""
    return next((offer for offer in offers_to(user, at) if offer.profile.pk == profile_id), None)
