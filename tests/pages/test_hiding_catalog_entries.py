"""What admins hide from the catalog can't be added, by no way; what was added with it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from audit.models import AuditRow
from catalog import entries
from catalog.connectors.registry import connector_for
from catalog.models import CatalogEntry, Server
from clients.models import User
from tests.conftest import OPERATOR, SYSTEM, make_person, make_server
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import submit

ADD = "/admin/catalog/server/add/"
CHOICE = 'href="?connector=opsgenie"'
FILLED = {"name": "Opsgenie EU", "region": "eu", "secret_text": "canary-5e1f0a7b-93c4", "slot": "integration"}


@pytest.fixture
def gina(db: None) -> User:
    return make_person("gina", *OPERATOR, "catalog.change_catalogentry", is_staff=True)


def hide() -> None:
    entries.hide(actor=SYSTEM, connector=connector_for("opsgenie"))


def page_of(browser: Client) -> str:
    return browser.get(ADD).content.decode()


def test_hiding_and_showing_are_on_record(gina: User) -> None:
    browser = signed_in(gina)
    response = browser.post(ADD, {"hide": "opsgenie"}, follow=True)
    assert "no server can be added with it. No server uses it." in response.content.decode()
    assert not CatalogEntry.objects.get(connector_key="opsgenie").is_visible
    response = browser.post(ADD, {"show": "opsgenie"}, follow=True)
    assert "Opsgenie is offered again." in response.content.decode()
    assert CHOICE in response.content.decode()
    rows = AuditRow.objects.order_by("pk").values_list("event", "actor_name", "object_name")
    assert list(rows) == [
        ("catalog_entry.hidden", "gina", "opsgenie"),
        ("catalog_entry.shown", "gina", "opsgenie"),
    ]


def test_only_who_may_change_the_catalog_sees_what_is_hidden(gina: User, olga: User) -> None:
    hide()
    page = page_of(signed_in(gina))
    assert "Show Opsgenie in the catalog" in page
    assert CHOICE not in page
    page = page_of(signed_in(olga))
    assert "Alerts, on-call schedules" not in page
    assert "Ask an AI governance admin" in page, "and the page says what to do"


def test_who_may_not_change_the_catalog_is_offered_no_button_and_refused(olga: User) -> None:
    browser = signed_in(olga, raise_request_exception=False)
    assert "Hide Opsgenie" not in page_of(browser)
    before = whole_database()
    assert browser.post(ADD, {"hide": "opsgenie"}).status_code == 403
    assert browser.post(ADD, {"show": "nonsense"}).status_code == 403
    assert whole_database() == before


@pytest.mark.parametrize("sent", [{"hide": "nonsense"}, {"hide": ""}, {"show": "\0"}])
def test_a_connector_that_does_not_exist_is_no_fault(gina: User, sent: dict[str, str]) -> None:
    before = whole_database()
    response = signed_in(gina).post(ADD, sent, follow=True)
    assert "There is no such connector" in response.content.decode()
    assert whole_database() == before


def test_looking_with_the_words_of_a_form_changes_nothing(gina: User) -> None:
    browser = signed_in(gina)
    before = whole_database()
    browser.get(ADD, {"hide": "opsgenie"})
    assert whole_database() == before


@pytest.mark.parametrize("person", ["gina", "olga"])
def test_a_hidden_connector_is_not_reached_by_its_address(person: str, request: Any) -> None:
    browser = signed_in(request.getfixturevalue(person))
    hide()
    before = whole_database()
    for response in (
        browser.get(ADD, {"connector": "opsgenie"}, follow=True),
        browser.post(f"{ADD}?connector=opsgenie", FILLED, follow=True),
    ):
        assert response.redirect_chain == [(ADD, 302)]
        assert "Opsgenie is hidden from the catalog" in response.content.decode()
    assert whole_database() == before


def test_no_other_way_registers_a_server_with_it(db: None) -> None:
    hide()
    with pytest.raises(ValidationError, match="hidden from the catalog"):
        make_server()
    assert not Server.objects.exists()


def test_a_server_that_is_there_goes_on(gina: User) -> None:
    server = make_server()
    browser = signed_in(gina)
    response = browser.post(ADD, {"hide": "opsgenie"}, follow=True)
    assert "1 registered server goes on as before." in response.content.decode()
    page = f"/admin/catalog/server/{server.pk}/change/"
    assert submit(browser, page, "server_form", name="Renamed").status_code == 302
    server.refresh_from_db()
    assert (server.name, server.state) == ("Renamed", "active")
