from __future__ import annotations

import pytest
from django.test import Client

from clients.models import User
from tests.conftest import make_person
from tests.me.conftest import browser_of, signed_in, text_of

PASSWORD = "a long enough password"


def sign_in(username: str, password: str = PASSWORD, **fields: str) -> tuple[Client, str]:
    """A browser after sending the form, and where it was sent on to; empty when the form came back."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.get("/sign-in/")
    token = browser.cookies["csrftoken"].value
    response = browser.post(
        "/sign-in/", {"username": username, "password": password, "csrfmiddlewaretoken": token, **fields}
    )
    assert response.status_code in (200, 302), response.status_code
    return browser, response.get("Location", "")


def test_a_member_comes_to_their_pages_and_staff_to_the_admin(mia: User, sam: User) -> None:
    for person, place in (("mia", "/me/"), ("sam", "/admin/")):
        browser, location = sign_in(person)
        assert location == "/"
        assert browser.get("/")["Location"] == place
        assert browser.get(place).status_code == 200


def test_one_comes_to_where_one_wanted_to_go(mia: User) -> None:
    assert Client().get("/me/calls/?outcome=refused")["Location"] == (
        "/sign-in/?next=/me/calls/%3Foutcome%3Drefused"
    )
    assert sign_in("mia", next="/me/calls/?outcome=refused")[1] == "/me/calls/?outcome=refused"


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "/sign-in/",
     "/sign-in/?next=/", "\0", "\\\\elsewhere.example", "http:///elsewhere.example", ""],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_or_round_in_circles(mia: User, place: str) -> None:
    assert sign_in("mia", next=place)[1] == "/"
    response = browser_of(mia).get("/sign-in/", {"next": place})
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("mia", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("mia\0", PASSWORD),
        ("mia", "\0"),
        ("x" * 5_000, "x"),
    ],
)
def test_who_is_not_known_is_told_so_and_stays_out(mia: User, username: str, password: str) -> None:
    browser, location = sign_in(username, password)
    assert location == ""
    assert browser.get("/me/").status_code == 302


def test_who_is_inactive_stays_out(db: None) -> None:
    make_person("ina", is_active=False)
    assert sign_in("ina")[1] == ""


def test_nobody_needs_to_be_signed_in_for_the_way_in(db: None) -> None:
    assert Client().get("/")["Location"] == "/sign-in/"
    assert "Sign in" in text_of(Client().get("/sign-in/"))


def test_signing_out_takes_a_form(mia: User) -> None:
    browser = signed_in(mia)
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/me/").status_code == 200
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/me/").status_code == 302
