"""The life of a credential: staged, active, retiring, revoked. The only writer of its state.

A slot has at most one staged and one active credential. A replaced key is kept for an overlap, so that it
can be taken back into use, and is then revoked; a revoked credential's secret is erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.keyed_hash import keyed_hash
from catalog.credentials import check_secret_text
from catalog.fields import Secret
from catalog.models import Credential, Server

LONGEST_OVERLAP = timedelta(days=30)
LONGEST_REASON = 300
State = Credential.State


def store(*, actor: Actor, server: Server, slot: str, text: str) -> Credential:
    """Store a new secret for a slot and use it from now on; an older one there is revoked at once.

    For a server's first key, and for one that must be replaced without ado. Raises PermissionDenied without
    `catalog.rotate_credential`, ValidationError for a bad slot or text.
    """
    actor.require("catalog.rotate_credential")
    with governed():
        for older in _locked(server, slot, State.ACTIVE):
            _revoke(actor, older)
        credential = _new(actor, server, slot, text, State.ACTIVE)
        log.record(Event.CREDENTIAL_STORED, actor=actor, subject=credential, after=_snapshot(credential))
    return credential


def stage(*, actor: Actor, server: Server, slot: str, text: str) -> Credential:
    """Store a new secret beside the one in use; one staged before is revoked. Raises as `store` does."""
    actor.require("catalog.rotate_credential")
    with governed():
        for older in _locked(server, slot, State.STAGED):
            _revoke(actor, older)
        credential = _new(actor, server, slot, text, State.STAGED)
        log.record(Event.CREDENTIAL_STAGED, actor=actor, subject=credential, after=_snapshot(credential))
    return credential


def activate(
    *, actor: Actor, credential: Credential, overlap: timedelta, override_reason: str = ""
) -> Credential:
    """Use a staged credential from now on, and keep the one it replaces for `overlap` (zero: not at all).

    Raises PermissionDenied without `catalog.rotate_credential`; ValidationError when it is not staged any
    more, for an overlap that can't be, or when it was not tested with success and no `override_reason` says
    why it is activated all the same.
    """
    actor.require("catalog.rotate_credential")
    override_reason = override_reason.strip()
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise ValidationError({"overlap": f"Keep the old key for at most {LONGEST_OVERLAP.days} days."})
    if len(override_reason) > LONGEST_REASON:
        raise ValidationError({"override_reason": f"Shorten it to {LONGEST_REASON} characters."})
    with governed():
        current = _expect(credential, State.STAGED)
        problem = untested_or_refused(current)
        if problem and not override_reason:
            raise ValidationError(f"{problem} Test it with success first, or say why it is activated anyway.")
        now = timezone.now()
        for replaced in _locked(current.server, current.slot, State.ACTIVE):
            _retire(actor, replaced, now + overlap)
        detail = {"override_reason": override_reason, "problem": problem} if problem else {}
        _put_to_use(actor, current, now, detail)
    return current


def take_back(*, actor: Actor, credential: Credential) -> Credential:
    """Use a retiring credential again; the one that replaced it takes its place and its time.

    Raises PermissionDenied without `catalog.rotate_credential`, ValidationError when its overlap is over.
    """
    actor.require("catalog.rotate_credential")
    with governed():
        current = _expect(credential, State.RETIRING)
        now = timezone.now()
        if current.retires_at is None or current.retires_at <= now:
            raise ValidationError("Its overlap is over. Stage the key again.")
        for replaced in _locked(current.server, current.slot, State.ACTIVE):
            _retire(actor, replaced, current.retires_at)
        _put_to_use(actor, current, now, {"taken_back": True})
    return current


def revoke(*, actor: Actor, credential: Credential) -> None:
    """End a credential and erase its secret. Raises ValidationError when it was revoked before."""
    actor.require("catalog.rotate_credential")
    with governed():
        current = Credential.objects.select_for_update().select_related("server").get(pk=credential.pk)
        if current.state == State.REVOKED:
            raise ValidationError("This credential is revoked already.")
        _revoke(actor, current)


def end_overlaps(*, actor: Actor) -> list[Credential]:
    """Revoke the retiring credentials whose time is over."""
    due = Credential.objects.filter(state=State.RETIRING, retires_at__lte=timezone.now())
    # Without any, no lock is taken: this runs every minute.
    if not due.exists():
        return []
    with governed():
        ended = list(due.select_for_update(of=("self",)).select_related("server"))
        for credential in ended:
            _revoke(actor, credential)
    return ended


def untested_or_refused(credential: Credential) -> str:
    """Why nobody should rely on this credential yet, as a sentence; empty when its test went well."""
    probe = credential.probe
    if probe is None:
        return "The key was not tested."
    return f"The test of the key failed: {probe.problem}" if probe.problem else ""


def _new(actor: Actor, server: Server, slot: str, text: str, state: Credential.State) -> Credential:
    text = check_secret_text(text)
    if slot not in {known.key for known in server.connector.slots}:
        raise ValidationError({"slot": f"{server.connector.label} has no slot {slot!r}."})
    credential = Credential(
        server=server,
        slot=slot,
        state=state,
        activated_at=timezone.now() if state == State.ACTIVE else None,
        last_four=text[-4:] if len(text) >= 16 else "",
        fingerprint=keyed_hash("credential", text)[:16],
        created_by=actor.name,
    )
    secret: Any = Secret.new(text, binding=credential.binding())
    credential.secret = secret
    credential.save(force_insert=True)
    return credential


def _locked(server: Server, slot: str, state: Credential.State) -> Iterable[Credential]:
    return Credential.objects.select_for_update().filter(server=server, slot=slot, state=state)


def _expect(credential: Credential, state: Credential.State) -> Credential:
    current = Credential.objects.select_for_update().select_related("server").get(pk=credential.pk)
    if current.state != state:
        raise ValidationError(f"This credential is {current.get_state_display()}, not {state.label}.")
    return current


def _put_to_use(actor: Actor, credential: Credential, now: datetime, detail: dict[str, Any]) -> None:
    before = _snapshot(credential)
    credential.state, credential.activated_at, credential.retires_at = State.ACTIVE, now, None
    credential.save(update_fields=["state", "activated_at", "retires_at"])
    log.record(
        Event.CREDENTIAL_ACTIVATED,
        actor=actor,
        subject=credential,
        before=before,
        after=_snapshot(credential),
        detail=detail,
    )


def _retire(actor: Actor, credential: Credential, until: datetime) -> None:
    if until <= timezone.now():
        _revoke(actor, credential)
        return
    before = _snapshot(credential)
    credential.state, credential.retires_at = State.RETIRING, until
    credential.save(update_fields=["state", "retires_at"])
    log.record(
        Event.CREDENTIAL_RETIRED, actor=actor, subject=credential, before=before, after=_snapshot(credential)
    )


def _revoke(actor: Actor, credential: Credential) -> None:
    before = _snapshot(credential)
    credential.state, credential.ended_at = State.REVOKED, timezone.now()
    nothing: Any = None
    credential.secret = nothing
    credential.save(update_fields=["state", "ended_at", "secret"])
    log.record(
        Event.CREDENTIAL_REVOKED, actor=actor, subject=credential, before=before, after=_snapshot(credential)
    )


def _snapshot(credential: Credential) -> dict[str, Any]:
    return {
        "slot": credential.slot,
        "state": credential.state,
        "last_four": credential.last_four,
        "fingerprint": credential.fingerprint,
        "kept_until": credential.retires_at,
    }
