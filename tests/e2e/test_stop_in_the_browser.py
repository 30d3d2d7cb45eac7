"""Something goes wrong at night: stop a tool from its page, see that it holds, practise, lift."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal

pytestmark = pytest.mark.browser

TOOL = "opsgenie_count_alerts"
REASON = "It counts closed alerts twice"


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    with running_browser() as browser, watched_page(browser, portal) as page:
        yield page


def test_a_tool_is_stopped_from_its_page_and_lifted(page: Page, portal: Portal, mia_client: AIClient) -> None:
    assert not mia_client.call(TOOL).is_error
    open_tool(page, portal)
    page.get_by_role("link", name="Stop…").click()
    expect(page.get_by_role("heading", name=f"Stop {TOOL}")).to_be_visible()
    say_why_by_keyboard(page)
    expect(page.get_by_text(re.compile("loses? 1 tool; [0-9,]+ calls? of theirs"))).to_be_visible()
    assert not mia_client.call(TOOL).is_error, "nothing is stopped before it is confirmed"
    page.get_by_role("button", name="Stop now").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text(f"Stopped: the tool {TOOL}. It took")).to_be_visible()
    refused = mia_client.call(TOOL)
    assert denial_of(refused) == "tool_stopped"
    assert f"The reason given: {REASON}" in refused.content[0].text
    for address in ("/admin/", "/admin/tools/tool/", "/admin/audit/auditrow/", "/admin/password_change/"):
        page.goto(f"{portal.url}{address}")
        banner = page.get_by_role("region", name="Stops in force")
        expect(banner).to_contain_text(f"Stopped: the tool {TOOL}.")
        expect(banner).to_contain_text(REASON)
    page.get_by_role("link", name="See stops").click()
    expect(page.get_by_text("1 call of 1 person to 1 tool")).to_be_visible()

    lift(page, f"Lift the stop of the tool {TOOL}")
    expect(page.get_by_role("region", name="Stops in force")).to_have_count(0)
    expect(page.get_by_text("Nothing is stopped.")).to_be_visible()
    assert not mia_client.call(TOOL).is_error


def test_the_whole_gateway_in_three_steps_and_a_drill(
    page: Page, portal: Portal, mia_client: AIClient
) -> None:
    page.locator("#nav-sidebar a[href='/admin/tools/stop/']").click()
    page.locator(".portal-card", has_text="The whole gateway").click()
    page.get_by_label("Reason").fill(REASON)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop now").click()
    expect(page.get_by_text("Stopped: the whole gateway. It took")).to_be_visible()
    assert denial_of(mia_client.call(TOOL)) == "gateway_stopped"
    lift(page, "Lift the stop of the whole gateway")

    page.locator(".portal-card", has_text="A person").click()
    page.get_by_role("searchbox", name="Search").fill("mia")
    page.keyboard.press("Enter")
    page.locator(".stop-options").get_by_role("link", name="mia").click()
    page.get_by_label("Reason").fill("Practice")
    page.get_by_label("1 hour from now").check()
    page.get_by_label("Drill").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Start the drill").click()
    expect(page.get_by_role("region", name="Stops in force")).to_contain_text("Drill, nothing is refused")
    assert not mia_client.call(TOOL).is_error
    page.reload()
    expect(page.get_by_text("1 call of 1 person to 1 tool")).to_be_visible()
    lift(page, "Lift the drill for the person mia")
    expect(page.get_by_role("region", name="Stops in force")).to_have_count(0)


def open_tool(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/?q={TOOL}")
    page.locator("#result_list").get_by_role("link", name=TOOL, exact=True).click()


def say_why_by_keyboard(page: Page) -> None:
    """From the field for the reason to the next step, without the mouse."""
    page.get_by_label("Reason").focus()
    page.keyboard.type(REASON)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Next: whom it hits":
            break
    page.keyboard.press("Enter")


def lift(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lift it").click()
    expect(page.get_by_text("is lifted.")).to_be_visible()
