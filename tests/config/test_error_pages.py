"""A page that can't be shown says what happened, what to do, and leads back; at `/mcp` it stays JSON."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from clients.models import User
from config import urls as portal

SECRET = "0f1e2d3c-4b5a-4968-8776-a5b4c3d2e1f0"


def fail(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError(SECRET)


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("mia needs the permission <tools.set_stop> for this.")


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(SECRET)


handler400, handler403 = portal.handler400, portal.handler403
handler404, handler500 = portal.handler404, portal.handler500
urlpatterns = [
    path("fails", fail),
    path("admin/fails", fail),
    path("refuses", refuse),
    path("suspects", suspect),
    *portal.urlpatterns,
]

#: Address, status, and what is said.
PAGES = {
    "/missing": (404, "There is no such page"),
    "/admin/missing/": (404, "There is no such page"),
    "/refuses": (403, "Your account may not do this"),
    "/suspects": (400, "This request can&#x27;t be answered"),
    "/fails": (500, "Something went wrong in Portcullis"),
    "/admin/fails": (500, "Something went wrong in Portcullis"),
}


@pytest.fixture
def browser(admin_user: User) -> Client:
    browser = Client(raise_request_exception=False, enforce_csrf_checks=True)
    browser.force_login(admin_user)
    return browser


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("address", "expected"), PAGES.items())
def test_it_says_what_happened_and_what_to_do(
    browser: Client, address: str, expected: tuple[int, str]
) -> None:
    answer = browser.get(address)
    page = answer.content.decode()
    assert (answer.status_code, re.findall("<h1>(.*)</h1>", page)) == (expected[0], [expected[1]])
    assert "What you can do" in page
    assert '<a class="main" href="/">To the start page</a>' in page
    assert SECRET not in page
    assert "Traceback" not in page
    assert "<script" not in page
    assert "style=" not in page


@pytest.mark.urls(__name__)
def test_a_refusal_repeats_what_is_missing_and_escapes_it(browser: Client) -> None:
    page = browser.get("/refuses").content.decode()
    assert "mia needs the permission &lt;tools.set_stop&gt; for this." in page
    assert "Ask a superuser" in page


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/fails", "/suspects"])
def test_a_fault_has_the_id_by_which_it_is_found(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert f"<code>{answer['X-Request-Id']}</code>" in answer.content.decode()


def test_a_form_without_its_token_is_not_carried_out(browser: Client, admin_user: User) -> None:
    answer = browser.post("/sign-out/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This form is out of date" in page
    assert "nothing was changed" in page
    assert browser.get("/me/").status_code == 200, "still signed in"


def test_an_unknown_host_gets_a_page_too(client: Client, db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portcullis.test"]
    answer = client.get("/admin/login/", headers={"host": "attacker.example"})
    assert answer.status_code == 400
    assert "This request can&#x27;t be answered" in answer.content.decode()
    assert "attacker.example" not in answer.content.decode()


@pytest.mark.urls(__name__)
def test_no_database_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the fixture `db`, any query of the page would raise; and so it does behind the first middleware.
    def broken(*args: Any) -> None:
        raise DatabaseError(SECRET)

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "of-somebody"
    for address, (status, title) in PAGES.items():
        if not address.startswith("/admin/missing"):
            answer = browser.get(address)
            assert (answer.status_code, title in answer.content.decode()) == (status, True), address


def test_a_database_that_fails_is_a_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise DatabaseError(SECRET)

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "of-somebody"
    answer = browser.get("/me/")
    assert answer.status_code == 500
    assert "Something went wrong in Portcullis" in answer.content.decode()
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("address", ["/mcp", "/mcp/"])
def test_a_client_program_gets_json(
    address: str, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["portcullis.test"]
    browser = Client(raise_request_exception=False)
    answer = browser.post(
        address, "{}", content_type="application/json", headers={"host": "attacker.example"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json()["error"]["code"] == -32600
    assert answer.json()["id"] is None

    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr("tools.gateway.view.MCPView.dispatch", lambda *_, **__: 1 / 0)
    answer = browser.post(address, "{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
    assert answer.json()["error"]["code"] == -32603
    assert "ZeroDivisionError" not in answer.content.decode()
