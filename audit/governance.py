"""How a change of the rules and a call that depends on them keep out of each other's way.

Every change runs inside `governed()`, every decision about a call inside `admitting()`. On PostgreSQL the
first takes an advisory lock exclusively and the second takes it shared, both until commit. So a call is
either recorded as admitted before the change commits, or decided on rules that include it. On SQLite, whose
transactions begin IMMEDIATE, the write lock does the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import F

from audit.models import PolicyEpoch

# Two 32-bit halves of the lock's name: any constant will do as long as nothing else uses it.
_LOCK = (0x504F5254, 1)
_inside: ContextVar[bool] = ContextVar("inside_governed", default=False)


@contextmanager
def governed() -> Iterator[None]:
    """A transaction in which the rules may change. Moves the policy epoch; nests.

    Keep slow work out: while it runs, no call is admitted.
    """
    if _inside.get():
        yield
        return
    with transaction.atomic():
        # The lock comes before any row is touched: taken later, two changes that each hold a row the
        # other wants would wait for one another.
        _lock("pg_advisory_xact_lock")
        if not PolicyEpoch.objects.filter(pk=1).update(value=F("value") + 1):
            PolicyEpoch.objects.create(pk=1, value=1)
        token = _inside.set(True)
        try:
            yield
        finally:
            _inside.reset(token)


@contextmanager
def admitting() -> Iterator[None]:
    """A transaction that decides about a call and records the decision. Committed when it returns."""
    with transaction.atomic(durable=True):
        _lock("pg_advisory_xact_lock_shared")
        yield


def inside_governed() -> bool:
    """Whether the caller runs inside `governed()`."""
    return _inside.get()


def current_epoch() -> int:
    """The policy epoch as the current transaction sees it."""
    return PolicyEpoch.objects.filter(pk=1).values_list("value", flat=True).first() or 0


def _lock(function: str) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", _LOCK)
