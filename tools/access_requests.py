"""People asking for access profiles, and what becomes of it."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from clients.models import User
from tools import grants
from tools.models import AccessProfile, AccessRequest, Grant

LONGEST_TEXT = 300


def ask(*, actor: Actor, person: User, profile: AccessProfile, reason: str) -> AccessRequest:
    """Ask for a published profile for oneself.

    Raises PermissionDenied for anybody else than the person, ValidationError without a reason, for a profile
    that isn't published, is held already, or was asked for and waits.
    """
    if actor.id != str(person.pk):
        raise PermissionDenied("Access is asked for by the person who is to have it.")
    reason = _text("reason", reason)
    if not reason:
        raise ValidationError({"reason": "Say what you need it for."})
    with governed():
        published = AccessProfile.objects.filter(pk=profile.pk, is_published=True).first()
        if published is None:
            raise ValidationError("This access can't be requested. Look at what is offered again.")
        grants.refuse_second(profile=published, user=person, group=None)
        if AccessRequest.objects.filter(profile=published, person=person, state="open").exists():
            raise ValidationError(f"You asked for {published} already. It waits for a decision.")
        request = AccessRequest.objects.create(profile=published, person=person, reason=reason)
        log.record(Event.ACCESS_REQUESTED, actor=actor, subject=request, detail={"reason": reason})
    return request


def withdraw(*, actor: Actor, request: AccessRequest) -> AccessRequest:
    """Take an open request of one's own back. Raises as `ask` does."""
    if actor.id != str(request.person_id):
        raise PermissionDenied("A request is withdrawn by the person who made it.")
    with governed():
        current = _open(request)
        _close(actor, current, AccessRequest.State.WITHDRAWN, "")
        log.record(Event.ACCESS_REQUEST_WITHDRAWN, actor=actor, subject=current)
    return current


def approve(
    *, actor: Actor, request: AccessRequest, ends_at: datetime | None = None, comment: str = ""
) -> Grant:
    """Give what was asked for, until `ends_at` if that is given.

    Raises PermissionDenied without `tools.decide_accessrequest` and `tools.add_grant`, or for one's own
    request; ValidationError when it was decided before, or the grant can't be given.
    """
    _require_decider(actor, request)
    comment = _text("comment", comment)
    with governed():
        current = _open(request)
        grant = Grant(
            profile=current.profile,
            user=current.person,
            ends_at=ends_at,
            reason=f"Asked: {current.reason}"[:300],
        )
        grants.give(actor=actor, grant=grant)
        current.grant = grant
        _close(actor, current, AccessRequest.State.APPROVED, comment)
        log.record(
            Event.ACCESS_REQUEST_APPROVED, actor=actor, subject=current,
            detail={"grant_id": grant.pk, "until": ends_at, "comment": comment},
        )  # fmt: skip
    return grant


def refuse(*, actor: Actor, request: AccessRequest, comment: str) -> AccessRequest:
    """Refuse what was asked for, with a comment that the person reads. Raises as `approve` does."""
    _require_decider(actor, request)
    comment = _text("comment", comment)
    if not comment:
        raise ValidationError({"comment": "Say why: the person reads it."})
    with governed():
        current = _open(request)
        _close(actor, current, AccessRequest.State.REFUSED, comment)
        log.record(Event.ACCESS_REQUEST_REFUSED, actor=actor, subject=current, detail={"comment": comment})
    return current


def _require_decider(actor: Actor, request: AccessRequest) -> None:
    actor.require("tools.decide_accessrequest")
    if actor.id == str(request.person_id):
        raise PermissionDenied("Nobody decides about their own request.")


def _open(request: AccessRequest) -> AccessRequest:
    current = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("profile", "person")
        .get(pk=request.pk)
    )
    if current.state != AccessRequest.State.OPEN:
        raise ValidationError(f"This request is {current.get_state_display()} already.")
    return current


def _close(actor: Actor, request: AccessRequest, state: AccessRequest.State, comment: str) -> None:
    request.state, request.comment = state, comment
    request.decided_at, request.decided_by = timezone.now(), actor.name
    request.save()


def _text(field: str, text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise ValidationError({field: f"Shorten it to {LONGEST_TEXT} characters."})
    return text
