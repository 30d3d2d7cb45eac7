from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from datetime import datetime


class User(AbstractUser):
    """A person. Signs in by user name; is named to upstreams by e-mail address."""

    email = models.EmailField("e-mail address")

    class Meta(AbstractUser.Meta):
        # Calls are attributed by address: two people with the same one could not be told apart.
        constraints = [models.UniqueConstraint(Lower("email"), name="clients_unique_email")]

    def clean(self) -> None:
        super().clean()
        # The constraint says the same, but of no field in particular.
        others = User.objects.filter(email__iexact=self.email).exclude(pk=self.pk)
        if self.email and others.exists():
            raise ValidationError({"email": "Somebody else has this address."})


class Client(models.Model):
    """One AI client connection."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", "personal"
        SHARED = "shared", "shared"
        SERVICE = "service", "service"
        EPHEMERAL = "ephemeral", "ephemeral"

    class State(models.TextChoices):
        ACTIVE = "active", "active"
        HIDDEN = "hidden", "hidden"
        CLOSED = "closed", "closed"
        DELETED = "deleted", "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSONAL)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="clients")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    software = models.CharField(
        max_length=120, blank=True, help_text="The program and version it says it is; not verified."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField("last used", null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("view",)
        permissions = [("close_client", "Can close a client and revoke its tokens")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it may be used. A hidden client is only out of sight."""
        return self.state in (self.State.ACTIVE, self.State.HIDDEN)


class Token(models.Model):
    """A personal access token. Its text is shown once and only its keyed hash is kept."""

    public_id = models.CharField(max_length=12, unique=True)
    hash = models.CharField(max_length=64)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField("expires")
    revoked_at = models.DateTimeField("revoked", null=True, blank=True)
    last_used_at = models.DateTimeField("last used", null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("add", "view")
        permissions = [("revoke_token", "Can revoke tokens")]

    def __str__(self) -> str:
        return f"pct_{self.public_id}_…"

    def is_valid(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired at that moment."""
        return self.revoked_at is None and self.expires_at > at
