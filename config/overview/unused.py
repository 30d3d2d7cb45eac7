"""What could be taken away because nobody uses it: approved tools and live grants."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform

from audit.events import OUTCOMES, Event
from audit.models import AuditRow
from tools.models import Grant, Tool

UNUSED_AFTER = timedelta(days=30)
#: Rows of calls that were let through. All of them are asked for, and not only the admission that each call
#: has: SQLite would go through the admissions of every tool then, instead of the rows of this one.
LET_THROUGH = (Event.CALL_ADMITTED, *OUTCOMES)


def unused_tools() -> list[Tool]:
    """Approved tools that were not called since they were approved, longest approved first."""
    newest = AuditRow.objects.filter(tool_id=OuterRef("pk"), event__in=LET_THROUGH).order_by("-pk")
    # The newest row of each tool is one look into an index. "There is no such row" would be answered by
    # reading the whole log.
    return list(
        Tool.objects.filter(state=Tool.State.APPROVED)
        .annotate(last_call_at=Subquery(newest.values("at")[:1]))
        .filter(Q(last_call_at__isnull=True) | Q(last_call_at__lt=F("state_since")))
        .order_by("state_since", "client_name")
    )


def unused_grants(now: datetime) -> list[Grant]:
    """Live grants given at least thirty days ago through which no call went since, oldest first."""
    since = now - UNUSED_AFTER
    used = (
        AuditRow.objects.filter(event=Event.CALL_ADMITTED, at__gte=since)
        .order_by()
        .values_list(KeyTextTransform("grant_id", "detail"), flat=True)
        .distinct()
    )
    # PostgreSQL gives text, SQLite the number.
    used_ids = {str(grant_id) for grant_id in used}
    live = (
        Grant.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=since)
        .select_related("profile", "user", "group")
        .order_by("starts_at", "pk")
    )
    return [grant for grant in live if str(grant.pk) not in used_ids]
