"""A server is deleted only by who typed its name, after seeing what goes and what stays."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import AuditRow
from catalog.models import Credential, Server
from clients.models import User
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.world import World
from tools.models import Grant, Tool


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root)


def page_of(world: World) -> str:
    return f"/admin/catalog/server/{world.server.pk}/delete/"


def test_the_page_says_what_goes_and_what_stays(browser: Client, world: World) -> None:
    before = whole_database()
    page = browser.get(page_of(world)).content.decode()
    kept = AuditRow.objects.filter(server_id=world.server.pk).count()
    for words in (
        "1 API key, erased", "integration …e1f0 (active)", "3 tools with their definitions and decisions",
        "1 approved", "2 pending review", "2 toolsets that it keeps by itself",
        "1 other toolset, which loses its tools", "On call tools", "1 access profile, which gives less",
        "1 person, who loses its tools", "holder", f"{kept} audit rows about it",
    ):  # fmt: skip
        assert words in page, words
    assert whole_database() == before


@pytest.mark.parametrize("is_paused", [False, True])
def test_its_typed_name_deletes_it(browser: Client, world: World, is_paused: bool) -> None:
    if is_paused:
        Server.objects.update(state="paused")
    kept = AuditRow.objects.count()
    response = browser.post(page_of(world), {"typed_name": " Opsgenie "})
    assert (response.status_code, response["Location"]) == (302, "/admin/catalog/server/")
    assert not Server.objects.exists()
    assert not Credential.objects.exists()
    assert not Tool.objects.exists()
    assert Grant.objects.count() == 1
    assert AuditRow.objects.count() == kept + 1
    assert AuditRow.objects.get(event="server.deleted").actor_name == "root"
    assert "Opsgenie is deleted" in browser.get("/admin/catalog/server/").content.decode()


@pytest.mark.parametrize("typed", ["", "opsgenie", "another", "\0", "x" * 100])
def test_anything_else_is_said_at_the_field_and_deletes_nothing(
    browser: Client, world: World, typed: str
) -> None:
    before = whole_database()
    response = browser.post(page_of(world), {"typed_name": typed})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["typed_name"]
    assert whole_database() == before


def test_what_the_admin_would_send_for_its_own_page_deletes_nothing(browser: Client, world: World) -> None:
    before = whole_database()
    assert browser.post(page_of(world), {"post": "yes"}).status_code == 200
    assert whole_database() == before


def test_who_runs_servers_without_the_permission_is_not_offered_it(world: World, olga: User) -> None:
    browser = signed_in(olga)
    assert browser.get(page_of(world)).status_code == 403
    assert browser.post(page_of(world), {"typed_name": "Opsgenie"}).status_code == 403
    assert page_of(world) not in browser.get(page_of(world).replace("delete", "change")).content.decode()
    assert Server.objects.exists()
