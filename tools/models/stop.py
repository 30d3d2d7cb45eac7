"""Kill switches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import Server
from clients.models import Client
from tools.models.tool import Tool

_TARGETS_EMPTY = {f"{name}__isnull": True for name in ("server", "tool", "client", "person")}


def _without(name: str) -> dict[str, bool]:
    """The condition that no target but this one is set."""
    return {field: empty for field, empty in _TARGETS_EMPTY.items() if field != f"{name}__isnull"}


class StopQuerySet(models.QuerySet["Stop"]):
    def in_force(self, at: datetime) -> StopQuerySet:
        """Stops that refuse calls at this moment, or that would if they were no drills."""
        return self.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at, lifted_at__isnull=True
        )


class Stop(models.Model):
    """A kill switch. Set and lifted by `tools.stops`; ends by the clock without anybody's help."""

    class Level(models.TextChoices):
        GATEWAY = "gateway", "the whole gateway"
        SERVER = "server", "a server"
        TOOL = "tool", "a tool"
        CLIENT = "client", "a client"
        PERSON = "person", "a person"

    level = models.CharField(max_length=10, choices=Level.choices)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="stops"
    )
    reason = models.CharField(
        max_length=300, help_text="Shown to everybody whose call is refused, and told to their AI client."
    )
    is_drill = models.BooleanField(
        "drill", default=False, help_text="Refuses nothing; calls it would have refused are recorded as such."
    )
    starts_at = models.DateTimeField("since", default=timezone.now, editable=False)
    ends_at = models.DateTimeField("until", null=True, blank=True, help_text="Empty: until it is lifted.")
    set_by = models.CharField(max_length=254, editable=False)
    effect_ms = models.FloatField(
        "time to effect (ms)", null=True, editable=False,
        help_text="From the request that set it until no new call could be admitted, on any worker.",
    )  # fmt: skip
    lifted_at = models.DateTimeField("lifted", null=True, blank=True, editable=False)
    lifted_by = models.CharField(max_length=254, blank=True, editable=False)

    objects = StopQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("set_stop", "Can set and lift stops")]
        constraints = [
            # One target, of the kind its level names, and none for the whole gateway.
            models.CheckConstraint(
                condition=Q(level="gateway", **_TARGETS_EMPTY)
                | Q(level="server", server__isnull=False, **_without("server"))
                | Q(level="tool", tool__isnull=False, **_without("tool"))
                | Q(level="client", client__isnull=False, **_without("client"))
                | Q(level="person", person__isnull=False, **_without("person")),
                name="tools_stop_has_the_target_of_its_level",
            ),
        ]

    def __str__(self) -> str:
        drill = " (drill)" if self.is_drill else ""
        return f"Stop of {self.target or self.get_level_display()}{drill}"

    @property
    def target(self) -> Server | Tool | Client | Any:
        """What it stops; None for the whole gateway."""
        return None if self.level == self.Level.GATEWAY else getattr(self, self.level)

    @property
    def what(self) -> str:
        """Its target in words that tell a tool from a server, and one person's client from another's."""
        if self.level == self.Level.GATEWAY:
            return "the whole gateway"
        owner = f" of {self.client.owner.get_username()}" if self.client else ""
        return f"the {self.level} {self.target}{owner}"

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is neither lifted nor over at that moment."""
        return self.lifted_at is None and self.starts_at <= at and (self.ends_at is None or self.ends_at > at)
