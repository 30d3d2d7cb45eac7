"""A server goes with all that hangs on it, whatever refers to what; the audit log keeps its rows."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from catalog import rotation, servers, syncs
from catalog.models import Credential, Server, SyncRun
from clients.models import User
from tests.conftest import SYSTEM, approve, disable, give, make_person, make_server, sync
from tests.connectors import SmallOpsgenie, connector, few_tools
from tools import discovery, profiles, reviewers, stops
from tools.models import (
    AccessProfile,
    ArgumentLimit,
    Grant,
    Review,
    ReviewAssignment,
    Stop,
    Tool,
    ToolRevision,
    Toolset,
)
from tools.server_losses import losses_of_server

__all__ = ["connector", "few_tools"]

LIMIT = {"type": "object", "properties": {"query": {"const": "team:payments"}}}


@pytest.fixture
def laden(connector: SmallOpsgenie, few_tools: Server, mia: User) -> Server:
    """A server with one of everything that can hang on it."""
    approve("opsgenie_list_alerts", "opsgenie_get_alert", "opsgenie_create_alert")
    disable("opsgenie_create_alert")
    connector.offered["get_alert"] = replace(connector.offered["get_alert"], description="Another text.")
    sync(few_tools)
    grant = give(mia, "opsgenie_list_alerts")
    profile = grant.profile
    tool = Tool.objects.get(client_name="opsgenie_list_alerts")
    profiles.save(
        actor=SYSTEM, profile=profile, toolsets=list(profile.toolsets.all()), argument_limits={tool: LIMIT}
    )
    ria = make_person("ria", "tools.review_assigned_tool")
    reviewers.assign(actor=SYSTEM, server=few_tools, reviewers=[ria])
    stops.set_stop(actor=SYSTEM, stop=Stop(level="server", server=few_tools, reason="Being moved."))
    stops.set_stop(actor=SYSTEM, stop=Stop(level="tool", tool=tool, reason="Odd answers.", is_drill=True))
    rotation.stage(actor=SYSTEM, server=few_tools, slot="integration", text="a-new-key-a-new-key")
    rotation.activate(
        actor=SYSTEM, credential=few_tools.credentials.get(state="staged"), overlap=timedelta(hours=1),
        override_reason="It is a test.",
    )  # fmt: skip
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id="c", client_name="Claude", tool_name=tool.client_name,
        protocol_version="1", server_id=few_tools.pk, server_name=few_tools.name, tool_id=tool.pk,
    )  # fmt: skip
    log.record_call(Event.CALL_ADMITTED, actor=Actor.person(mia), facts=facts)
    return few_tools


def counts() -> dict[str, int]:
    kinds: list[Any] = [
        Server, Credential, SyncRun, Tool, ToolRevision, Review, ReviewAssignment, Stop, ArgumentLimit,
    ]  # fmt: skip
    return {kind.__name__: kind.objects.count() for kind in kinds}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_paused", [False, True])
def test_everything_of_it_goes_and_the_rest_stays(laden: Server, olga: User, is_paused: bool) -> None:
    """In transactions of its own, so that the database checks at commit what refers to what."""
    olga.is_superuser = True
    olga.save()
    if is_paused:
        servers.pause(actor=SYSTEM, server=laden)
    assert all(counts().values()), "there is one of everything to lose"
    kept = list(AuditRow.objects.order_by("pk").values("pk", "event", "server_id", "server_name"))
    pk = laden.pk

    servers.delete(actor=Actor.person(olga), server=laden, typed_name="Opsgenie")

    assert set(counts().values()) == {0}
    assert Grant.objects.count() == AccessProfile.objects.count() == 1
    assert [(toolset.name, toolset.tools.count()) for toolset in Toolset.objects.all()] == [
        ("On call tools", 0)
    ]
    rows = list(AuditRow.objects.order_by("pk").values("pk", "event", "server_id", "server_name"))
    assert rows[:-1] == kept
    row = AuditRow.objects.get(event="server.deleted")
    assert (row.actor_name, row.server_id, row.server_name) == ("olga", pk, "Opsgenie")
    assert sorted(row.detail["lost"]["tools"]) == sorted(
        f"opsgenie_{name}"
        for name in ("list_alerts", "get_alert", "count_alerts", "create_alert", "create_team", "delete_team")
    )


def test_another_server_loses_nothing(laden: Server) -> None:
    other = make_server(name="Other", prefix="other")
    sync(other)
    approve("other_list_alerts")
    before = Tool.objects.filter(server=other).count()
    servers.delete(actor=SYSTEM, server=laden, typed_name="Opsgenie")
    assert Tool.objects.filter(server=other).count() == Tool.objects.count() == before
    assert other.credentials.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sync_under_way_finds_nothing_left_and_brings_nothing_back(
    connector: SmallOpsgenie, few_tools: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = tuple(connector.offered.values())

    def discover(**more: Any) -> Any:
        servers.delete(actor=SYSTEM, server=few_tools, typed_name="Opsgenie")
        return offered

    monkeypatch.setattr(connector, "discover", discover)
    run = syncs.request(actor=SYSTEM, server=few_tools, trigger=SyncRun.Trigger.MANUAL)
    discovery.sync(run.pk)
    assert set(counts().values()) == {0}
    assert AuditRow.objects.first() == AuditRow.objects.get(event="server.deleted")


@pytest.mark.parametrize("typed", ["", "opsgenie", "Opsgenie 2", "OPSGENIE"])
def test_another_name_deletes_nothing(server: Server, typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        servers.delete(actor=SYSTEM, server=server, typed_name=typed)
    assert list(caught.value.message_dict) == ["typed_name"]
    assert Server.objects.filter(pk=server.pk).exists()


def test_who_may_change_servers_may_not_delete_them(server: Server, olga: User) -> None:
    with pytest.raises(PermissionDenied):
        servers.delete(actor=Actor.person(olga), server=server, typed_name="Opsgenie")
    assert Server.objects.filter(pk=server.pk).exists()


def test_what_people_and_rules_lose_is_counted_and_named(laden: Server) -> None:
    losses = {loss.heading: loss.names for loss in losses_of_server(laden)}
    assert losses == {
        "6 tools with their definitions and decisions": (
            "1 approved", "1 changed", "1 disabled", "3 pending review",
        ),
        "2 toolsets that it keeps by itself": (
            "opsgenie: All approved tools", "opsgenie: Read tools",
        ),
        "1 other toolset, which loses its tools": ("On call tools",),
        "1 access profile, which gives less": ("On call",),
        "1 person, who loses its tools": ("mia",),
        "1 call was let through to it in the last 30 days, and would be refused": (),
        "1 reviewer assigned to it": ("ria",),
        "2 stops in force": ("Stop of opsgenie_list_alerts (drill)", "Stop of Opsgenie"),
    }  # fmt: skip
