from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import log
from audit.actor import Actor
from audit.events import Event
from catalog import credentials
from catalog.models import Credential

ACTOR = Actor.system("rotate_encryption")
REPORT_EVERY = 100


class Command(BaseCommand):
    """Run after putting a new key in front in PORTCULLIS_FERNET_KEYS, before taking an old one away."""

    help = "Encrypt every stored secret anew under the first encryption key. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        # Ids first: one row at a time is locked, so that calls go on meanwhile.
        ids = list(
            Credential.objects.filter(secret__isnull=False).order_by("pk").values_list("pk", flat=True)
        )
        unreadable = []
        for number, credential_id in enumerate(ids, start=1):
            credential = Credential.objects.filter(pk=credential_id).first()
            if credential is not None and not credentials.reencrypt(actor=ACTOR, credential=credential):
                unreadable.append(str(credential_id))
            if number % REPORT_EVERY == 0 or number == len(ids):
                self.stdout.write(f"{number} of {len(ids)} secrets done")
        renewed = len(ids) - len(unreadable)
        log.record(
            Event.ENCRYPTION_ROTATED,
            actor=ACTOR,
            detail={"renewed": renewed, "unreadable": unreadable},
        )
        if unreadable:
            raise CommandError(
                f"No configured key opens {len(unreadable)} of {len(ids)} secrets: {', '.join(unreadable)}. "
                "Put the key they were stored under back in PORTCULLIS_FERNET_KEYS, or store them again."
            )
        self.stdout.write(f"All {renewed} secrets are under the newest key.")
