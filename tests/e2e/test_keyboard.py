"""What an administrator does can be done with Tab, Enter, Space and Escape, and the focus is never lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.admin_session import AdminSession
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal
from tests.e2e.servers import register

pytestmark = pytest.mark.browser

MOST_TABS = 150


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    with running_browser() as browser, watched_page(browser, portal) as page:
        yield page


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it shows it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.count() and target.first.evaluate("element => element === document.activeElement"):
            ring = target.first.evaluate(
                "element => [getComputedStyle(element).outlineStyle, getComputedStyle(element).outlineWidth]"
            )
            assert ring == ["solid", "2px"], f"the focus is not to be seen: {ring}"
            return
    raise AssertionError(f"Tab doesn't reach {target} on {page.url}")


def test_skipping_the_side_bar(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_the_account_menu_and_the_theme(page: Page) -> None:
    menu = page.get_by_role("button", name="admin@")
    dark = page.get_by_role("button", name="Dark")
    tab_to(page, menu)
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("button", name="Light")).to_be_focused()

    tab_to(page, dark)
    page.keyboard.press("Space")
    expect(page.locator("html")).to_have_class("dark")
    expect(dark).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("Escape")
    expect(dark).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_menu_closes_when_it_is_left(page: Page) -> None:
    menu = page.get_by_role("button", name="admin@")
    tab_to(page, menu)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    log_out = page.get_by_role("button", name="Log out")
    tab_to(page, log_out)
    page.keyboard.press("Tab")
    expect(menu).to_be_focused()
    page.keyboard.press("Tab")
    expect(log_out).to_be_hidden()


def test_hiding_and_showing_the_side_bar(page: Page) -> None:
    tools = page.locator("#nav-sidebar").get_by_role("link", name="Tools", exact=True)
    expect(tools).to_be_visible()
    button = page.get_by_role("button", name="Menu")
    tab_to(page, button)
    page.keyboard.press("Space")
    expect(tools).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(tools).to_be_visible()


def test_the_side_bar_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    button = page.locator("#header-inner").get_by_role("button", name="Menu")
    tab_to(page, button)
    page.keyboard.press("Enter")
    tools = page.locator("#nav-sidebar").get_by_role("link", name="Tools", exact=True)
    expect(tools).to_be_visible()
    page.keyboard.press("Escape")
    expect(tools).to_be_hidden()
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Overview")).to_be_focused()
    tab_to(page, tools)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/tool/")


def test_a_filter(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/")
    button = page.get_by_role("button", name="Filters")
    tab_to(page, button)
    page.keyboard.press("Enter")
    panel = page.locator("#changelist-filter")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()

    page.keyboard.press("Space")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("combobox").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, panel.get_by_role("button", name="Apply Filters"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/tool/?state__exact=pending")


def test_a_dialog_is_given_up_and_carried_out(page: Page, portal: Portal, admin: AdminSession) -> None:
    server = register(
        portal, admin, prefix="keys", url=portal.walk["sandbox_url"], key=portal.walk["sandbox_key"]
    )
    page.goto(f"{portal.url}/admin/catalog/server/{server}/change/")
    pause = page.get_by_role("link", name="Pause")
    dialog = page.get_by_role("dialog", name="Pause this server")

    tab_to(page, pause)
    page.keyboard.press("Enter")
    expect(dialog).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(pause).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog).to_be_focused()
    tab_to(page, dialog.get_by_role("button", name="Cancel"))
    page.keyboard.press("Space")
    expect(dialog).to_be_hidden()
    expect(pause).to_be_focused()
    assert state_of(portal, server) == "active"

    page.keyboard.press("Enter")
    expect(dialog).to_be_focused()
    tab_to(page, dialog.get_by_role("button", name="Pause"))
    # What lies beneath can't be reached meanwhile.
    assert page.locator("#page").evaluate("page => page.inert")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paused: every call to its tools is refused.")).to_be_visible()
    assert state_of(portal, server) == "paused"


def test_the_actions_of_a_page_on_a_phone(page: Page, portal: Portal) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal.url}/admin/catalog/server/1/change/")
    more = page.get_by_role("button", name="More actions")
    test = page.get_by_role("link", name="Test keys")
    tab_to(page, more)
    page.keyboard.press("Space")
    tab_to(page, test)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Test this server's API keys")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(test).to_be_hidden()

    # With a finger it is a click, which must not close the list under it.
    more.click()
    test.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_approving_ticked_tools(page: Page, portal: Portal, admin: AdminSession) -> None:
    register(portal, admin, prefix="ticks", url=portal.walk["sandbox_url"], key=portal.walk["sandbox_key"])
    page.goto(f"{portal.url}/admin/tools/tool/?q=ticks_list_team")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="ticks_list_teams", exact=True))
    tab_to(page, row.get_by_role("checkbox"))
    page.keyboard.press("Space")
    choice = page.get_by_label("Select action to run")
    tab_to(page, choice)
    page.keyboard.type("Approve")
    run = page.locator("button[name=index]")
    tab_to(page, run)
    page.keyboard.press("Enter")

    expect(page.get_by_text("exactly the definitions shown here")).to_be_visible()
    tab_to(page, page.get_by_label("Comment"))
    page.keyboard.type("By keyboard")
    tab_to(page, page.get_by_role("button", name="Approve"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 tool approved.")).to_be_visible()
    (tool,) = portal.rows("SELECT state FROM tools_tool WHERE client_name = ?", "ticks_list_teams")
    assert tool["state"] == "approved"


def state_of(portal: Portal, server: int) -> str:
    return portal.rows("SELECT state FROM catalog_server WHERE id = ?", server)[0]["state"]
