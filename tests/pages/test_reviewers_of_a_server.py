"""Who reviews a server's tools is chosen among those who may review, and is on record."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit.models import AuditRow
from catalog.models import Server
from clients import roles
from clients.models import User
from tests.conftest import make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tools.models import ReviewAssignment


@pytest.fixture
def browser(db: None) -> Client:
    lead = make_person("lead", "catalog.view_server", "tools.assign_reviewer", is_staff=True)
    return signed_in(lead)


@pytest.fixture
def ria(db: None) -> User:
    """She reviews as a member of the shipped group."""
    roles.ensure()
    ria = make_person("ria")
    ria.groups.add(Group.objects.get(name="Reviewer"))
    return ria


def page_of(server: Server) -> str:
    return f"/admin/catalog/server/{server.pk}/reviewers/"


def assigned(server: Server) -> list[str]:
    return list(ReviewAssignment.objects.filter(server=server).values_list("reviewer__username", flat=True))


def test_one_is_assigned_and_taken_off_again(browser: Client, server: Server, ria: User) -> None:
    assert "Nobody is assigned" in browser.get(page_of(server)).content.decode()
    response = browser.post(page_of(server), {"reviewers": [ria.pk]})
    assert (response.status_code, response["Location"]) == (302, page_of(server))
    assert assigned(server) == ["ria"]
    page = browser.get(page_of(server)).content.decode()
    assert "Nobody is assigned" not in page
    browser.post(page_of(server), {})
    assert assigned(server) == []
    rows = AuditRow.objects.filter(event__startswith="reviewer.").order_by("pk")
    assert [(row.event, row.actor_name, row.server_name, row.detail["reviewer"]) for row in rows] == [
        ("reviewer.assigned", "lead", "Opsgenie", "ria"),
        ("reviewer.unassigned", "lead", "Opsgenie", "ria"),
    ]


def test_only_people_who_may_review_are_offered(
    browser: Client, server: Server, ria: User, sam: User, mia: User
) -> None:
    gone = make_person("gone", "tools.review_tool", is_active=False)
    response = browser.get(page_of(server))
    offered = {name for _, name in response.context["form"].fields["reviewers"].choices}
    assert offered == {"ria", "sam"}
    for person in (mia, gone):
        answer = browser.post(page_of(server), {"reviewers": [person.pk]})
        assert list(answer.context["form"].errors) == ["reviewers"]
    assert assigned(server) == []


@pytest.mark.parametrize("value", ["nonsense", "0", "-1", "99999999999999999999", "\0"])
def test_nobody_that_is_none_is_assigned(browser: Client, server: Server, value: str) -> None:
    before = whole_database()
    assert browser.post(page_of(server), {"reviewers": [value]}).status_code == 200
    assert whole_database() == before


def test_who_may_only_look_sees_them_and_no_form(
    browser: Client, server: Server, ria: User, vera: User
) -> None:
    browser.post(page_of(server), {"reviewers": [ria.pk]})
    visitor = signed_in(vera)
    page = visitor.get(page_of(server)).content.decode()
    assert "ria" in page
    assert 'name="reviewers"' not in page
    assert visitor.post(page_of(server), {}).status_code == 403
    assert assigned(server) == ["ria"]
