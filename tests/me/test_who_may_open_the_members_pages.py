"""Whoever is signed in has these pages, of their own things; nobody else has any."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from clients.models import User
from tests.conftest import issue_token
from tests.me.conftest import PAGES, Gateway, browser_of, last_call_id, signed_in, text_of
from tests.pages.conftest import root
from tests.pages.dump import whole_database
from tools.me.urls import urlpatterns

__all__ = ["root"]


@pytest.fixture
def addresses(gateway: Gateway) -> list[str]:
    """All of them, on things of mia's."""
    connection = gateway.connect()
    connection.call("opsgenie_count_alerts")
    client = gateway.person.clients.get()
    return [
        *PAGES,
        "/me/tools/opsgenie_get_alert/",
        f"/me/connections/{client.pk}/close/",
        f"/me/calls/{last_call_id(gateway.person)}/",
    ]


OF_MIAS = slice(len(PAGES), None)


def test_there_is_no_other_address(addresses: list[str]) -> None:
    """A new page has to come here, to be tested with the others."""
    # What is offered to everybody is nobody's own: test_requesting_access.py tests these.
    about_offers = {"ask", "withdraw"}
    assert len([pattern for pattern in urlpatterns if pattern.name not in about_offers]) == len(addresses)


def test_its_owner_opens_each(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia)
    assert {path: browser.get(path).status_code for path in addresses} == dict.fromkeys(addresses, 200)


@pytest.mark.parametrize("who", ["otto", "sam", "root"])
def test_others_have_pages_of_their_own_and_none_of_hers(
    addresses: list[str], who: str, request: pytest.FixtureRequest
) -> None:
    browser = browser_of(request.getfixturevalue(who))
    found = {path: browser.get(path).status_code for path in addresses}
    assert found == dict.fromkeys(PAGES, 200) | dict.fromkeys(addresses[OF_MIAS], 404)
    everything = " ".join(text_of(browser.get(path)) for path in PAGES)
    assert "opsgenie_" not in everything
    assert "pct_" not in everything.replace("pct_…", "").replace("pct_ ", "")


def test_others_can_not_close_hers(addresses: list[str], otto: User, root: User) -> None:
    before = whole_database()
    for person in (otto, root):
        for path in addresses[OF_MIAS]:
            assert browser_of(person).post(path).status_code in (404, 405), path
    assert whole_database() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in_and_back(addresses: list[str], method: str) -> None:
    before = whole_database()
    for path in addresses:
        response = getattr(Client(), method)(path)
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={quote(path)}"), path
    assert whole_database() == before


def test_who_is_made_inactive_is_signed_out(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia)
    assert browser.get("/me/").status_code == 200
    User.objects.filter(pk=mia.pk).update(is_active=False)
    before = whole_database()
    for path in addresses:
        for response in (browser.get(path), browser.post(path)):
            assert response.status_code == 302, path
            assert response["Location"].startswith("/sign-in/"), path
    assert whole_database() == before


def test_nothing_of_them_is_kept_by_a_browser(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia)
    for path in [*addresses, "/me/tools/nothing/", "/sign-in/"]:
        assert "no-store" in browser.get(path)["Cache-Control"], path
    for path in addresses:
        assert "no-store" in Client().get(path)["Cache-Control"], path


def test_they_load_what_is_ours_and_have_no_script_or_style_in_them(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia)
    for path in [*addresses, "/me/calls/nothing/"]:
        response = browser.get(path)
        assert response["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        page = response.content.decode()
        assert "style=" not in page, path
        assert "<style" not in page, path
        assert "javascript:" not in page, path
        assert page.count("<script ") == page.count("<script") == page.count('<script src="/static/'), path
        assert not any(f" {event}=" in page for event in ("onclick", "onload", "onsubmit")), path


def test_looking_changes_nothing(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia)
    before = whole_database()
    for path in addresses:
        assert browser.get(path).status_code == 200
    assert whole_database() == before


def test_nothing_is_taken_from_another_site(addresses: list[str], mia: User) -> None:
    browser = signed_in(mia, enforce_csrf_checks=True)
    before = whole_database()
    for path in [*addresses, "/sign-out/"]:
        assert browser.post(path, {"old_password": "x"}).status_code == 403, path
    assert whole_database() == before
    assert browser.get("/me/").status_code == 200


@pytest.mark.parametrize(("who", "offered"), [("mia", False), ("sam", True)])
def test_only_staff_are_offered_the_admin(who: str, offered: bool, request: pytest.FixtureRequest) -> None:
    page = signed_in(request.getfixturevalue(who)).get("/me/").content.decode()
    assert ('href="/admin/"' in page) == offered


def test_the_admin_leads_to_ones_own_pages(sam: User) -> None:
    assert 'href="/me/"' in signed_in(sam).get("/admin/").content.decode()


def test_a_name_is_text(mia: User, rf: Any) -> None:
    mia.first_name = "<b>Mia</b>"
    mia.save()
    token, _ = issue_token(mia)
    token.client.name = token.client.software = "<script>alert(1)</script>"
    token.client.save()
    for path in ("/me/", "/me/connections/", f"/me/connections/{token.client.pk}/close/"):
        page = signed_in(mia).get(path).content.decode()
        assert "<b>" not in page
        assert "<script>" not in page
        assert "&lt;" in page
