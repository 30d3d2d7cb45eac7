from __future__ import annotations

import uuid
from urllib.parse import quote, urlencode

import pytest

from audit.events import Event
from clients.models import User
from tests.me.conftest import Gateway, browser_of
from tests.me.test_my_calls import tell
from tests.pages.dump import whole_database

TEXTS = ["", "\0", "'%_", "x" * 5_000, "9" * 5_000, "9" * 19, "9" * 18, "-1", "0", "1.5", "٣", "²", "None",
         "\ud800", "é", "open", "refused\0", "../../admin", "{}"]  # fmt: skip


@pytest.mark.parametrize("name", ["q", "outcome", "older", "page", "next"])
def test_in_a_query(gateway: Gateway, mia: User, name: str) -> None:
    tell(mia, Event.CALL_DENIED, uuid.uuid4(), "rate_limited")
    browser = browser_of(mia)
    for path in ("/me/", "/me/connect/", "/me/tools/", "/me/connections/", "/me/calls/", "/sign-in/"):
        for text in TEXTS:
            response = browser.get(f"{path}?{urlencode({name: text}, errors='surrogatepass')}")
            assert response.status_code in (200, 302), (path, text[:20])


def test_nonsense_is_as_good_as_nothing(mia: User) -> None:
    tell(mia, Event.CALL_DENIED, uuid.uuid4(), "rate_limited")
    browser = browser_of(mia)
    for query in (
        "outcome=nonsense",
        "outcome=open",
        "older=x",
        "older=-1",
        "older=%00",
        f"older={'9' * 19}",
    ):
        assert len(browser.get(f"/me/calls/?{query}").context["page"].calls) == 1, query
    for query in ("older=0", "older=1"):
        assert browser.get(f"/me/calls/?{query}").context["page"].calls == [], query


def test_in_an_address(gateway: Gateway, mia: User) -> None:
    browser = browser_of(mia)
    before = whole_database()
    for text in TEXTS[1:]:
        part = quote(text, safe="", errors="surrogatepass")
        for path in (f"/me/tools/{part}/", f"/me/calls/{part}/", f"/me/connections/{part}/close/"):
            assert browser.get(path).status_code == 404, path[:60]
        assert browser.post(f"/me/connections/{part}/close/").status_code == 404
    assert whole_database() == before


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_in_a_method(mia: User, method: str) -> None:
    browser = browser_of(mia)
    for path in ("/me/", "/me/connect/", "/me/tools/", "/me/tools/x/", "/me/connections/", "/me/calls/"):
        assert getattr(browser, method)(path).status_code == 405, path
