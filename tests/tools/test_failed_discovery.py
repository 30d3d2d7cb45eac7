from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.events import Event
from audit.models import AuditRow
from catalog import syncs
from catalog.connectors.base import Certainty, ConnectorError
from catalog.models import Server, SyncRun
from clients.models import User
from tests.conftest import KEY, SYSTEM, approve, caller_for, give, sync
from tests.connectors import FEW, SmallOpsgenie
from tests.database import everything, refusing
from tools import discovery, policy

CANARY = "canary-of-an-upstream-answer"
RUNS = ("audit.AuditRow", "catalog.SyncRun")
REFUSED = ConnectorError(
    "The upstream does not know the key.",
    code="upstream_unauthorized",
    certainty=Certainty.REFUSED,
    remedy="Store another one.",
)


def test_it_leaves_a_sentence_and_a_remedy(connector: SmallOpsgenie, few_tools: Server) -> None:
    connector.discovery_error = REFUSED
    run = sync(few_tools)
    assert (run.state, run.error) == (
        "failed",
        "The upstream does not know the key. Store another one.",
    )
    assert run.finished_at is not None
    row = AuditRow.objects.get(event="sync.failed")
    assert (row.actor_name, row.server_name) == ("discovery", "Opsgenie")
    assert row.detail == {"sync_run": run.pk, "error": run.error}


def test_it_takes_no_tool_away(connector: SmallOpsgenie, few_tools: Server, mia: User) -> None:
    approve("opsgenie_get_alert")
    give(mia, "opsgenie_get_alert")
    before = everything(without=RUNS)
    connector.discovery_error = REFUSED
    sync(few_tools)
    assert everything(without=RUNS) == before
    caller = caller_for(mia)
    assert policy.decide(caller, "opsgenie_get_alert", timezone.now()).is_allowed


def test_the_next_one_works(connector: SmallOpsgenie, few_tools: Server) -> None:
    connector.discovery_error = REFUSED
    sync(few_tools)
    connector.discovery_error = None
    run = sync(few_tools)
    assert (run.state, run.found, run.error) == ("succeeded", len(FEW), "")


def test_a_long_error_is_cut(connector: SmallOpsgenie, few_tools: Server) -> None:
    connector.discovery_error = ConnectorError("x" * 2_000, code="x", certainty=Certainty.REFUSED)
    assert sync(few_tools).error == "x" * 500


def test_a_fault_of_the_connector_ends_it_readably(
    connector: SmallOpsgenie, few_tools: Server, caplog: pytest.LogCaptureFixture
) -> None:
    connector.discovery_error = RuntimeError(f"{CANARY} {KEY}")
    run = sync(few_tools)
    assert run.state == "failed"
    assert "fault in Portcullis" in run.error
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text + repr(everything())
    assert KEY not in caplog.text + repr(everything())


def test_a_database_that_fails_half_way_leaves_nothing_half_done(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    connector.change("get_alert", description="Another.")
    del connector.offered["list_alerts"]
    before = everything(without=RUNS)
    with refusing(Event.TOOL_REMOVED):
        run = sync(few_tools)
    assert everything(without=RUNS) == before
    assert run.state == "failed"
    assert "fault in Portcullis" in run.error
    assert (run.added, run.changed, run.removed) == (0, 0, 0)
    assert not AuditRow.objects.filter(event="tool.changed").exists()


def test_a_run_whose_worker_died_is_given_up_and_tried_again(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    lost = syncs.request(actor=SYSTEM, server=few_tools, trigger=SyncRun.Trigger.SCHEDULE)
    assert syncs.claim(lost.pk) is not None
    Server.objects.update(next_sync_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(minutes=7)):
        assert syncs.start_due(actor=discovery.ACTOR) == 1
    lost.refresh_from_db()
    assert lost.state == "failed"
    assert "worker stopped" in lost.error
    again = SyncRun.objects.open().get()
    discovery.sync(again.pk)
    again.refresh_from_db()
    assert again.state == "succeeded"


def test_a_worker_that_comes_late_does_not_change_the_verdict(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    run = syncs.request(actor=SYSTEM, server=few_tools, trigger=SyncRun.Trigger.SCHEDULE)
    late = syncs.claim(run.pk)
    assert late is not None
    syncs.fail(SyncRun.objects.select_related("server").get(pk=run.pk), actor=SYSTEM, error="Given up.")
    rows = AuditRow.objects.count()
    syncs.succeed(late, actor=SYSTEM)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "Given up.")
    assert AuditRow.objects.count() == rows
