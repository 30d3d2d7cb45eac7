"""Every answer has a name of its own and says what its page may load."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from clients.models import User
from config import urls as portal

STRICT = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
#: A page that says what went wrong may have its style and its sign.
ERROR_PAGE = {**STRICT, "style-src": "'self'", "img-src": "'self'"}


def policy(response: HttpResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def fail(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [*portal.urlpatterns, path("fails", fail), path("admin-fails", fail)]

OUTSIDE = ["/", "/mcp", "/mcp/", "/healthz", "/readyz", "/missing", "/admin", "/administration/", "/adminx",
           "/ADMIN/", "//admin/", "/me", "/mexico/", "/ME/", "/sign-in", "/sign-up/"]  # fmt: skip
INSIDE = ["/admin/", "/admin/login/", "/admin/audit/auditrow/", "/admin/missing/", "/admin/jsi18n/"]


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside_the_pages_no_script_may_be_loaded(db: None, client: Client, address: str) -> None:
    response = client.get(address)
    assert policy(response) == (ERROR_PAGE if response.status_code == 404 else STRICT)


@pytest.mark.parametrize("address", INSIDE)
def test_in_the_admin_scripts_come_from_the_portal_only(
    client: Client, admin_user: User, address: str
) -> None:
    client.force_login(admin_user)
    found = policy(client.get(address))
    assert found["script-src"] == "'self' 'unsafe-eval'"
    assert "'unsafe-inline'" not in found["script-src"]
    assert (found["default-src"], found["base-uri"], found["frame-ancestors"]) == ("'none'",) * 3
    assert found["connect-src"] == found["form-action"] == "'self'"
    assert "http" not in str(found)


@pytest.mark.parametrize("address", [*OUTSIDE, *INSIDE])
def test_every_answer_has_the_same_few_protections(db: None, client: Client, address: str) -> None:
    response = client.get(address)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", [*OUTSIDE, *INSIDE])
def test_every_answer_has_an_id_of_its_own(db: None, client: Client, address: str) -> None:
    found = [client.get(address)["X-Request-Id"] for _ in range(3)]
    assert len(set(found)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", identifier) for identifier in found)


def test_the_id_is_not_taken_from_the_request(db: None, client: Client) -> None:
    response = client.get("/healthz", headers={"x-request-id": "chosen-by-somebody"})
    assert response["X-Request-Id"] != "chosen-by-somebody"


@pytest.mark.urls(__name__)
def test_an_answer_to_a_fault_has_them_too_and_tells_nothing(db: None) -> None:
    response = Client(raise_request_exception=False).get("/fails")
    assert response.status_code == 500
    assert policy(response) == ERROR_PAGE
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-Id"])
    assert b"ZeroDivisionError" not in response.content
    assert b"Traceback" not in response.content


def test_a_foreign_host_is_refused(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portcullis.test"]
    assert Client().get("/admin/login/", headers={"host": "attacker.example"}).status_code == 400


def test_http_is_sent_on_to_https_where_the_portal_is_https(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    response = Client().get("/admin/login/?next=/admin/")
    assert response.status_code == 301
    assert response["Location"] == "https://testserver/admin/login/?next=/admin/"
    assert "max-age=31536000" in Client().get("/admin/login/", secure=True)["Strict-Transport-Security"]
