"""Why can't they call it: the page gives the reason that the call was given, and leads to what mends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import servers
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal, Sandbox

pytestmark = pytest.mark.browser

PREFIX = "puzzling"
TOOL = f"{PREFIX}_count_alerts"


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    with running_browser() as browser, watched_page(browser, portal) as page:
        yield page


@pytest.fixture
def paula_client(portal: Portal, admin: AdminSession, upstream: Sandbox) -> AIClient:
    """Paula holds a profile with the tool, which was disabled since."""
    server = servers.register(portal, admin, prefix=PREFIX, url=upstream.url, key=upstream.key)
    servers.create_person(admin, "paula")
    tool = servers.tool_ids(portal, server)[TOOL]
    servers.approve_and_give(portal, admin, [tool], name=PREFIX, person="paula")
    token = servers.create_token(portal, admin, person="paula", client_name="Paula's Claude")
    admin.decide("disable", [tool], comment="It was noisy")
    # This mode asks nothing before its first call, so that the call itself is what is refused.
    return AIClient(portal.walk["mcp_url"], token, "2026-07-28")


def ask(page: Page, *, person: str, tool: str) -> None:
    page.locator("#nav-sidebar").get_by_role("link", name="Explain access").click()
    page.get_by_label("Person").fill(person)
    page.get_by_label("Tool", exact=True).fill(tool)
    page.get_by_role("button", name="Explain", exact=True).click()


def test_the_reason_is_the_calls_own_and_its_remedy_helps(page: Page, paula_client: AIClient) -> None:
    refused = paula_client.call(TOOL)
    assert denial_of(refused) == "tool_not_approved"
    told = refused.meta["portcullis/denial"]

    # Named in part, both are offered, and picked.
    ask(page, person="paul", tool="puzzling_count")
    for option in ("paula", TOOL):
        link = page.locator(".explain-options").get_by_role("link", name=option, exact=True)
        if link.count():
            link.click()
    expect(page.get_by_role("heading", name="Denied", exact=True)).to_be_visible()
    expect(page.locator(".explain-reason code")).to_have_text(told["reason"])
    expect(page.get_by_role("region", name="Denied")).to_contain_text(told["message"])

    page.locator(".explain-remedies").first.get_by_role("link").first.click()
    expect(page.get_by_text(TOOL).first).to_be_visible()
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve what is ticked").click()
    expect(page.get_by_text("1 tool approved.", exact=True)).to_be_visible()

    ask(page, person="paula", tool=TOOL)
    expect(page.get_by_role("heading", name="Allowed", exact=True)).to_be_visible()
    assert not paula_client.call(TOOL).is_error
