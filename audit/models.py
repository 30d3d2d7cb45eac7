from __future__ import annotations

from itertools import pairwise
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from audit.events import CALL_STARTS, OUTCOMES, Event

#: Minutes in a year, and about ten years in days: longer is somebody's mistake.
LONGEST_INTERVAL = 366 * 24 * 60
MOST_DAYS = 3_660


class AppendOnlyError(TypeError):
    """Something tried to change or delete an audit row."""


class AuditRowQuerySet(models.QuerySet["AuditRow"]):
    """Reads only. The writing methods that could alter history raise."""

    def traffic_of(self, call_id: Any) -> AuditRowQuerySet:
        """Every row of one call, first to last."""
        return self.filter(call_id=call_id).order_by("pk")

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit rows are never changed or deleted.")

    update = delete = bulk_update = _refuse
    bulk_create = update_or_create = get_or_create = _refuse


class AuditRow(models.Model):
    """One thing that happened. Written by `audit.log` only, never changed.

    Actor and object are copied as text and linked loosely, so that a row outlives what it describes.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", "person"
        SYSTEM = "system", "system"
        ANONYMOUS = "anonymous", "anonymous"

    at = models.DateTimeField("when", db_index=True)
    event = models.CharField(max_length=40, choices=Event.choices)
    actor_kind = models.CharField("kind of actor", max_length=12, choices=ActorKind.choices)
    actor_id = models.CharField("actor id", max_length=40, blank=True)
    actor_name = models.CharField("person", max_length=254)
    object_type = models.CharField("kind of object", max_length=40, blank=True)
    object_id = models.CharField("object id", max_length=64, blank=True)
    object_name = models.CharField("object", max_length=254, blank=True)
    client_id = models.CharField("client id", max_length=40, blank=True)
    client_name = models.CharField("client", max_length=120, blank=True)
    server_id = models.BigIntegerField("server id", null=True)
    server_name = models.CharField("server", max_length=120, blank=True)
    tool_id = models.BigIntegerField("tool id", null=True)
    tool_name = models.CharField("tool", max_length=128, blank=True)
    call_id = models.UUIDField("call id", null=True)
    reason = models.CharField(
        max_length=64, blank=True, help_text="Why it was denied or failed, as a stable word."
    )
    latency_ms = models.FloatField("latency (ms)", null=True)
    source_address = models.GenericIPAddressField("source address", null=True)
    protocol_version = models.CharField("MCP version", max_length=20, blank=True)
    request_id = models.CharField("request id", max_length=32, blank=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = AuditRowQuerySet.as_manager()

    class Meta:
        verbose_name = "audit row"
        default_permissions = ("view",)
        permissions = [("view_arguments", "Can read the arguments of calls")]
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["call_id"], name="audit_call", condition=Q(call_id__isnull=False)),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["tool_id", "-id"], name="audit_tool", condition=Q(tool_id__isnull=False)),
            models.Index(fields=["event", "-id"], name="audit_event"),
            models.Index(
                fields=["server_id", "-id"], name="audit_server", condition=Q(server_id__isnull=False)
            ),
            # All that the start page counts by, so that a month of calls is counted in the index alone.
            models.Index(
                fields=["event", "at", "server_id", "tool_id", "reason", "latency_ms"], name="audit_traffic"
            ),
        ]
        constraints = [
            # The promise "one start and one outcome a call", held by the database itself.
            models.UniqueConstraint(
                fields=["call_id"],
                name="audit_one_start_per_call",
                condition=Q(event__in=[event.value for event in CALL_STARTS]),
            ),
            models.UniqueConstraint(
                fields=["call_id"],
                name="audit_one_outcome_per_call",
                condition=Q(event__in=[event.value for event in OUTCOMES]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} · {self.actor_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Audit rows are never changed.")
        Event(self.event)
        # Left to choose, Django would update the row that has this id already.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit rows are never deleted.")


class PolicyEpoch(models.Model):
    """A counter that moves with every change of the rules. One row; see `audit.governance`."""

    value = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "policy epoch"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.value)


def personal_clients_only() -> list[str]:
    """The kinds of AI clients that may connect until somebody allows more."""
    return ["personal"]


class PortalSettings(models.Model):
    """What is set for the whole portal. One row; read and changed through `audit.portal_settings`.

    It lives in the lowest room because every room asks it.
    """

    class ChangedDefinition(models.TextChoices):
        """What happens to an approved tool whose definition changes upstream."""

        BLOCK = "block", "refuse calls until it is reviewed again"
        SERVE_APPROVED = "serve_approved", "go on with the approved definition until it is reviewed again"
        ACCEPT = "accept", "approve the new definition at once, unless the change is severe"

    class Verbosity(models.TextChoices):
        """How much of a call's arguments the audit log keeps. Secrets are removed in every case."""

        NONE = "none", "nothing but a keyed digest"
        REDACTED = "redacted", "secrets removed, long values shortened"
        FULL = "full", "secrets removed, up to 100,000 characters"

    class DefaultAction(models.TextChoices):
        """The class of tools whose connector declares none. Its words are those of `tools.models.Action`."""

        READ = "read", "read"
        WRITE = "write", "write"
        DESTRUCTIVE = "destructive", "destructive"

    is_active = models.BooleanField(
        "AI access management",
        default=False,
        help_text="While it is off, every call is refused. Only a superuser can switch it on.",
    )
    requires_tool_approval = models.BooleanField(
        "require tool approval",
        default=True,
        help_text="New tools wait for review. A server may say otherwise.",
    )
    default_action = models.CharField(
        "default classification",
        max_length=12,
        choices=DefaultAction.choices,
        default=DefaultAction.DESTRUCTIVE,
        help_text="Taken for tools whose connector doesn't say what they do, from their next discovery on.",
    )
    changed_definition = models.CharField(
        "when a definition changes",
        max_length=15,
        choices=ChangedDefinition.choices,
        default=ChangedDefinition.BLOCK,
        help_text="For approved tools. A server or a tool may say otherwise.",
    )
    four_eyes = models.BooleanField(
        "four eyes",
        default=False,
        help_text="A severe change of a definition needs the approval of two reviewers.",
    )
    allowed_client_kinds = models.JSONField(
        "allowed kinds of clients",
        default=personal_clients_only,
        blank=True,
        help_text="Calls of other kinds are refused.",
    )
    client_hidden_days = models.PositiveIntegerField(
        "hide idle clients after (days)", default=1, help_text="0: never. The next call shows it again."
    )
    client_closed_days = models.PositiveIntegerField(
        "close idle clients after (days)", default=7, help_text="0: never. Its tokens are revoked."
    )
    client_deleted_days = models.PositiveIntegerField(
        "delete idle clients after (days)", default=90, help_text="0: never. The audit log keeps its calls."
    )
    argument_verbosity = models.CharField(
        "arguments in the audit log",
        max_length=10,
        choices=Verbosity.choices,
        default=Verbosity.REDACTED,
        help_text="Of calls from now on.",
    )
    discovery_interval_minutes = models.PositiveIntegerField(
        "discover tools every (minutes)",
        default=60,
        help_text="A server may have its own interval. It takes effect after each server's next sync.",
    )
    shows_requestable_tools = models.BooleanField(
        "offer what can be requested",
        default=False,
        help_text="A call of a tool that the person could request is answered with where to request it.",
    )
    key_age_days = models.PositiveIntegerField(
        "remind of keys after (days)", default=90, help_text="0: never. Keys older than this are due."
    )

    class Meta:
        verbose_name = verbose_name_plural = "settings"
        default_permissions = ("change", "view")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="audit_one_row_of_settings")]

    def __str__(self) -> str:
        return "Settings"

    def clean(self) -> None:
        problems = {}
        if not 1 <= (self.discovery_interval_minutes or 0) <= LONGEST_INTERVAL:
            problems["discovery_interval_minutes"] = (
                f"Use between 1 and {LONGEST_INTERVAL:,} minutes, a year."
            )
        thresholds = ("client_hidden_days", "client_closed_days", "client_deleted_days")
        for name in (*thresholds, "key_age_days"):
            if (getattr(self, name) or 0) > MOST_DAYS:
                problems[name] = f"Use at most {MOST_DAYS:,} days, or 0 for never."
        in_use = [
            (name, days) for name in thresholds if (days := getattr(self, name)) and name not in problems
        ]
        for (_, shorter), (name, longer) in pairwise(in_use):
            if shorter >= longer:
                days = "1 day" if shorter == 1 else f"{shorter} days"
                problems.setdefault(name, f"Use more than {days}: the step before comes first.")
        if problems:
            raise ValidationError(problems)
