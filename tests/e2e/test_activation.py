"""AI access management is switched off and on again on its page, and an AI client is told who does that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import Witness, running_browser, watched_page
from tests.e2e.processes import Portal

pytestmark = pytest.mark.browser

TOOL = "opsgenie_count_alerts"
OFF = "AI access management is off"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    with watched_page(browser, portal) as page:
        yield page
        switch_on(page, portal)


def open_settings(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/audit/portalsettings/")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def switch_on(page: Page, portal: Portal) -> None:
    open_settings(page, portal)
    switch = page.get_by_role("checkbox", name="AI access management")
    if not switch.is_checked():
        switch.check()
        save(page)
    expect(page.get_by_role("heading", name="AI access management is on")).to_be_visible()


def test_switched_off_it_refuses_and_says_who_switches_it_on(
    browser: Browser, page: Page, portal: Portal, mia_client: AIClient
) -> None:
    assert not mia_client.call(TOOL).is_error

    open_settings(page, portal)
    page.get_by_role("checkbox", name="AI access management").uncheck()
    save(page)
    confirmation = page.get_by_label("Yes, refuse every call from now on")
    expect(confirmation).to_be_visible()
    expect(page.get_by_text("From now on every call of every AI client is refused.")).to_be_visible()
    assert not mia_client.call(TOOL).is_error, "nothing is off before it is confirmed"
    confirmation.check()
    save(page)
    expect(page.get_by_role("heading", name=OFF)).to_be_visible()

    refused = mia_client.call(TOOL)
    assert denial_of(refused) == "gateway_stopped"
    assert "AI access management is switched off" in refused.content[0].text
    assert "A superuser of Portcullis switches it on under Settings." in refused.content[0].text
    for address in ("/admin/", "/admin/tools/tool/", "/admin/password_change/"):
        page.goto(f"{portal.url}{address}")
        expect(page.get_by_role("region", name=OFF)).to_contain_text("every call is refused")
    see_it_as_a_member(browser, portal)

    page.get_by_role("region", name=OFF).get_by_role("link").click()
    switch_on(page, portal)
    page.goto(f"{portal.url}/admin/")
    expect(page.get_by_role("region", name=OFF)).to_have_count(0)
    assert not mia_client.call(TOOL).is_error


def see_it_as_a_member(browser: Browser, portal: Portal) -> None:
    context = browser.new_context()
    witness = Witness(context, portal.url)
    page = context.new_page()
    page.goto(f"{portal.url}/me/calls/")
    page.get_by_label("Username").fill(portal.walk["member_user"])
    page.get_by_label("Password").fill(portal.walk["member_password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("region", name=OFF)).to_contain_text("A superuser switches it on")
    context.close()
    assert witness.complaints == []
