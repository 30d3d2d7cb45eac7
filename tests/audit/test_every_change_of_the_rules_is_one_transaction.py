"""Each verb moves the epoch once and writes its rows; when any part of that fails, nothing remains of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from audit.governance import current_epoch
from audit.models import AuditRow
from tests.conftest import SYSTEM
from tests.connectors import SmallOpsgenie
from tests.database import everything, undone
from tests.verbs import NO_VERBS, VERBS, Verb, World, public_functions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connector")]


class Killed(BaseException):
    """No exception that a verb might handle: the end of the process, for all it knows."""


@contextmanager
def failing_after_row(number: int) -> Iterator[None]:
    """Whoever writes the n-th audit row from here on is killed once it is written."""
    before = AuditRow.objects.count()

    def execute(run: Any, sql: str, *rest: Any) -> Any:
        result = run(sql, *rest)
        # Several rows may come with one statement.
        if sql.startswith(f'INSERT INTO "{AuditRow._meta.db_table}"') and (
            AuditRow.objects.count() >= before + number
        ):
            raise Killed
        return result

    with connection.execute_wrapper(execute):
        yield


def test_every_verb_is_listed() -> None:
    listed = {verb.name for verb in VERBS} | set(NO_VERBS)
    assert public_functions() == listed


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_it_moves_the_epoch_once_and_leaves_its_rows(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    epoch, rows = current_epoch(), set(AuditRow.objects.values_list("pk", flat=True))
    verb.call(SYSTEM, world)
    written = AuditRow.objects.exclude(pk__in=rows).order_by("pk")
    assert tuple(row.event for row in written) == verb.events
    assert current_epoch() == epoch + 1


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_nothing_remains_of_it_when_it_fails(verb: Verb, connector: SmallOpsgenie) -> None:
    offered = dict(connector.offered)
    for number in range(1, len(verb.events) + 1):
        with undone():
            connector.offered = dict(offered)
            world = World()
            verb.prepare(world)
            before = everything(without=verb.besides)
            with failing_after_row(number), pytest.raises(Killed):
                verb.call(SYSTEM, world)
            assert everything(without=verb.besides) == before, f"after row {number}"
