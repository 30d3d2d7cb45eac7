"""Addresses of the admin's lists, filtered so that they show exactly the rows that were counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

#: More ids than this make an address that servers refuse: their limit is often 4,096 characters.
MOST_IDS = 200


def to_list(model: str, **filters: Any) -> str:
    """The list of a model ("tools.tool") under these filters; empty when the portal has no such page."""
    application, name = model.split(".")
    try:
        address = reverse(f"admin:{application}_{name}_changelist")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(filters)}" if filters else address


def to_add(model: str) -> str:
    """The page on which one is made; empty when there is none."""
    application, name = model.split(".")
    try:
        return reverse(f"admin:{application}_{name}_add")
    except NoReverseMatch:
        return ""


def to_rows(model: str, ids: Iterable[Any], *, or_all: bool = False) -> str:
    """The list of exactly these objects. When there are too many to name: nothing, or the list of all."""
    named = [str(one) for one in ids]
    if len(named) <= MOST_IDS:
        return to_list(model, id__in=",".join(named))
    return to_list(model) if or_all else ""


def to_audit(start: datetime, end: datetime | None = None, **filters: Any) -> str:
    """The audit rows from a moment up to, and without, another. Both are whole seconds, in UTC."""
    period = {"at_from_0": start.date().isoformat(), "at_from_1": f"{start:%H:%M:%S}"}
    if end is not None:
        # The list's period takes the whole of its last second.
        last = end - timedelta(seconds=1)
        period |= {"at_to_0": last.date().isoformat(), "at_to_1": f"{last:%H:%M:%S}"}
    return to_list("audit.auditrow", **filters, **period)
