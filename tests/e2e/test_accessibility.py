"""No page fails WCAG 2.2 AA by axe, light and dark, on a desk and on a phone, and none scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import WIDE, Inspector
from tests.e2e.browser import running_browser, sign_in, watched_page
from tests.e2e.crawl import pages_by_kind
from tests.e2e.processes import Portal

pytestmark = pytest.mark.browser

#: Where links lead everywhere else. A place that isn't there is left out.
STARTS = ("/admin/", "/me/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    with watched_page(browser, portal) as page:
        yield page


@pytest.fixture
def inspector(page: Page) -> Iterator[Inspector]:
    inspector = Inspector(page)
    yield inspector
    assert not inspector.complaints, "\n".join(inspector.complaints)


@pytest.fixture(scope="module")
def kinds(browser: Browser, portal: Portal) -> dict[str, str]:
    """One address of each kind of page that a superuser can reach."""
    page = browser.new_page()
    sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
    found = pages_by_kind(page, portal.url, *STARTS)
    page.close()
    return found


def test_every_page_and_what_it_opens(page: Page, kinds: dict[str, str], inspector: Inspector) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    for kind, address in kinds.items():
        page.goto(address)
        inspector.look(kind)
        inspector.look_behind(kind)
    assert {"/admin/tools/tool/#/change/", "/admin/audit/auditrow/#/change/"} <= set(kinds)
    assert len(kinds) > 40, kinds
    assert [request for request in sent if not request.startswith("GET ")] == []


def test_forms_that_were_refused(page: Page, kinds: dict[str, str], inspector: Inspector) -> None:
    refused = 0
    for kind, address in kinds.items():
        page.goto(address)
        empty = [field for field in page.locator("#main [required]").all() if not field.input_value()]
        if not empty or page.locator("select[name=action]").count():
            continue
        page.locator("#main [type=submit]").last.click()
        expect(page.locator(".errornote, .errorlist").first).to_be_visible()
        inspector.look_at_part(f"{kind}, refused")
        refused += 1
    assert refused > 8


def test_what_asks_before_it_acts_on_ticked_rows(
    page: Page, kinds: dict[str, str], inspector: Inspector
) -> None:
    asked = 0
    for kind, address in kinds.items():
        page.goto(address)
        choice = page.locator("select[name=action]")
        # The dots are our promise that nothing happens yet.
        for action in [text for text in choice.locator("option").all_inner_texts() if text.endswith("…")]:
            page.goto(address)
            page.locator("input.action-select").first.check()
            choice.select_option(label=action)
            inspector.look_at_part(f"{kind}, ticked")
            page.locator("button[name=index]").click()
            expect(page.get_by_role("link", name="Cancel")).to_be_visible()
            inspector.look(f"{kind}, {action}")
            asked += 1
    assert asked >= 2


def test_a_token_shown_once(page: Page, portal: Portal, inspector: Inspector) -> None:
    page.goto(f"{portal.url}/admin/clients/token/add/")
    page.get_by_label("Person").select_option(index=1)
    page.get_by_label("AI client").fill("Looked at")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#token-text")).to_be_visible()
    inspector.look("a token shown once")


def test_before_signing_in(browser: Browser, portal: Portal) -> None:
    page = browser.new_context(viewport=WIDE).new_page()
    inspector = Inspector(page)
    page.goto(f"{portal.url}/admin/login/")
    inspector.look("signing in")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct")).to_be_visible()
    inspector.look("signing in, refused")
    page.goto(f"{portal.url}/no/such/page")
    inspector.look("a page that isn't there")
    page.context.close()
    assert not inspector.complaints, "\n".join(inspector.complaints)
