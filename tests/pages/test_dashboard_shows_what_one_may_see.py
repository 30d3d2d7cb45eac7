"""Each role's start page: only what stands on pages that the role may open."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.models import Credential, Server, SyncRun
from clients.models import User
from clients.roles import ROLES
from tests.conftest import SYSTEM, make_person, make_server
from tests.pages.overview import Overview
from tests.scale import many_audit_rows, many_tools
from tools import reviewers, stops
from tools.models import AccessProfile, AccessRequest, Grant, Stop

ALL_CARDS = ["stops", "failing", "changed", "requests", "pending", "keys", "ending"]


@pytest.fixture
def busy(mia: User) -> Server:
    """A server with everything that a card can be about, calls, and things nobody uses."""
    server = make_server()
    SyncRun.objects.update(state="failed", error="Refused.")
    for state in ("pending", "changed"):
        many_tools(2, server=server, state=state)
    tools = many_tools(3, server=server)
    type(tools[0]).objects.filter(pk=tools[0].pk).update(approval_expires_at=timezone.now())
    stops.set_stop(actor=SYSTEM, stop=Stop(level="gateway", reason="A leak."))
    profile = AccessProfile.objects.create(name="Reading")
    AccessRequest.objects.create(profile=profile, person=mia, reason="On call.")
    old = timezone.now() - timedelta(days=120)
    Credential.objects.update(created_at=old)
    Grant.objects.create(profile=profile, user=mia, reason="x", approver="x", starts_at=old)
    many_audit_rows(60, tools=tools[:2], people=[mia], days=0.5)
    return server


def with_role(name: str, server: Server) -> User:
    person = make_person("rolf", is_staff=True)
    person.groups.add(Group.objects.get(name=name))
    if name == "Reviewer":
        reviewers.assign(actor=SYSTEM, server=server, reviewers=[person])
    return person


@pytest.mark.parametrize(
    ("role", "cards", "sees_calls"),
    [
        ("AI governance admin", ALL_CARDS, True),
        ("Auditor", ALL_CARDS, True),
        ("Reviewer", ["failing", "changed", "pending", "ending"], False),
        ("Operator", ["stops", "failing", "changed", "pending", "keys", "ending"], False),
        ("Member", [], False),
    ],
)
def test_a_role(busy: Server, role: str, cards: list[str], sees_calls: bool) -> None:
    page = Overview(with_role(role, busy))
    assert list(page.cards) == cards
    assert (page.traffic is not None) == sees_calls
    assert ("tools" in page.context["unused"], "grants" in page.context["unused"]) == (sees_calls, sees_calls)
    assert ("made_" in page.text) == sees_calls
    assert page.context["has_nothing"] == (role == "Member")


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_no_link_of_the_page_refuses_whoever_sees_it(busy: Server, role: str) -> None:
    page = Overview(with_role(role, busy))
    for address in page.links:
        if urlsplit(address).path in ("/me/", "/admin/logout/") or address.startswith(("#", "?")):
            continue
        assert page.browser.get(address).status_code == 200, address


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_neither_on_a_fresh_install(role: str, db: None) -> None:
    person = make_person("rolf", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    page = Overview(person)
    for address in page.links:
        if urlsplit(address).path not in ("/me/", "/admin/logout/") and not address.startswith(("#", "?")):
            assert page.browser.get(address).status_code == 200, address


def test_whoever_may_see_nothing_is_sent_to_their_own_pages(busy: Server, nora: User) -> None:
    page = Overview(nora)
    assert "/me/" in page.links
    assert "Nothing here is for you" in page.text
    assert "Needs you now" not in page.text


def test_calls_alone_show_calls_alone(busy: Server, nora: User) -> None:
    """The tools that nobody calls are told to who may see tools, the grants to who may see grants."""
    watcher = make_person("wim", "audit.view_auditrow", is_staff=True)
    page = Overview(watcher)
    assert page.traffic["chart"]["total"] > 0
    assert page.cards == {}
    assert set(page.context["unused"]) == {"days"}
    assert "Needs you now" not in page.text
