"""A lost message, a killed worker or a queue that is down costs time, never a sync."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog import servers, syncs
from catalog.models import Server, SyncRun
from tests.catalog.queue import empty_queue, queued_tasks
from tests.conftest import SYSTEM, make_server
from tests.services import free_port

LONG_AGO = timedelta(minutes=7)


@pytest.fixture(autouse=True)
def own_queue() -> Iterator[None]:
    empty_queue()
    yield
    empty_queue()


@pytest.fixture
def run(server: Server) -> SyncRun:
    """The sync queued at registration, whose message nobody has sent: tests don't commit."""
    return SyncRun.objects.get(server=server)


@pytest.fixture
def tick(django_capture_on_commit_callbacks: Any) -> Any:
    """The minute tick, with what it does on commit; how many syncs it queued."""

    def start_due() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return syncs.start_due(actor=SYSTEM)

    return start_due


def make_due(server: Server) -> None:
    Server.objects.filter(pk=server.pk).update(next_sync_at=timezone.now() - timedelta(seconds=1))


def test_a_queued_run_whose_message_was_lost_is_sent_again(run: SyncRun, tick: Any) -> None:
    SyncRun.objects.update(queued_at=timezone.now() - LONG_AGO)
    assert tick() == 0
    assert queued_tasks() == [("tools.sync_server", [run.pk])]
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_run_queued_a_moment_ago_is_left_to_its_message(run: SyncRun, tick: Any) -> None:
    assert tick() == 0
    assert queued_tasks() == []


def test_a_run_whose_worker_died_has_failed_with_a_sentence(run: SyncRun, tick: Any) -> None:
    syncs.claim(run.pk)
    SyncRun.objects.update(started_at=timezone.now() - LONG_AGO)
    tick()
    run.refresh_from_db()
    assert run.state == "failed"
    assert "worker stopped" in run.error
    assert AuditRow.objects.get(event="sync.failed").detail["sync_run"] == run.pk


def test_a_run_whose_worker_died_is_tried_again_at_once(run: SyncRun, tick: Any) -> None:
    """As its error says: not an hour or a week later, when the server would be due."""
    syncs.claim(run.pk)
    SyncRun.objects.update(started_at=timezone.now() - LONG_AGO)
    tick()
    retry = SyncRun.objects.open().get(server=run.server)
    assert retry.pk != run.pk
    assert queued_tasks() == [("tools.sync_server", [retry.pk])]


def test_a_run_that_is_at_work_is_left_alone(run: SyncRun, tick: Any) -> None:
    syncs.claim(run.pk)
    SyncRun.objects.update(queued_at=timezone.now() - LONG_AGO)
    tick()
    run.refresh_from_db()
    assert run.state == "running"
    assert queued_tasks() == []


def test_a_worker_that_comes_back_late_does_not_change_the_verdict(run: SyncRun, tick: Any) -> None:
    late = syncs.claim(run.pk)
    assert late is not None
    SyncRun.objects.update(started_at=timezone.now() - LONG_AGO)
    tick()
    late.found = 68
    syncs.succeed(late, actor=SYSTEM)
    run.refresh_from_db()
    assert (run.state, run.found) == ("failed", 0)
    assert not AuditRow.objects.filter(event="sync.succeeded").exists()


def test_a_due_server_is_queued_once_and_its_time_moves_on(server: Server, run: SyncRun, tick: Any) -> None:
    claimed = syncs.claim(run.pk)
    assert claimed is not None
    syncs.succeed(claimed, actor=SYSTEM)
    make_due(server)

    assert (tick(), tick()) == (1, 0)
    scheduled = SyncRun.objects.open().get()
    assert (scheduled.trigger, scheduled.requested_by) == ("schedule", "tests")
    server.refresh_from_db()
    assert server.next_sync_at > timezone.now() + timedelta(minutes=59)
    assert queued_tasks() == [("tools.sync_server", [scheduled.pk])]


def test_a_paused_server_is_not_synced(server: Server, run: SyncRun, tick: Any) -> None:
    claimed = syncs.claim(run.pk)
    assert claimed is not None
    syncs.succeed(claimed, actor=SYSTEM)
    make_due(server)
    servers.pause(actor=SYSTEM, server=server)
    assert tick() == 0
    assert not SyncRun.objects.open().exists()


# --- The queue is down ---------------------------------------------------------------------------------


def _greet(stranger: socket.socket) -> None:
    """Answer everybody with the line of a mail server."""
    with contextlib.suppress(OSError):
        while True:
            with stranger.accept()[0] as visitor:
                visitor.sendall(b"220 mail.example ESMTP\r\n")


@pytest.fixture(
    params=[
        "redis that refuses",
        "redis that is something else",
        "folder that is a file",
        "folder that is gone",
        "table that is damaged",
    ]
)
def broken_queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """A Celery application whose queue can't be reached, in the place of the real one."""
    stack = contextlib.ExitStack()
    usual = current_app._get_current_object()
    application = Celery("portcullis-tests", set_as_current=False)
    application.config_from_object("django.conf:settings", namespace="CELERY")
    if request.param == "redis that refuses":
        application.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
        application.conf.broker_transport_options = {"socket_timeout": 1}
    elif request.param == "redis that is something else":
        stranger = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=_greet, args=(stranger,), daemon=True).start()
        application.conf.broker_url = f"redis://127.0.0.1:{stranger.getsockname()[1]}/0"
        application.conf.broker_transport_options = {"socket_timeout": 1}
    else:
        folder = tmp_path / "messages"
        folder.mkdir()
        application.conf.broker_url = "filesystem://localhost"
        application.conf.broker_transport_options = {
            "data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(tmp_path),
        }  # fmt: skip
        # The folder is looked at once, when the connection is made, and again at every message.
        application.connection_for_write().default_channel.close()
        if request.param == "table that is damaged":
            # A name of its own: what a process has once bound it doesn't read again.
            application.conf.task_default_queue = tmp_path.name
            (tmp_path / f"{tmp_path.name}.exchange").write_text("[[")
        else:
            shutil.rmtree(folder)
        if request.param == "folder that is a file":
            folder.write_text("")
    application.set_current()
    with stack:
        yield
    usual.set_current()


def test_a_server_is_registered_while_the_queue_is_down(
    db: None, broken_queue: None, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        server = make_server()
    assert time.monotonic() - started < 5
    assert SyncRun.objects.get(server=server).state == "queued"
    assert "could not be put on the queue" in caplog.text


def test_the_tick_survives_it_too_and_the_next_one_sends_what_waits(
    run: SyncRun, broken_queue: None, django_capture_on_commit_callbacks: Any
) -> None:
    SyncRun.objects.update(queued_at=timezone.now() - LONG_AGO)
    with django_capture_on_commit_callbacks(execute=True):
        syncs.start_due(actor=Actor.system("tick"))
    run.refresh_from_db()
    assert run.state == "queued"
