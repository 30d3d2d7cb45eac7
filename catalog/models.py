from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit import portal_settings
from audit.models import LONGEST_INTERVAL, PortalSettings
from catalog.connectors.base import Probe
from catalog.connectors.registry import connector_for
from catalog.fields import SecretTextField
from catalog.outbound import origin_of

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.connectors.base import Connector


prefix_validator = RegexValidator(
    r"^[a-zA-Z][a-zA-Z0-9-]{0,15}\Z",
    "Use 1 to 16 letters, digits and hyphens, beginning with a letter: every tool's name starts with it.",
)


class CatalogEntry(models.Model):
    """What an admin decided about a connector in "Add server". Without a row, it is offered."""

    connector_key = models.CharField("connector", max_length=40, primary_key=True)
    is_visible = models.BooleanField("offered", default=True)

    class Meta:
        verbose_name_plural = "catalog entries"
        default_permissions = ("change", "view")

    def __str__(self) -> str:
        return self.connector_key


class ServerQuerySet(models.QuerySet["Server"]):
    def due_for_sync(self, at: datetime) -> ServerQuerySet:
        """Active servers whose own interval has passed."""
        return self.filter(state=Server.State.ACTIVE, next_sync_at__lte=at)


class Server(models.Model):
    """One registered upstream: a connector, where it is, and how it is treated."""

    class State(models.TextChoices):
        ACTIVE = "active", "active"
        PAUSED = "paused", "paused"

    class Approval(models.TextChoices):
        INHERIT = "inherit", "as in the settings"
        REQUIRED = "required", "new tools wait for review"
        NOT_REQUIRED = "not_required", "new tools are approved at once"

    class Sensitivity(models.TextChoices):
        """How much harm a mistake behind this server does. It orders and marks; it decides nothing."""

        LOW = "low", "low"
        NORMAL = "normal", "normal"
        HIGH = "high", "high"

    name = models.CharField(max_length=80, unique=True)
    connector_key = models.CharField("connector", max_length=40, editable=False)
    prefix = models.CharField(
        max_length=16,
        unique=True,
        validators=[prefix_validator],
        help_text="Every tool's name begins with it, as in opsgenie_list_alerts. It can't be changed later.",
    )
    region = models.CharField(max_length=20)
    base_url = models.URLField("base URL", max_length=300)
    authentication_method = models.CharField("authentication", max_length=20)
    header_name = models.CharField(max_length=60)
    value_prefix = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE, editable=False)
    tool_approval = models.CharField(
        "tool approval", max_length=15, choices=Approval.choices, default=Approval.INHERIT
    )
    changed_definition = models.CharField(
        "when a definition changes",
        max_length=15,
        choices=[("", "as in the settings"), *PortalSettings.ChangedDefinition.choices],
        default="",
        blank=True,
    )
    sensitivity = models.CharField(
        max_length=10,
        choices=Sensitivity.choices,
        default=Sensitivity.NORMAL,
        help_text="Marks the server wherever it is listed, so that reviewers know what they decide about.",
    )
    optional_domains = models.JSONField(
        "further domains",
        default=list,
        blank=True,
        help_text="Groups of tools beyond the core ones. Switched off again, their tools are removed.",
    )
    names_people = models.BooleanField(
        "name people to the upstream",
        default=True,
        help_text="Send the e-mail address of the person behind a call, and the call id, where the upstream "
        "has a field for who acted.",
    )
    sync_interval_minutes = models.PositiveIntegerField(
        "sync every (minutes)",
        null=True,
        blank=True,
        help_text="How often its tools are discovered again. Empty: as in the settings.",
    )
    next_sync_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ServerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("sync_server", "Can start a sync of a server")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        minutes = self.sync_interval_minutes
        if minutes is not None and not 1 <= minutes <= LONGEST_INTERVAL:
            raise ValidationError(
                {"sync_interval_minutes": f"Use between 1 and {LONGEST_INTERVAL:,} minutes, a year."}
            )

    @property
    def connector(self) -> Connector:
        return connector_for(self.connector_key)

    @property
    def origin(self) -> str:
        """`scheme://host:port`: what a credential is bound to."""
        return origin_of(self.base_url)

    @property
    def requires_tool_approval(self) -> bool:
        """Whether a newly discovered tool waits for a person."""
        if self.tool_approval == self.Approval.INHERIT:
            return portal_settings.current().requires_tool_approval
        return self.tool_approval == self.Approval.REQUIRED

    def schedule_next_sync(self, now: datetime) -> None:
        """Move the due time on; the caller saves `next_sync_at`."""
        minutes = self.sync_interval_minutes or portal_settings.current().discovery_interval_minutes
        self.next_sync_at = now + timedelta(minutes=minutes)


