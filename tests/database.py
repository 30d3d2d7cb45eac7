"""Looking at the whole database, undoing what a test did to it, and making it refuse a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from audit.events import Event
from catalog.fields import Secret

ROOMS = ("audit", "catalog", "clients", "tools", "auth")


def everything(*, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the product, by model label; secrets as their ciphertext."""
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models(True)]
    return {
        model._meta.label: [
            tuple(value.ciphertext if isinstance(value, Secret) else value for value in row)
            for row in model._base_manager.order_by("pk").values_list()
        ]
        for model in models
        if model._meta.label not in without
    }


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back, so that one test can try many things from the same start."""
    block = transaction.atomic()
    # As the block that pytest-django puts around each test: an admission may be durable inside it.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def refusing(event: Event) -> Iterator[None]:
    """The database refuses audit rows of this event, as a full disk would."""
    with connection.cursor() as cursor:
        for statement in _REFUSE[connection.vendor]:
            cursor.execute(statement.format(event=event.value))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in _ACCEPT[connection.vendor]:
                cursor.execute(statement)


_REFUSE = {
    "sqlite": (
        """CREATE TRIGGER refuse_row BEFORE INSERT ON audit_auditrow WHEN NEW.event = '{event}'
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$""",
        """CREATE TRIGGER refuse_row BEFORE INSERT ON audit_auditrow FOR EACH ROW
        WHEN (NEW.event = '{event}') EXECUTE FUNCTION refuse_row()""",
    ),
}
_ACCEPT = {
    "sqlite": ("DROP TRIGGER refuse_row",),
    "postgresql": ("DROP TRIGGER refuse_row ON audit_auditrow", "DROP FUNCTION refuse_row()"),
}
