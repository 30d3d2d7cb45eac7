"""Who may use which tools: toolsets, access profiles, grants, and requests for them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models import Server
from tools.models.tool import Action, Tool


class Toolset(models.Model):
    """A named group of tools, kept by hand or by a rule.

    A set by rule holds what was ever approved and fits its `rule`: for each of `servers` (ids), `domains`,
    `actions` and `risks` a list of the values that fit; an empty list, or none, lets any value fit.
    A rule in which all are empty holds nothing.
    """

    class Kind(models.TextChoices):
        CUSTOM = "custom", "chosen by hand"
        ALL_APPROVED = "all_approved", "all approved tools of a server"
        READ = "read", "approved read tools of a server"
        RULE = "rule", "chosen by a rule"

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.CUSTOM, editable=False)
    server = models.ForeignKey(
        Server, on_delete=models.CASCADE, null=True, blank=True, related_name="toolsets", editable=False
    )
    tools = models.ManyToManyField(Tool, blank=True, related_name="toolsets")
    rule = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["custom", "rule"], server__isnull=True)
                | Q(kind__in=["all_approved", "read"], server__isnull=False),
                name="tools_automatic_set_has_a_server",
            ),
            models.UniqueConstraint(
                fields=["server", "kind"],
                condition=Q(kind__in=["all_approved", "read"]),
                name="tools_one_automatic_set_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def keeps_itself(self) -> bool:
        """Whether it belongs to a server and nobody edits it."""
        return self.kind in (self.Kind.ALL_APPROVED, self.Kind.READ)


class AccessProfile(models.Model):
    """Toolsets, to be had by people through grants, and what of them may be used."""

    class Ceiling(models.TextChoices):
        """The most harmful action that a profile lets through."""

        READ = "read", "read only"
        READ_AND_WRITE = "read_and_write", "read and write"
        ALL = "all", "read, write and destroy"

        def admits(self, action: Action) -> bool:
            """Whether a tool that does this is within it."""
            return action.rank <= list(type(self)).index(self)

    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300, blank=True)
    toolsets = models.ManyToManyField(Toolset, blank=True, related_name="access_profiles")
    ceiling = models.CharField(
        max_length=15,
        choices=Ceiling.choices,
        default=Ceiling.ALL,
        help_text="Whatever its toolsets hold, tools that do more are refused.",
    )
    allows_dangerous = models.BooleanField(
        "dangerous tools too",
        default=False,
        help_text="Tools that a reviewer marked as dangerous are refused without it.",
    )
    is_published = models.BooleanField(
        "published", default=False, help_text="People see it under My access and can request it."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ArgumentLimit(models.Model):
    """What a profile lets through of one tool's arguments: a JSON Schema that they must fit as well."""

    profile = models.ForeignKey(AccessProfile, on_delete=models.CASCADE, related_name="argument_limits")
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="argument_limits")
    schema = models.JSONField(help_text="JSON Schema 2020-12 of the whole arguments object.")

    class Meta:
        ordering = ["tool__client_name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["profile", "tool"], name="tools_one_limit_per_profile_and_tool")
        ]

    def __str__(self) -> str:
        return f"{self.profile} limits {self.tool}"


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


class AccessRequest(models.Model):
    """One person asking for one published profile, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", "waits for a decision"
        APPROVED = "approved", "approved"
        REFUSED = "refused", "refused"
        WITHDRAWN = "withdrawn", "withdrawn"

    profile = models.ForeignKey(AccessProfile, on_delete=models.CASCADE, related_name="access_requests")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_requests"
    )
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField("asked", default=timezone.now)
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.CharField(max_length=254, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    grant = models.ForeignKey(Grant, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("decide_accessrequest", "Can approve and refuse requests for access")]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "person"],
                condition=Q(state="open"),
                name="tools_one_open_request_per_profile",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} asks for {self.profile}"
