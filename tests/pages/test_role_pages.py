"""Roles are read, groups of one's own are edited, and people are listed with both."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from clients import roles
from clients.models import User
from tests.conftest import make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import submit


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root, raise_request_exception=False)


def page_of(group: Group) -> str:
    return f"/admin/auth/group/{group.pk}/change/"


def test_a_role_is_shown_with_purpose_permissions_and_members(browser: Client, mia: User) -> None:
    group = Group.objects.get(name="Operator")
    mia.groups.add(group)
    page = browser.get(page_of(group)).content.decode()
    for text in ("Runs servers, keys and syncs. Approves nothing.", "store, test and revoke credentials",
                 "start a sync of a server", "mia", "make a group of your own"):  # fmt: skip
        assert text in page, text
    assert "approve, classify" not in page
    assert ">Save<" not in page


@pytest.mark.parametrize("name", sorted(roles.NAMES))
def test_not_even_a_superuser_changes_or_deletes_a_role(browser: Client, name: str) -> None:
    group = Group.objects.get(name=name)
    before = whole_database()
    assert browser.post(page_of(group), {"name": "Mine", "permissions": []}).status_code == 403
    assert browser.post(page_of(group).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert whole_database() == before


def test_a_group_of_ones_own_is_edited_and_shows_its_members(browser: Client, mia: User) -> None:
    group = Group.objects.create(name="Responders")
    mia.groups.add(group)
    assert "mia" in browser.get(page_of(group)).content.decode()
    assert submit(browser, page_of(group), "group_form", name="First responders").status_code == 302
    assert Group.objects.get(pk=group.pk).name == "First responders"


def test_no_group_takes_the_name_of_a_role(browser: Client) -> None:
    group = Group.objects.create(name="Responders")
    response = submit(browser, page_of(group), "group_form", name="Auditor")
    assert response.status_code == 200
    assert Group.objects.get(pk=group.pk).name == "Responders"


def test_who_may_not_see_people_sees_no_members(mia: User) -> None:
    group = Group.objects.get(name="Member")
    mia.groups.add(group)
    browser = signed_in(make_person("grace", "auth.view_group", is_staff=True))
    page = browser.get(page_of(group)).content.decode()
    assert "Uses tools" in page
    assert "mia" not in page


def test_people_are_listed_with_their_roles_and_found_by_them(browser: Client, mia: User, otto: User) -> None:
    mia.groups.add(Group.objects.get(name="Auditor"), Group.objects.create(name="Responders"))
    page = browser.get("/admin/clients/user/").content.decode()
    assert "Auditor, Responders" in page
    found = browser.get("/admin/clients/user/", {"groups__id__exact": Group.objects.get(name="Auditor").pk})
    assert [person.username for person in found.context["cl"].result_list] == ["mia"]
