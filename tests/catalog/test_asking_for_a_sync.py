"""A sync is queued once, however often and from wherever it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audit.actor import Actor
from audit.models import AuditRow
from catalog import syncs
from catalog.models import Server, SyncRun
from clients.models import User
from tests.catalog.queue import empty_queue, queued_tasks
from tests.conftest import SYSTEM, make_server


@pytest.fixture(autouse=True)
def own_queue() -> Iterator[None]:
    empty_queue()
    yield
    empty_queue()


@pytest.fixture
def idle_server(server: Server) -> Server:
    """A server whose first sync is over."""
    end_open_run(server)
    return server


def end_open_run(server: Server) -> SyncRun:
    run = syncs.claim(SyncRun.objects.open().get(server=server).pk)
    assert run is not None
    syncs.succeed(run, actor=SYSTEM)
    return run


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Do `work` in several threads that begin together; what each returned or raised."""
    barrier, results = threading.Barrier(count), []

    def run() -> None:
        try:
            barrier.wait(timeout=10)
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def ask(server: Server, actor: Actor = SYSTEM) -> SyncRun:
    return syncs.request(actor=actor, server=server, trigger=SyncRun.Trigger.MANUAL)


def test_it_is_queued_recorded_and_sent_by_its_number_alone(
    idle_server: Server, olga: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = ask(idle_server, Actor.person(olga))

    assert (run.state, run.requested_by, run.trigger) == ("queued", "olga", "manual")
    row = AuditRow.objects.get(event="sync.requested", actor_name="olga")
    assert (row.server_name, row.detail) == ("Opsgenie", {"sync_run": run.pk})
    assert queued_tasks() == [("tools.sync_server", [run.pk])]


def test_nothing_is_sent_when_the_request_is_rolled_back(
    idle_server: Server, django_capture_on_commit_callbacks: Any
) -> None:
    def ask_and_fail() -> None:
        with transaction.atomic():
            ask(idle_server)
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert queued_tasks() == []
    assert not SyncRun.objects.open().exists()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_second_request_joins_the_open_one(idle_server: Server, state: str) -> None:
    first = ask(idle_server)
    if state == "running":
        syncs.claim(first.pk)
    second = ask(idle_server)

    assert second.pk == first.pk
    assert SyncRun.objects.filter(server=idle_server, trigger="manual").count() == 1
    assert AuditRow.objects.filter(event="sync.requested", detail__sync_run=first.pk).count() == 1


def test_a_request_after_the_end_is_a_new_one(idle_server: Server) -> None:
    first = ask(idle_server)
    end_open_run(idle_server)
    assert ask(idle_server).pk != first.pk


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_nothing_is_queued(idle_server: Server, name: str, request: Any) -> None:
    with pytest.raises(PermissionDenied):
        ask(idle_server, Actor.person(request.getfixturevalue(name)))
    assert not SyncRun.objects.open().exists()


def test_the_database_holds_one_open_run_a_server(idle_server: Server) -> None:
    ask(idle_server)
    with pytest.raises(IntegrityError), transaction.atomic():
        SyncRun.objects.create(server=idle_server, trigger="schedule", requested_by="tests")


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_one_run() -> None:
    server = make_server()
    end_open_run(server)
    for _ in range(5):
        results = in_threads(4, lambda: ask(server).pk)
        assert len(set(results)) == 1, results
        end_open_run(server)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_workers_gets_a_run() -> None:
    server = make_server()
    end_open_run(server)
    for _ in range(5):
        run = ask(server)
        results = in_threads(4, lambda run=run: syncs.claim(run.pk))
        claimed = [result for result in results if result is not None]
        assert [result.pk for result in claimed] == [run.pk], results
        syncs.succeed(claimed[0], actor=SYSTEM)


def test_a_run_that_is_over_is_not_claimed_again(server: Server) -> None:
    run = end_open_run(server)
    assert syncs.claim(run.pk) is None
    assert SyncRun.objects.get(pk=run.pk).state == "succeeded"


def test_a_run_that_does_not_exist_is_not_claimed(db: None) -> None:
    assert syncs.claim(12345) is None


def test_a_failure_keeps_its_sentence_and_is_recorded(server: Server) -> None:
    run = syncs.claim(SyncRun.objects.open().get().pk)
    assert run is not None
    syncs.fail(run, actor=SYSTEM, error="Opsgenie did not answer. " * 40)
    run.refresh_from_db()
    assert (run.state, len(run.error)) == ("failed", 500)
    assert run.finished_at is not None
    row = AuditRow.objects.get(event="sync.failed")
    assert row.detail == {"sync_run": run.pk, "error": run.error}
