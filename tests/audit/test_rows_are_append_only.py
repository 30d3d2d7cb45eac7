from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction

from audit import log
from audit.events import Event
from audit.models import AppendOnlyError, AuditRow
from clients.models import User
from tests.conftest import SYSTEM
from tests.database import everything


@pytest.fixture
def row(olga: User) -> AuditRow:
    return log.record(Event.SYNC_REQUESTED, actor=SYSTEM, subject=olga, detail={"sync_run": 1})


WAYS_TO_ALTER: dict[str, Callable[[AuditRow], Any]] = {
    "save": lambda row: row.save(),
    "save of one field": lambda row: row.save(update_fields=["actor_name"]),
    "save of a row read again": lambda row: AuditRow.objects.get(pk=row.pk).save(),
    "delete": lambda row: row.delete(),
    "delete of a row read again": lambda row: AuditRow.objects.get(pk=row.pk).delete(),
    "update of all": lambda row: AuditRow.objects.update(actor_name="nobody"),
    "update of some": lambda row: AuditRow.objects.filter(pk=row.pk).update(actor_name="nobody"),
    "update of a call": lambda row: AuditRow.objects.traffic_of(row.call_id).update(actor_name="nobody"),
    "delete of some": lambda row: AuditRow.objects.filter(pk=row.pk).delete(),
    "delete of all": lambda row: AuditRow.objects.all().delete(),
    "bulk update": lambda row: AuditRow.objects.bulk_update([row], ["actor_name"]),
    "bulk create": lambda row: AuditRow.objects.bulk_create([AuditRow(event=Event.SYNC_FAILED, at=row.at)]),
    "bulk create over it": lambda row: AuditRow.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["actor_name"]
    ),
    "update or create": lambda row: AuditRow.objects.update_or_create(
        pk=row.pk, defaults={"actor_name": "nobody"}
    ),
    "get or create": lambda row: AuditRow.objects.get_or_create(event=Event.SYNC_FAILED, at=row.at),
    "asynchronous update": lambda row: async_to_sync(AuditRow.objects.filter(pk=row.pk).aupdate)(
        actor_name="nobody"
    ),
    "asynchronous delete": lambda row: async_to_sync(AuditRow.objects.filter(pk=row.pk).adelete)(),
}


@pytest.mark.parametrize("way", WAYS_TO_ALTER)
def test_a_row_is_neither_changed_nor_deleted(row: AuditRow, way: str) -> None:
    before = everything()
    row.actor_name = "nobody"
    with pytest.raises(AppendOnlyError):
        WAYS_TO_ALTER[way](row)
    assert everything() == before


def test_a_new_row_with_the_id_of_an_old_one_does_not_take_its_place(row: AuditRow) -> None:
    """Django turns such a save into an UPDATE unless it is told to insert."""
    before = everything()
    forged = AuditRow(pk=row.pk, at=row.at, event=Event.SYNC_SUCCEEDED, actor_kind="system", actor_name="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        forged.save()
    assert everything() == before


def test_the_actor_and_the_object_outlive_themselves(olga: User, row: AuditRow) -> None:
    olga.delete()
    kept = AuditRow.objects.get(pk=row.pk)
    assert (kept.object_type, kept.object_name, kept.actor_name) == ("user", "olga", "tests")
