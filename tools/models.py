from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.connectors.base import Action as ConnectorAction
from catalog.models import Server, SyncRun


class Action(models.TextChoices):
    """What a tool does upstream; the connector says it first."""

    READ = ConnectorAction.READ.value, "read"
    WRITE = ConnectorAction.WRITE.value, "write"
    DESTRUCTIVE = ConnectorAction.DESTRUCTIVE.value, "destructive"


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
    action = models.CharField(max_length=12, choices=Action.choices)
    risk = models.CharField(max_length=10, choices=Risk.choices, default=Risk.NORMAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    discovered_revision = models.ForeignKey(
        "ToolRevision", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    approved_revision = models.ForeignKey(
        "ToolRevision", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    first_seen_at = models.DateTimeField("first seen", default=timezone.now)
    state_since = models.DateTimeField("in this state since", default=timezone.now)

    class Meta:
        ordering = ["client_name"]
        default_permissions = ("view",)
        permissions = [("review_tool", "Can approve and disable tools")]
        constraints = [
            models.UniqueConstraint(fields=["server", "name"], name="tools_one_tool_per_upstream_name"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_revision__isnull=False),
                name="tools_approved_has_a_revision",
            ),
        ]

    def __str__(self) -> str:
        return self.client_name


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
        DISABLE = "disable", "disabled"

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="reviews")
    revision = models.ForeignKey(ToolRevision, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    from_state = models.CharField(max_length=10, choices=Tool.State.choices)
    reviewer = models.CharField(max_length=254)
    comment = models.TextField(max_length=2_000, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.tool} {self.get_decision_display()} by {self.reviewer}"


class Toolset(models.Model):
    """A named group of tools, kept by hand or by a rule."""

    class Kind(models.TextChoices):
        CUSTOM = "custom", "chosen by hand"
        ALL_APPROVED = "all_approved", "all approved tools of a server"
        READ = "read", "approved read tools of a server"

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.CUSTOM, editable=False)
    server = models.ForeignKey(
        Server, on_delete=models.CASCADE, null=True, blank=True, related_name="toolsets", editable=False
    )
    tools = models.ManyToManyField(Tool, blank=True, related_name="toolsets")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="custom", server__isnull=True)
                | (~Q(kind="custom") & Q(server__isnull=False)),
                name="tools_automatic_set_has_a_server",
            ),
            models.UniqueConstraint(
                fields=["server", "kind"], condition=~Q(kind="custom"), name="tools_one_automatic_set_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessProfile(models.Model):
    """Toolsets, to be had by people through grants."""

    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300, blank=True)
    toolsets = models.ManyToManyField(Toolset, blank=True, related_name="access_profiles")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GrantQuerySet(models.QuerySet["Grant"]):
    def of_person(self, user_id: int) -> GrantQuerySet:
        """Grants to this person, or to a group they are in, whenever they apply."""
        groups = Group.objects.filter(user=user_id).values("pk")
        return self.filter(Q(user_id=user_id) | Q(group__in=groups))

    def has_begun(self, at: datetime) -> GrantQuerySet:
        """Grants that apply at this moment or applied before."""
        return self.filter(starts_at__lte=at)


class Grant(models.Model):
    """One person, or one group, holding one profile for a time."""

    profile = models.ForeignKey(AccessProfile, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="grants",
        verbose_name="person",
    )  # fmt: skip
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    starts_at = models.DateTimeField("from", default=timezone.now)
    ends_at = models.DateTimeField("until", null=True, blank=True, help_text="Empty: until it is ended.")
    reason = models.CharField(max_length=300)
    approver = models.CharField(max_length=254, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("add", "view")
        permissions = [("end_grant", "Can end grants")]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True)
                | Q(user__isnull=True, group__isnull=False),
                name="tools_grant_to_a_person_or_a_group",
                violation_error_message="Choose a person or a group, one of the two.",
            ),
            # Equal for one that was ended before it began: it applies at no moment.
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="tools_grant_does_not_end_before_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} for {self.user or self.group}"

    def clean(self) -> None:
        if self.ends_at is not None and self.starts_at is not None and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "The end must come after the start."})

    def is_live(self, at: datetime) -> bool:
        """Whether it applies at this moment."""
        return self.starts_at <= at and (self.ends_at is None or self.ends_at > at)
