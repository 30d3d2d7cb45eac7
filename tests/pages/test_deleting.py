"""What can be deleted says what goes with it, takes exactly that, and leaves its record."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit.models import AuditRow
from clients.models import Client as AIClient
from clients.models import Token, User
from tests.conftest import SYSTEM, make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.world import World
from tools import grants
from tools.models import AccessProfile, Grant, Tool, Toolset


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root)


def delete(browser: Client, path: str) -> tuple[str, Any]:
    """Open the page that asks, then confirm: its text, and the answer."""
    before = whole_database()
    asked = browser.get(path)
    assert asked.status_code == 200
    assert whole_database() == before
    return asked.content.decode(), browser.post(path, {"post": "yes"})


def record_of(event: str) -> AuditRow:
    return AuditRow.objects.get(event=event)


def test_a_person_goes_with_their_clients_tokens_and_grants(browser: Client, world: World) -> None:
    person = world.person
    rows_before = AuditRow.objects.count()
    page, response = delete(browser, f"/admin/clients/user/{person.pk}/delete/")
    assert "Claude" in page
    assert str(world.token) in page
    assert "On call for holder" in page
    assert response.status_code == 302

    assert not User.objects.filter(pk=person.pk).exists()
    assert not AIClient.objects.exists()
    assert not Token.objects.exists()
    assert not Grant.objects.exists()
    assert AccessProfile.objects.exists()
    row = record_of("user.deleted")
    assert (row.actor_name, row.object_name) == ("root", "holder")
    assert row.detail["before"]["email"] == "holder@example.com"
    assert row.detail["before"]["clients"] == ["Claude"]
    assert row.detail["before"]["tokens"] == [str(world.token)]
    assert row.detail["before"]["grants"] == ["On call for holder"]
    assert AuditRow.objects.count() == rows_before + 1, "and every row about them stays"


def test_a_profile_goes_with_its_grants(browser: Client, world: World) -> None:
    page, response = delete(browser, f"/admin/tools/accessprofile/{world.grant.profile.pk}/delete/")
    assert "On call for holder" in page
    assert response.status_code == 302
    assert not Grant.objects.exists()
    assert User.objects.filter(pk=world.person.pk).exists()
    assert Toolset.objects.filter(name="On call tools").exists()
    assert record_of("profile.deleted").detail["before"] == {
        "name": "On call",
        "description": "",
        "toolsets": ["On call tools"],
        "ceiling": "all",
        "allows_dangerous": False,
        "is_published": True,
        "argument_limits": {},
        "grants": ["On call for holder"],
    }


def test_a_security_admin_may_delete_a_profile_that_is_held(sam: User, world: World) -> None:
    _, response = delete(signed_in(sam), f"/admin/tools/accessprofile/{world.grant.profile.pk}/delete/")
    assert response.status_code == 302
    assert not AccessProfile.objects.exists()


def test_a_toolset_leaves_its_tools_and_profiles(sam: User, world: World) -> None:
    toolset = Toolset.objects.get(name="On call tools")
    _, response = delete(signed_in(sam), f"/admin/tools/toolset/{toolset.pk}/delete/")
    assert response.status_code == 302
    assert not Toolset.objects.filter(pk=toolset.pk).exists()
    assert Tool.objects.count() == 3
    assert list(world.grant.profile.toolsets.all()) == []
    row = record_of("toolset.deleted")
    assert row.detail["before"]["tools"] == ["opsgenie_list_alerts"]
    assert row.detail["before"]["profiles"] == ["On call"]


def test_a_group_goes_with_its_grants_and_leaves_its_members(browser: Client, world: World) -> None:
    member = make_person("member")
    member.groups.add(world.group)
    grants.give(
        actor=SYSTEM, grant=Grant(profile=world.grant.profile, group=world.group, reason="They respond.")
    )
    page, response = delete(browser, f"/admin/auth/group/{world.group.pk}/delete/")
    assert "On call for Responders" in page
    assert response.status_code == 302
    assert not Group.objects.filter(pk=world.group.pk).exists()
    assert User.objects.filter(pk=member.pk).exists()
    assert [grant.user for grant in Grant.objects.all()] == [world.person]
    assert record_of("group.deleted").detail["before"] == {
        "name": "Responders",
        "permissions": [],
        "members": ["member"],
        "grants": ["On call for Responders"],
    }


def test_a_person_without_anything_is_deleted_as_easily(browser: Client, mia: User) -> None:
    _, response = delete(browser, f"/admin/clients/user/{mia.pk}/delete/")
    assert response.status_code == 302
    assert not User.objects.filter(username="mia").exists()


def test_deleting_needs_a_word(browser: Client, world: World) -> None:
    """A POST that doesn't say so shows the question again."""
    for path in (
        f"/admin/clients/user/{world.person.pk}/delete/",
        f"/admin/tools/accessprofile/{world.grant.profile.pk}/delete/",
        f"/admin/auth/group/{world.group.pk}/delete/",
    ):
        before = whole_database()
        assert browser.post(path).status_code == 200
        assert whole_database() == before


def test_no_list_offers_to_delete_what_is_ticked(browser: Client, world: World) -> None:
    """It would pass by the verbs, and leave no record."""
    before = whole_database()
    for model, object_id in world.shown.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert "delete_selected" not in browser.get(path).content.decode()
        data = {
            "action": "delete_selected",
            "_selected_action": [str(object_id)],
            "index": "0",
            "post": "yes",
        }
        browser.post(path, data)
    assert whole_database() == before
