from __future__ import annotations

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from audit.events import CALL_STARTS, OUTCOMES, Event


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
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["call_id"], name="audit_call", condition=Q(call_id__isnull=False)),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["tool_id", "-id"], name="audit_tool", condition=Q(tool_id__isnull=False)),
            models.Index(fields=["event", "-id"], name="audit_event"),
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
