"""Requests for access, decided on their page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from audit.models import AuditRow
from tests.conftest import SYSTEM, make_person
from tests.pages.conftest import signed_in
from tests.pages.world import World
from tools import access_requests
from tools.models import AccessRequest, Grant


def decide(browser: Client, world: World, verb: str, **fields: str) -> Any:
    path = f"/admin/tools/accessrequest/{world.shown[AccessRequest]}/{verb}/"
    return browser.post(path, {"_form_submitted": "on", **fields})


def asked() -> AccessRequest:
    return AccessRequest.objects.select_related("person", "grant").get()


def test_approving_gives_a_grant_for_the_chosen_time(browser: Client, world: World) -> None:
    decide(browser, world, "approve", life_days="7", comment="Welcome.")
    request = asked()
    assert (request.state, request.decided_by, request.comment) == ("approved", "sam", "Welcome.")
    grant = request.grant
    assert grant is not None
    assert (grant.user, grant.profile, grant.approver) == (request.person, world.grant.profile, "sam")
    assert grant.ends_at is not None
    assert abs(grant.ends_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    events = AuditRow.objects.filter(actor_name="sam").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["grant.given", "access.request_approved"]


def test_refusing_needs_a_word_to_the_person(browser: Client, world: World) -> None:
    assert "This field is required" in decide(browser, world, "refuse").content.decode()
    assert asked().state == "open"
    decide(browser, world, "refuse", comment="Not while you are on leave.")
    assert (asked().state, asked().comment) == ("refused", "Not while you are on leave.")
    assert not Grant.objects.filter(user=asked().person).exists()


def test_a_second_decision_is_refused(browser: Client, world: World) -> None:
    decide(browser, world, "refuse", comment="No.")
    decide(browser, world, "approve", life_days="")
    assert asked().state == "refused"
    assert not Grant.objects.filter(user=asked().person).exists()
    page = browser.get(f"/admin/tools/accessrequest/{asked().pk}/change/").content.decode()
    assert "This request is refused already" in page
    assert f"/{asked().pk}/approve/" not in page, "nothing is offered that can't be done"


def test_nobody_decides_about_their_own(world: World) -> None:
    decider = make_person("decider", "tools.decide_accessrequest", "tools.add_grant", is_staff=True)
    AccessRequest.objects.update(person=decider)
    assert decide(signed_in(decider), world, "approve", life_days="").status_code == 403
    assert asked().state == "open"


def test_open_ones_come_first_and_the_oldest_of_them_first(browser: Client, world: World) -> None:
    access_requests.refuse(actor=SYSTEM, request=asked(), comment="No.")
    profile = world.grant.profile
    for number, name in enumerate(("late", "early")):
        at = timezone.now() - timedelta(days=number)
        AccessRequest.objects.create(profile=profile, person=make_person(name), reason="x", created_at=at)
    rows = browser.get("/admin/tools/accessrequest/").context["cl"].result_list
    assert [str(row.person) for row in rows] == ["early", "late", "asker"]
