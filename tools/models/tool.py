"""Tools, their definitions, and what was decided about them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit import portal_settings
from audit.models import PortalSettings
from catalog.connectors.base import Action as ConnectorAction
from catalog.models import Server, SyncRun


class Action(models.TextChoices):
    """What a tool does upstream; the connector says it first."""

    READ = ConnectorAction.READ.value, "read"
    WRITE = ConnectorAction.WRITE.value, "write"
    DESTRUCTIVE = ConnectorAction.DESTRUCTIVE.value, "destructive"

    @property
    def rank(self) -> int:
        """Its place from harmless to harmful: 0, 1, 2."""
        return list(Action).index(self)


class Risk(models.TextChoices):
    """How much a reviewer worries about a tool."""

    NORMAL = "normal", "normal"
    SENSITIVE = "sensitive", "sensitive"
    DANGEROUS = "dangerous", "dangerous"


class Tool(models.Model):
    """One capability of a server. Its state is written by `tools.review` and `tools.discovery` only."""

    class State(models.TextChoices):
        PENDING = "pending", "pending review"
        APPROVED = "approved", "approved"
        CHANGED = "changed", "changed"
        DISABLED = "disabled", "disabled"
        REMOVED = "removed", "removed"

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="tools")
    name = models.CharField("upstream name", max_length=128)
    client_name = models.CharField("name", max_length=48, unique=True, help_text="What AI clients see.")
    domain = models.CharField(max_length=40)
    action = models.CharField("discovered action", max_length=12, choices=Action.choices)
    tightened_action = models.CharField(
        "tightened to",
        max_length=12,
        choices=[("", "as discovered"), *Action.choices],
        blank=True,
        default="",
        help_text="A reviewer's stricter word for what it does; it can't make a tool look more harmless.",
    )
    changed_definition = models.CharField(
        "when its definition changes",
        max_length=15,
        choices=[("", "as on its server"), *PortalSettings.ChangedDefinition.choices],
        default="",
        blank=True,
    )
    risk = models.CharField(max_length=10, choices=Risk.choices, default=Risk.NORMAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    discovered_revision = models.ForeignKey(
        "ToolRevision", on_delete=models.RESTRICT, null=True, related_name="+", editable=False
    )
    approved_revision = models.ForeignKey(
        "ToolRevision", on_delete=models.RESTRICT, null=True, related_name="+", editable=False
    )
    approval_expires_at = models.DateTimeField("approved until", null=True, blank=True, editable=False)
    first_seen_at = models.DateTimeField("first seen", default=timezone.now)
    state_since = models.DateTimeField("in this state since", default=timezone.now)

    class Meta:
        ordering = ["client_name"]
        default_permissions = ("view",)
        permissions = [
            ("review_tool", "Can approve, classify and disable tools"),
            ("review_assigned_tool", "Can approve, classify and disable tools of servers assigned to them"),
            ("assign_reviewer", "Can say who reviews the tools of a server"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["server", "name"], name="tools_one_tool_per_upstream_name"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_revision__isnull=False),
                name="tools_approved_has_a_revision",
            ),
        ]

    def __str__(self) -> str:
        return self.client_name

    @property
    def effective_action(self) -> Action:
        """What it does as far as access goes: of the served definition's word and a reviewer's, the stricter.

        Without an approved revision it is the discovered definition that counts: nothing is served yet.
        """
        served = self.approved_revision.definition["action"] if self.approved_revision else self.action
        return max(Action(served), Action(self.tightened_action or served), key=lambda action: action.rank)

    def on_changed_definition(self, settings: PortalSettings | None = None) -> str:
        """What a changed definition does to it: its own word, else its server's, else the settings'."""
        return (
            self.changed_definition
            or self.server.changed_definition
            or (settings or portal_settings.current()).changed_definition
        )

    def approval_has_expired(self, at: datetime) -> bool:
        """Whether it was approved for a time that has passed."""
        return self.approval_expires_at is not None and self.approval_expires_at <= at


class ToolRevision(models.Model):
    """One immutable definition of a tool: everything a model can read, and the request it maps to."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="revisions")
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    sync_run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["tool", "digest"], name="tools_one_revision_per_digest")
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.digest[:12]}"


class Review(models.Model):
    """One decision of one person about one tool."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "approved"
        ENDORSE = "endorse", "approved as the first of two"
        DISABLE = "disable", "disabled"
        CLASSIFY = "classify", "classified"
        UNDO = "undo", "undone"

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="reviews")
    revision = models.ForeignKey(ToolRevision, on_delete=models.RESTRICT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    from_state = models.CharField(max_length=10, choices=Tool.State.choices)
    reviewer = models.CharField(max_length=254)
    reviewer_id = models.CharField(max_length=40, blank=True)
    comment = models.TextField(max_length=2_000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    batch = models.UUIDField(default=uuid.uuid4, help_text="The same for decisions taken together.")
    before = models.JSONField(default=dict, help_text="What an undo brings back.")

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.tool} {self.get_decision_display()} by {self.reviewer}"


class ReviewAssignment(models.Model):
    """One person who reviews the tools of one server."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="review_assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_assignments"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["server", "pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["server", "reviewer"], name="tools_one_assignment_per_reviewer")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} reviews {self.server}"
