from __future__ import annotations

import pytest

from audit.models import AuditRow
from catalog import rotation, syncs
from catalog.models import Credential, Server, SyncRun
from tests.conftest import KEY, SYSTEM, approve, make_server, switch_on, sync
from tests.connectors import FEW, SmallOpsgenie
from tests.database import everything
from tests.threads import Beside
from tools import discovery
from tools.models import Tool, ToolRevision, Toolset

RUNS = ("audit.AuditRow", "audit.PolicyEpoch", "catalog.SyncRun")


def counts(run: SyncRun) -> tuple[int, int, int, int]:
    return run.found, run.added, run.changed, run.removed


def test_new_tools_wait_for_review(few_tools: Server) -> None:
    tools = Tool.objects.select_related("discovered_revision")
    assert {tool.client_name for tool in tools} == {f"opsgenie_{name}" for name in FEW}
    assert {tool.state for tool in tools} == {"pending"}
    assert {tool.approved_revision for tool in tools} == {None}
    assert all(tool.discovered_revision.definition["name"] == tool.name for tool in tools)
    run = SyncRun.objects.get()
    assert (run.state, run.error, counts(run)) == ("succeeded", "", (len(FEW), len(FEW), 0, 0))
    assert run.started_at <= run.finished_at


def test_each_new_tool_has_its_row(few_tools: Server) -> None:
    rows = AuditRow.objects.filter(event="tool.discovered")
    assert sorted(row.tool_name for row in rows) == sorted(f"opsgenie_{name}" for name in FEW)
    assert {(row.actor_kind, row.actor_name, row.server_name) for row in rows} == {
        ("system", "discovery", "Opsgenie")
    }
    digests = set(ToolRevision.objects.values_list("digest", flat=True))
    assert {row.detail["after"]["digest"] for row in rows} == digests


def test_a_tool_keeps_what_it_does(few_tools: Server) -> None:
    actions = dict(Tool.objects.values_list("name", "action"))
    assert (actions["get_alert"], actions["create_team"], actions["delete_team"]) == (
        "read",
        "write",
        "destructive",
    )


@pytest.mark.parametrize(
    ("of_server", "of_settings", "state"),
    [
        ("inherit", True, "pending"),
        ("inherit", False, "approved"),
        ("required", False, "pending"),
        ("not_required", True, "approved"),
    ],
)
def test_whether_new_tools_wait_is_set_by_the_server_or_for_all(
    connector: SmallOpsgenie, db: None, of_server: str, of_settings: bool, state: str
) -> None:
    switch_on(requires_tool_approval=of_settings)
    sync(make_server(tool_approval=of_server))
    tools = Tool.objects.select_related("discovered_revision", "approved_revision")
    assert {tool.state for tool in tools} == {state}
    approved = {tool.approved_revision for tool in tools}
    assert approved == ({None} if state == "pending" else {tool.discovered_revision for tool in tools})


def test_discovering_the_same_again_changes_nothing(few_tools: Server) -> None:
    approve("opsgenie_get_alert")
    before = everything(without=RUNS)
    rows = AuditRow.objects.count()
    runs = [sync(few_tools) for _ in range(2)]
    assert everything(without=RUNS) == before
    assert [counts(run) for run in runs] == [(len(FEW), 0, 0, 0)] * 2
    written = AuditRow.objects.order_by("pk")[rows:]
    assert [row.event for row in written] == ["sync.requested", "sync.succeeded"] * 2


def test_the_order_of_what_is_offered_does_not_matter(connector: SmallOpsgenie, few_tools: Server) -> None:
    before = everything(without=RUNS)
    connector.offered = dict(reversed(connector.offered.items()))
    sync(few_tools)
    assert everything(without=RUNS) == before


def test_a_run_is_carried_out_once(few_tools: Server) -> None:
    run = syncs.request(actor=SYSTEM, server=few_tools, trigger=SyncRun.Trigger.SCHEDULE)
    discovery.sync(run.pk)
    before = everything()
    discovery.sync(run.pk)
    discovery.sync(987_654)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_one_run_one_works(connector: SmallOpsgenie) -> None:
    run = syncs.request(actor=SYSTEM, server=make_server(), trigger=SyncRun.Trigger.SCHEDULE)
    for thread in [Beside(lambda: discovery.sync(run.pk)) for _ in range(3)]:
        thread.result()
    assert Tool.objects.count() == len(FEW)
    assert AuditRow.objects.filter(event="sync.succeeded").count() == 1


def test_a_wrong_key_does_not_stand_in_the_way(connector: SmallOpsgenie, db: None) -> None:
    server = make_server()
    rotation.store(actor=SYSTEM, server=server, slot="integration", text="not-the-key-at-all")
    assert sync(server).state == "succeeded"
    assert Tool.objects.count() == len(FEW)


def test_a_missing_key_does_not_stand_in_the_way(connector: SmallOpsgenie, db: None) -> None:
    server = make_server()
    rotation.revoke(actor=SYSTEM, credential=Credential.objects.get())
    assert sync(server).state == "succeeded"
    assert connector.discovered_with is not None
    assert dict(connector.discovered_with.headers) == {}


def test_an_unreadable_key_does_not_stand_in_the_way(connector: SmallOpsgenie, db: None) -> None:
    server = make_server()
    other = make_server(name="Second", prefix="second").credentials.get()
    # A ciphertext moved to another row is one that no row can open.
    server.credentials.update(secret=other.secret)
    assert sync(server).state == "succeeded"
    assert connector.discovered_with is not None
    assert dict(connector.discovered_with.headers) == {}
    assert KEY not in repr(everything())


def test_every_server_has_its_two_sets_that_keep_themselves(few_tools: Server) -> None:
    sync(few_tools)
    assert {(toolset.name, toolset.kind) for toolset in Toolset.objects.filter(server=few_tools)} == {
        ("opsgenie: All approved tools", "all_approved"),
        ("opsgenie: Read tools", "read"),
    }
    assert AuditRow.objects.filter(event="toolset.created").count() == 2


def test_a_set_of_that_name_by_hand_does_not_stop_discovery(connector: SmallOpsgenie, db: None) -> None:
    Toolset.objects.create(name="opsgenie: Read tools")
    server = make_server()
    assert sync(server).state == "succeeded"
    assert server.toolsets.count() == 2
