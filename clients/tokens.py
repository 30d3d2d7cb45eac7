"""Issuing, recognising and revoking personal access tokens, and closing the clients that hold them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.keyed_hash import keyed_hash, matches
from audit.models import AuditRow
from clients.models import Client, Token, User
from clients.token_text import new_token_text, public_id_of

LONGEST_LIFE = timedelta(days=366)
_PURPOSE = "token"


def issue(*, actor: Actor, owner: User, client_name: str, expires_at: datetime) -> tuple[Token, str]:
    """A new personal client of `owner` with one token. The second value is the token text: show it once.

    Raises PermissionDenied without `clients.add_token`, ValidationError for an expiry that is past or more
    than a year away, or for an inactive owner.
    """
    actor.require("clients.add_token")
    now = timezone.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise ValidationError({"expires_at": "Choose a moment between now and a year from now."})
    if not owner.is_active:
        raise ValidationError({"owner": f"{owner} is inactive. Activate the account first."})
    client = Client(name=client_name.strip(), owner=owner)
    client.full_clean()
    public_id, text = new_token_text()
    with governed():
        client.save(force_insert=True)
        log.record(
            Event.CLIENT_CREATED,
            actor=actor,
            subject=client,
            after={"kind": client.kind, "owner": owner.get_username()},
        )
        token = Token.objects.create(
            public_id=public_id,
            hash=keyed_hash(_PURPOSE, text),
            client=client,
            created_by=actor.name,
            expires_at=expires_at,
        )
        log.record(
            Event.TOKEN_ISSUED,
            actor=actor,
            subject=token,
            after={"owner": owner.get_username(), "expires_at": expires_at},
            detail={"client": str(client)},
        )
    return token, text


def find(text: str) -> Token | None:
    """The stored token with this text, with its client and owner; valid or not. None when there is none."""
    public_id = public_id_of(text)
    if public_id is None:
        return None
    token = Token.objects.select_related("client__owner").filter(public_id=public_id).first()
    if token is None or not matches(_PURPOSE, text, token.hash):
        return None
    return token


def revoke(*, actor: Actor, token: Token) -> None:
    """End a token now. Raises ValidationError when it was revoked before."""
    actor.require("clients.revoke_token")
    with governed():
        now = timezone.now()
        if not Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            raise ValidationError(f"{token} was already revoked.")
        token.revoked_at = now
        log.record(Event.TOKEN_REVOKED, actor=actor, subject=token, after={"revoked_at": now})


def close_client(*, actor: Actor, client: Client) -> None:
    """Close a client for good and revoke its tokens. Raises ValidationError when it isn't open."""
    actor.require("clients.close_client")
    with governed():
        _close(actor, client)


def close_own_client(*, actor: Actor, client: Client) -> None:
    """Close a client of one's own, for which nobody needs a permission.

    Raises PermissionDenied for anybody but its owner, and an owner who is inactive; else as `close_client`.
    """
    with governed():
        # What is stored counts, not what the objects at hand say.
        own = Client.objects.filter(pk=client.pk, owner__is_active=True).values_list("owner_id", flat=True)
        if actor.kind != AuditRow.ActorKind.PERSON or [str(pk) for pk in own] != [actor.id]:
            raise PermissionDenied(f"{actor.name} may close connections of their own only.")
        _close(actor, client)


def _close(actor: Actor, client: Client) -> None:
    """Close a client and revoke its tokens. Inside `governed()`."""
    open_states = (Client.State.ACTIVE, Client.State.HIDDEN)
    if not Client.objects.filter(pk=client.pk, state__in=open_states).update(state=Client.State.CLOSED):
        raise ValidationError(f"{client} is not open.")
    before = {"state": client.state}
    client.state = Client.State.CLOSED
    log.record(Event.CLIENT_CLOSED, actor=actor, subject=client, before=before, after={"state": client.state})
    now = timezone.now()
    for token in Token.objects.filter(client=client, revoked_at__isnull=True):
        Token.objects.filter(pk=token.pk).update(revoked_at=now)
        log.record(Event.TOKEN_REVOKED, actor=actor, subject=token, after={"revoked_at": now})


def note_use(token: Token, *, software: str = "") -> None:
    """Remember that a token was used, at most once a minute, and by which program."""
    now = timezone.now()
    minute_ago = now - timedelta(minutes=1)
    if token.last_used_at is None or token.last_used_at <= minute_ago:
        unused = Q(last_used_at__isnull=True) | Q(last_used_at__lte=minute_ago)
        Token.objects.filter(unused, pk=token.pk).update(last_used_at=now)
        Client.objects.filter(unused, pk=token.client_id).update(last_used_at=now)
    if software and software != token.client.software:
        Client.objects.filter(pk=token.client_id).update(software=software[:120])
