"""The cards of the start page: what is on them, in which order, and that each leads to what it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from audit.actor import Actor
from audit.models import PortalSettings
from catalog.models import Credential, Server, SyncRun
from clients.models import User
from tests.conftest import SYSTEM, approve, give, issue_token, make_person, make_server, switch_on, sync
from tests.connectors import FEW, SmallOpsgenie, connector, few_tools
from tests.pages.overview import Overview
from tools import access_requests, profiles, reviewers, stops
from tools.models import AccessProfile, Stop, Tool

__all__ = ["connector", "few_tools"]

NAMES = [f"opsgenie_{name}" for name in FEW]


@pytest.fixture
def quiet(few_tools: Server, mia: User) -> Server:
    """A portal in order: switched on, every tool approved, one person with access and a client."""
    approve(*NAMES)
    give(mia, *NAMES)
    issue_token(mia)
    return few_tools


def test_when_nothing_needs_anybody_it_says_so(quiet: Server, root: User) -> None:
    page = Overview(root)
    assert page.cards == {}
    assert "Nothing needs you now." in page.text


def test_switched_off_is_told_once_by_the_banner(quiet: Server, root: User) -> None:
    PortalSettings.objects.update(is_active=False)
    page = Overview(root)
    assert page.cards == {}
    assert page.text.count("AI access management is off: every call is refused.") == 1
    assert "Nothing else needs you now." in page.text


def stop(**fields: Any) -> Stop:
    return stops.set_stop(actor=SYSTEM, stop=Stop(**{"reason": "The key leaked.", **fields}))


def test_a_stop_is_told_with_its_reason_and_since_when(quiet: Server, root: User, time_machine: Any) -> None:
    stops.lift(actor=SYSTEM, stop=stop(level="gateway"))
    held = stop(level="server", server=quiet)
    time_machine.move_to(timezone.now() + timedelta(hours=3, minutes=5), tick=True)
    page = Overview(root)
    card = page.cards["stops"]
    assert (card.title, card.count, card.is_urgent) == ("1 stop in force", 1, True)
    assert card.named == ("Stop of Opsgenie, since 3 hours: The key leaked.",)
    assert page.rows_of(card.address) == [held]


def test_a_drill_is_no_urgent_stop(quiet: Server, root: User) -> None:
    stop(level="gateway", is_drill=True)
    card = Overview(root).cards["stops"]
    assert not card.is_urgent
    assert card.sentence.startswith("Drills only: nothing is refused")
    stop(level="gateway")
    card = Overview(root).cards["stops"]
    assert card.is_urgent
    assert "1 of them is a drill, refusing nothing." in card.sentence


def test_a_lifted_stop_and_one_that_is_over_are_gone(quiet: Server, root: User, time_machine: Any) -> None:
    lifted = stop(level="gateway")
    stop(level="server", server=quiet, ends_at=timezone.now() + timedelta(hours=1))
    stops.lift(actor=SYSTEM, stop=lifted)
    assert Overview(root).cards["stops"].count == 1
    time_machine.move_to(timezone.now() + timedelta(hours=2), tick=True)
    assert "stops" not in Overview(root).cards


def test_a_server_whose_last_sync_failed(quiet: Server, root: User, connector: SmallOpsgenie) -> None:
    make_server(name="Second", prefix="second")
    connector.discovery_error = RuntimeError("boom")
    sync(quiet)
    run = SyncRun.objects.filter(server=quiet).latest("pk")
    assert run.state == "failed"
    page = Overview(root)
    card = page.cards["failing"]
    assert (card.title, card.is_urgent) == ("1 failing server", True)
    assert card.named == (f"Opsgenie: The last sync failed: {run.error}",)
    assert page.rows_of(card.address) == [quiet]
    connector.discovery_error = None
    sync(quiet)
    assert "failing" not in Overview(root).cards


def test_a_server_whose_key_is_not_accepted(quiet: Server, root: User) -> None:
    problem = {"rights": {}, "problem": "Opsgenie does not accept this key."}
    quiet.credentials.update(probe_result=problem, probed_at=timezone.now())
    sentence = "Opsgenie: The test of the key in slot integration failed: Opsgenie does not accept this key."
    assert Overview(root).cards["failing"].named == (sentence,)
    Server.objects.update(state="paused")
    assert "failing" not in Overview(root).cards


def test_changed_and_pending_tools(
    quiet: Server, root: User, connector: SmallOpsgenie, time_machine: Any
) -> None:
    for name in ("get_alert", "list_alerts"):
        connector.change(name, description="Another.")
    sync(quiet)
    Tool.objects.filter(client_name="opsgenie_delete_team").update(state="pending")
    time_machine.move_to(timezone.now() + timedelta(days=2, minutes=1), tick=True)
    page = Overview(root)
    assert list(page.cards) == ["changed", "pending"]
    changed, pending = page.cards.values()
    assert (changed.title, pending.title) == ("2 changed tools", "1 tool to review")
    assert changed.sentence.endswith("the oldest for 2 days.")
    assert {tool.client_name for tool in page.rows_of(changed.address)} == {
        "opsgenie_get_alert", "opsgenie_list_alerts",
    }  # fmt: skip
    assert [tool.client_name for tool in page.rows_of(pending.address)] == ["opsgenie_delete_team"]


def test_a_reviewer_is_told_of_the_servers_assigned_to_them(root: User, few_tools: Server) -> None:
    switch_on()
    other = make_server(name="Second", prefix="second")
    sync(other)
    reviewer = make_person("rita", is_staff=True)
    reviewer.groups.add(Group.objects.get(name="Reviewer"))
    assert "pending" not in Overview(reviewer).cards
    reviewers.assign(actor=SYSTEM, server=other, reviewers=[reviewer])
    page = Overview(reviewer)
    card = page.cards["pending"]
    assert card.count == len(FEW)
    assert {tool.server for tool in page.rows_of(card.address)} == {other}
    assert Overview(root).cards["pending"].count == 2 * len(FEW)


def test_open_requests_for_access(quiet: Server, root: User, otto: User) -> None:
    profile = profiles.save(
        actor=SYSTEM, profile=AccessProfile(name="Reading", is_published=True), toolsets=[]
    )
    asked = access_requests.ask(
        actor=Actor.person(otto), person=otto, profile=profile, reason="I am on call next week."
    )
    page = Overview(root)
    card = page.cards["requests"]
    assert (card.title, card.count) == ("1 request for access", 1)
    assert page.rows_of(card.address) == [asked]
    access_requests.withdraw(actor=Actor.person(otto), request=asked)
    assert "requests" not in Overview(root).cards


def test_keys_that_are_due(quiet: Server, root: User) -> None:
    Credential.objects.update(created_at=timezone.now() - timedelta(days=89))
    assert "keys" not in Overview(root).cards
    Credential.objects.update(created_at=timezone.now() - timedelta(days=91))
    page = Overview(root)
    assert page.cards["keys"].title == "1 key due"
    assert page.cards["keys"].address == f"/admin/catalog/server/{quiet.pk}/keys/"
    assert page.cards["keys"].address in page.links
    other = make_server(name="Second", prefix="second")
    make_server(name="Third", prefix="third")
    other.credentials.update(created_at=timezone.now() - timedelta(days=91))
    page = Overview(root)
    assert page.cards["keys"].title == "2 keys due"
    assert page.rows_of(page.cards["keys"].address) == [quiet, other]
    switch_on(key_age_days=0)
    assert "keys" not in Overview(root).cards


def test_approvals_that_end_within_a_week(quiet: Server, root: User) -> None:
    soon, later = Tool.objects.all()[:2]
    now = timezone.now()
    Tool.objects.filter(pk=soon.pk).update(approval_expires_at=now + timedelta(days=6, hours=23))
    Tool.objects.filter(pk=later.pk).update(approval_expires_at=now + timedelta(days=7, hours=1))
    page = Overview(root)
    assert page.cards["ending"].title == "1 approval ends soon"
    assert page.rows_of(page.cards["ending"].address) == [soon]


def test_more_than_a_few_are_counted(quiet: Server, root: User) -> None:
    for number in range(5):
        stop(level="gateway", reason=f"Reason {number}.")
    card = Overview(root).cards["stops"]
    assert len(card.named) == 4
    assert card.named[-1] == "and 2 more"


def test_what_people_wrote_is_no_markup(quiet: Server, root: User) -> None:
    stop(level="gateway", reason="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in Overview(root).browser.get("/admin/").content.decode()


STEPS = [
    "Switch AI access on", "Register a server", "Let it be synced", "Approve tools",
    "Group tools in a toolset", "Make an access profile", "Grant it", "Connect an AI client",
]  # fmt: skip


def test_a_fresh_install_begins_with_a_list_of_steps(root: User) -> None:
    page = Overview(root)
    assert [(step.title, step.is_done) for step in page.context["steps"]] == [
        (title, False) for title in STEPS
    ]
    assert "/admin/catalog/server/add/" in page.links
    assert page.cards == {}
    assert "No calls in the last 24 hours." in page.text


def test_steps_are_ticked_off_one_by_one(connector: SmallOpsgenie, root: User, mia: User) -> None:
    def done() -> int:
        found = [step.is_done for step in Overview(root).context["steps"]]
        assert found == sorted(found, reverse=True)
        return sum(found)

    switch_on()
    assert done() == 1
    server = make_server()
    assert done() == 2
    sync(server)
    # Its sets that keep themselves are there by then, but their step comes after the approval.
    assert [step.title for step in Overview(root).context["steps"] if not step.is_done] == [
        "Approve tools", "Make an access profile", "Grant it", "Connect an AI client",
    ]  # fmt: skip
    approve(*NAMES)
    assert done() == 5
    give(mia, *NAMES)
    assert done() == 7
    issue_token(mia)
    assert done() == 8
