"""An administrator's first hour, by clicking: add a server, review its tools, give access, read the log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal, Sandbox

pytestmark = pytest.mark.browser

SYNC_MILLISECONDS = 30_000


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    with running_browser() as browser, watched_page(browser, portal) as page:
        yield page


def test_from_add_server_to_the_audit_log(page: Page, portal: Portal, upstream: Sandbox) -> None:
    add_server(page, upstream)
    approve_two_tools(page)
    give_access(page)
    token = create_token(page)

    client = AIClient(portal.walk["mcp_url"], token)
    assert set(client.tools()) == {"clicked_list_alerts", "clicked_list_teams"}
    done = client.call("clicked_list_teams")
    refused = client.call("clicked_delete_team", {"identifier": "Payments"})
    assert not done.is_error, done
    assert denial_of(refused) == "unknown_tool"

    read_audit_log(page, portal, done.meta["portcullis/call_id"])


def open_from_side_bar(page: Page, model: str) -> None:
    page.locator(f"#nav-sidebar a[href='/admin/{model}/']").click()


def add_server(page: Page, upstream: Sandbox) -> None:
    open_from_side_bar(page, "catalog/server")
    page.locator("a[href$='/catalog/server/add/']").first.click()
    page.get_by_role("link", name=re.compile("^Opsgenie")).click()

    for region in ("United States", "European Union", "Local sandbox", "Custom URL"):
        expect(page.get_by_label(region).first).to_be_visible()
    expect(page.get_by_label("Authentication")).to_have_text(re.compile("Custom header"))
    expect(page.get_by_label("Header name")).to_have_value("Authorization")
    expect(page.get_by_label("Value prefix")).to_have_value("GenieKey ")

    page.locator("#id_name").fill("Clicked")
    page.locator("#id_prefix").fill("clicked")
    page.get_by_role("radio", name="Custom URL").check()
    page.locator("#id_custom_url").fill(upstream.url)
    page.get_by_label("API key").fill(upstream.key)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("A sync has started")).to_be_visible()

    page.locator("#result_list").get_by_role("link", name="Clicked", exact=True).click()
    page.get_by_role("link", name="Tools", exact=True).last.click()
    pending = page.get_by_text("pending review").first
    for _ in range(30):
        if pending.is_visible():
            break
        page.wait_for_timeout(1_000)
        page.reload()
        page.get_by_role("link", name="Tools", exact=True).last.click()
    expect(pending).to_be_visible()
    assert upstream.key not in page.content()


def approve_two_tools(page: Page) -> None:
    open_from_side_bar(page, "tools/tool")
    page.locator("#searchbar").fill("clicked_list")
    page.locator("#searchbar").press("Enter")
    for name in ("clicked_list_alerts", "clicked_list_teams"):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))
        row.get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option(label="Approve…")
    page.locator("button[name=index]").click()

    expect(page.get_by_text("The approval counts for exactly the definitions shown here")).to_be_visible()
    page.get_by_label("Comment").fill("Reading is harmless")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("2 tools approved.", exact=True)).to_be_visible()


def give_access(page: Page) -> None:
    open_from_side_bar(page, "tools/toolset")
    page.locator("a[href$='/tools/toolset/add/']").first.click()
    page.locator("#id_name").fill("Clicked reading")
    page.locator("#id_tools_from").select_option(label=["clicked_list_alerts", "clicked_list_teams"])
    page.locator("#id_tools_add, #id_tools_add_link").first.click()
    page.get_by_role("button", name="Save", exact=True).click()

    open_from_side_bar(page, "tools/accessprofile")
    page.locator("a[href$='/tools/accessprofile/add/']").first.click()
    page.locator("#id_name").fill("Clicked profile")
    page.locator("#id_toolsets_from").select_option(label="Clicked reading")
    page.locator("#id_toolsets_add, #id_toolsets_add_link").first.click()
    page.get_by_role("button", name="Save", exact=True).click()

    open_from_side_bar(page, "clients/user")
    page.locator("a[href$='/clients/user/add/']").first.click()
    page.get_by_label("Username").fill("nadia")
    page.get_by_label("E-mail address").fill("nadia@example.com")
    page.locator("#id_password1").fill("a long enough password")
    page.locator("#id_password2").fill("a long enough password")
    page.get_by_role("button", name="Save", exact=True).click()

    open_from_side_bar(page, "tools/grant")
    page.locator("a[href$='/tools/grant/add/']").first.click()
    page.locator("#id_profile").select_option(label="Clicked profile")
    page.locator("#id_user").select_option(label="nadia")
    page.get_by_label("Reason").fill("She is on call")
    page.get_by_role("button", name="Save", exact=True).click()


def create_token(page: Page) -> str:
    open_from_side_bar(page, "clients/token")
    page.locator("a[href$='/clients/token/add/']").first.click()
    page.get_by_label("Person").select_option(label="nadia")
    page.get_by_label("AI client").fill("Nadia's Claude")
    page.get_by_role("button", name="Save", exact=True).click()

    token = page.locator("#token-text").inner_text()
    assert token.startswith("pct_")
    page.get_by_role("link", name="To the list of tokens").click()
    assert token not in page.content()
    return token


def read_audit_log(page: Page, portal: Portal, call_id: str) -> None:
    open_from_side_bar(page, "audit/auditrow")
    first_rows = page.get_by_role("row")
    refused = first_rows.filter(has_text="clicked_delete_team").first
    expect(refused).to_contain_text("nadia")
    expect(refused).to_contain_text("Call denied", ignore_case=True)
    expect(refused).to_contain_text("unknown_tool")
    done = first_rows.filter(has_text="clicked_list_teams").first
    expect(done).to_contain_text("nadia")
    expect(done).to_contain_text("Call succeeded", ignore_case=True)
    expect(done).to_contain_text(re.compile(r"\d ms"))

    page.locator("#searchbar").fill(call_id)
    page.locator("#searchbar").press("Enter")
    page.get_by_role("link", name="clicked_list_teams").first.click()
    expect(page.get_by_text(call_id).first).to_be_visible()
    expect(page.get_by_text("Clicked profile").first).to_be_visible()
    assert page.get_by_role("button", name="Save").count() == 0
