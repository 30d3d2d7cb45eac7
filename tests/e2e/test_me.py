"""A member's own pages, by clicking: connect, look what may be used, read why not, and end a connection."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from mcp.shared.exceptions import MCPError
from playwright.sync_api import Browser, Page, expect

from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import Witness, running_browser
from tests.e2e.processes import Portal

pytestmark = pytest.mark.browser

PATHS = ("", "connect/", "tools/", "tools/opsgenie_list_alerts/", "connections/", "calls/", "password/")
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(params=["light"])
def page(browser: Browser, portal: Portal, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Mia's browser, signed in. Whatever it should not have done fails the test at its end."""
    context = browser.new_context(**LOOKS[request.param])
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=portal.url)
    witness = Witness(context, portal.url)
    page = context.new_page()
    page.goto(portal.url)
    page.get_by_label("Username").fill(portal.walk["member_user"])
    page.get_by_label("Password").fill(portal.walk["member_password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{portal.url}/me/")
    yield page
    assert witness.complaints == []
    context.close()


@pytest.fixture
def laptop(portal: Portal, admin: AdminSession) -> AIClient:
    """A connection of mia's that only this test uses."""
    mia = portal.rows("SELECT id FROM clients_user WHERE username = 'mia'")[0]["id"]
    answer = admin.submit("/admin/clients/token/add/", owner=mia, client_name="Mia's laptop").text
    (text,) = set(re.findall(r"pct_[0-9A-Za-z]{12}_[0-9A-Za-z]{46}", answer))
    # This mode asks nothing before its first call, so that the call itself is what is refused.
    return AIClient(portal.walk["mcp_url"], text, "2026-07-28")


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="My access").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(name, re.IGNORECASE))


def test_the_text_for_a_client_is_copied_by_keyboard(page: Page, portal: Portal) -> None:
    page.get_by_role("link", name="Connect a client").click()
    button = page.get_by_role("button", name="Copy the text for Claude Code")
    button.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#announcement")).to_have_text("Copied the text for Claude Code")
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"claude mcp add --transport http portcullis {portal.walk['mcp_url']} "
        '--header "Authorization: Bearer pct_…"'
    )


def test_without_a_clipboard_it_is_selected_and_copied_the_old_way(page: Page, portal: Portal) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(f"{portal.url}/me/connect/")
    page.get_by_role("button", name="Copy the address").click()

    expect(page.locator("#announcement")).to_have_text("Copied the address")
    assert page.evaluate("getSelection().toString()").strip() == portal.walk["mcp_url"]


def test_it_works_without_scripts(browser: Browser, portal: Portal) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal.url}/me/connect/#vs-code")
    page.get_by_label("Username").fill(portal.walk["member_user"])
    page.get_by_label("Password").fill(portal.walk["member_password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="VS Code")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Copy"))).to_have_count(0)
    section(page, "Tools")
    page.get_by_label("Search by name").fill("count")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="opsgenie_count_alerts")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_her_tools_are_what_her_client_is_offered(page: Page, mia_client: AIClient) -> None:
    section(page, "Tools")
    shown = page.locator("tbody th code").all_inner_texts()
    assert sorted(shown) == sorted(mia_client.tools())

    name = "opsgenie_list_alerts"
    page.get_by_role("link", name=name).click()
    description = mia_client.tools()[name].description
    expect(page.locator(".prose")).to_have_text(" ".join(description.split()))


def test_a_refused_call_is_there_with_its_remedy(page: Page, mia_client: AIClient) -> None:
    refused = mia_client.call("opsgenie_get_alert", {"identifier": "1", "nonsense": True})
    assert denial_of(refused) == "arguments_invalid"
    denial = refused.meta["portcullis/denial"]

    page.reload()
    refusals = page.get_by_role("region", name="Last refusals")
    expect(refusals).to_contain_text(denial["remedy"])
    section(page, "Calls")
    page.get_by_role("link", name="Refused").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(denial["message"])
    expect(row).to_contain_text(denial["remedy"])
    row.get_by_role("link").click()
    expect(page.get_by_text(denial["call_id"])).to_be_visible()
    expect(page.get_by_text("'nonsense' was unexpected")).to_be_visible()


def test_closing_a_connection_refuses_its_next_call(
    page: Page, laptop: AIClient, mia_client: AIClient
) -> None:
    assert not laptop.call("opsgenie_count_alerts").is_error
    section(page, "Connections")
    page.get_by_role("link", name="Close… Mia's laptop").click()
    expect(page.get_by_text("What stops working")).to_be_visible()
    page.get_by_role("button", name="Close it").click()

    expect(page.get_by_text("Mia's laptop is closed: its next call is refused.")).to_be_visible()
    expect(page.get_by_role("heading", name="Mia's laptop closed")).to_be_visible()
    ended = laptop.call("opsgenie_count_alerts")
    assert isinstance(ended, MCPError)
    assert "The token was revoked" in ended.error.message
    assert not mia_client.call("opsgenie_count_alerts").is_error


def test_the_way_past_the_menu_is_the_first_stop_of_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("page", LOOKS, indirect=True)
def test_every_page_can_be_used_by_everybody_and_fits(page: Page, portal: Portal) -> None:
    for path in PATHS:
        page.goto(f"{portal.url}/me/{path}")
        violations = [
            (found["id"], [node["html"][:100] for node in found["nodes"]])
            for found in Axe().run(page).response["violations"]
        ]
        assert violations == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