class Credential(models.Model):
    """A secret for one slot of one server. Its text is write-only; see `catalog.credentials`."""

    class State(models.TextChoices):
        STAGED = "staged", "staged"
        ACTIVE = "active", "active"
        RETIRING = "retiring", "retiring"
        REVOKED = "revoked", "revoked"

    # A UUID, because the id is part of what is encrypted and so must exist before the row does.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="credentials")
    slot = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices)
    # Erased when it is revoked.
    secret = SecretTextField(editable=False, null=True)
    last_four = models.CharField("ends in", max_length=4)
    fingerprint = models.CharField(
        max_length=16, help_text="Two credentials with the same text have the same fingerprint here."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=254)
    activated_at = models.DateTimeField("in use since", null=True, blank=True, editable=False)
    retires_at = models.DateTimeField(
        "kept until", null=True, blank=True, editable=False,
        help_text="Until then a replaced key can be taken back into use; afterwards it is revoked.",
    )  # fmt: skip
    ended_at = models.DateTimeField("revoked", null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    probed_at = models.DateTimeField("tested", null=True, blank=True, editable=False)
    probe_result = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("view",)
        permissions = [("rotate_credential", "Can store, test and revoke credentials")]
        constraints = [
            models.UniqueConstraint(
                fields=["server", "slot"],
                condition=Q(state="active"),
                name="catalog_one_active_credential_per_slot",
            ),
            models.UniqueConstraint(
                fields=["server", "slot"],
                condition=Q(state="staged"),
                name="catalog_one_staged_credential_per_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} …{self.last_four}"

    @property
    def probe(self) -> Probe | None:
        """What its last test found, None when it was never tested."""
        return Probe.from_json(self.probe_result) if self.probe_result else None

    def binding(self) -> dict[str, str]:
        """What its secret is tied to: this row, its server, and the address it may be sent to."""
        return {
            "credential": str(self.pk),
            "server": str(self.server_id),
            "origin": self.server.origin,
            "slot": self.slot,
        }


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def open(self) -> SyncRunQuerySet:
        """Runs that have not ended."""
        return self.filter(state__in=(SyncRun.State.QUEUED, SyncRun.State.RUNNING))


class SyncRun(models.Model):
    """One attempt to discover a server's tools."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "succeeded"
        FAILED = "failed", "failed"

    class Trigger(models.TextChoices):
        REGISTRATION = "registration", "registration"
        SCHEDULE = "schedule", "schedule"
        MANUAL = "manual", "by hand"
        CHANGE = "change", "changed settings"

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="sync_runs")
    trigger = models.CharField(max_length=15, choices=Trigger.choices)
    requested_by = models.CharField(max_length=254)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField("queued", default=timezone.now)
    started_at = models.DateTimeField("started", null=True, blank=True)
    finished_at = models.DateTimeField("finished", null=True, blank=True)
    found = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField("new", default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            # A second press of "Sync now" joins the sync under way instead of racing it.
            models.UniqueConstraint(
                fields=["server"],
                condition=Q(state__in=["queued", "running"]),
                name="catalog_one_open_sync_per_server",
            )
        ]

    def __str__(self) -> str:
        return f"Sync of {self.server} ({self.get_state_display()})"
