"""Opening stored secrets. The only reader of them; what state a credential is in is `catalog.rotation`'s."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from catalog.connectors.base import Target
from catalog.fields import Secret, SecretUnreadable
from catalog.models import Credential, Server

LONGEST_SECRET = 4_096
_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")


class CredentialMissing(Exception):
    """No active credential of the server may carry this tool."""


def check_secret_text(text: str) -> str:
    """The text without surrounding white space. Raises ValidationError if no header could carry it."""
    text = text.strip()
    if not text:
        raise ValidationError("Paste the API key.")
    if len(text) > LONGEST_SECRET:
        raise ValidationError(f"The key is longer than {LONGEST_SECRET:,} characters. Paste the key alone.")
    if not _PRINTABLE.match(text):
        raise ValidationError("The key holds spaces or characters that no key has. Paste the key alone.")
    return text


def target_for(server: Server, tool_name: str | None = None) -> tuple[Target, Credential]:
    """Where to send a tool's call and the credential that carries it; without a tool, any credential's.

    Raises CredentialMissing when no slot of the tool's has one, SecretUnreadable when it can't be opened.
    """
    active = {
        credential.slot: credential
        for credential in server.credentials.filter(state=Credential.State.ACTIVE).select_related("server")
    }
    connector = server.connector
    slots = connector.slots_for(tool_name) if tool_name else [slot.key for slot in connector.slots]
    for slot in slots:
        if credential := active.get(slot):
            return open_target(server, credential), credential
    raise CredentialMissing(f"{server} has no active credential for {tool_name or 'discovery'}.")


def reencrypt(*, actor: Actor, credential: Credential) -> bool:
    """Encrypt a stored secret anew, under the first of the encryption keys; False when no key opens it.

    The text and what it is bound to stay the same, and nothing shows it on the way. A revoked credential has
    no secret any more.
    """
    actor.require("catalog.rotate_credential")
    with transaction.atomic():
        current = Credential.objects.select_for_update().select_related("server").get(pk=credential.pk)
        secret: Any = current.secret
        if secret is None:
            return True
        try:
            renewed: Any = secret.renewed()
        except SecretUnreadable:
            return False
        current.secret = renewed
        current.save(update_fields=["secret"])
    return True


def note_use(credential: Credential) -> None:
    """Remember that it was used, to the minute: a write at every call would cost more than it tells."""
    now = timezone.now()
    minute_ago = now - timedelta(minutes=1)
    if credential.last_used_at is not None and credential.last_used_at > minute_ago:
        return
    Credential.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=minute_ago), pk=credential.pk
    ).update(last_used_at=now)


def open_target(server: Server, credential: Credential) -> Target:
    """Where this very credential may be sent. Raises SecretUnreadable."""
    if not isinstance(credential.secret, Secret):
        raise SecretUnreadable("The credential has no stored secret.")
    text = credential.secret.reveal(binding=credential.binding())
    return Target(
        base_url=server.base_url.rstrip("/"),
        headers={server.header_name: f"{server.value_prefix}{text}"},
        slot=credential.slot,
    )
