"""A definition changes upstream: calls are refused until it is reviewed again, by two where it is severe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import servers
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import Witness, running_browser, sign_in, watched_page
from tests.e2e.page_world import run_inside
from tests.e2e.processes import Portal, Sandbox

pytestmark = pytest.mark.browser

PREFIX = "drifting"
TOOL = f"{PREFIX}_list_alerts"
SECOND, PASSWORD = "vic", "a long enough password"


@dataclass
class Drifting:
    """A server of which one tool is approved and given to somebody, and that person's AI client."""

    portal: Portal
    client: AIClient
    inbox_url: str
    tool_url: str

    def state(self) -> str:
        (row,) = self.portal.rows("SELECT state FROM tools_tool WHERE client_name = ?", TOOL)
        return str(row["state"])

    def change(self) -> None:
        """As the next sync would do it: what was approved is another definition than what is offered."""
        assert self.state() == "approved"
        run_inside(self.portal, "change_definition", name=TOOL)

    def refusal(self) -> str:
        return denial_of(self.client.call(TOOL))

    def works(self) -> bool:
        return not self.client.call(TOOL).is_error


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def drifting(portal: Portal, admin: AdminSession, upstream: Sandbox) -> Drifting:
    server = servers.register(portal, admin, prefix=PREFIX, url=upstream.url, key=upstream.key)
    servers.create_person(admin, "dora")
    tool = servers.tool_ids(portal, server)[TOOL]
    servers.approve_and_give(portal, admin, [tool], name=PREFIX, person="dora")
    token = servers.create_token(portal, admin, person="dora", client_name="Dora's Claude")
    admin.submit(
        "/admin/clients/user/add/", username=SECOND, email="vic@portcullis.invalid",
        usable_password="true", password1=PASSWORD, password2=PASSWORD,
    )  # fmt: skip
    run_inside(portal, "make_superuser", username=SECOND)
    places = (f"{portal.url}/admin/tools/tool/inbox/{tool}/", f"{portal.url}/admin/tools/tool/{tool}/change/")
    # This mode asks nothing before its first call, so that the call itself is what is refused.
    return Drifting(portal, AIClient(portal.walk["mcp_url"], token, "2026-07-28"), *places)


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    with watched_page(browser, portal) as page:
        yield page


@contextmanager
def second_reviewer(browser: Browser, portal: Portal) -> Iterator[Page]:
    context = browser.new_context()
    witness = Witness(context, portal.url)
    page = context.new_page()
    sign_in(page, portal.url, SECOND, PASSWORD)
    yield page
    context.close()
    assert witness.complaints == []


@pytest.fixture
def four_eyes(portal: Portal, page: Page) -> Iterator[None]:
    set_four_eyes(portal, page, True)
    yield
    set_four_eyes(portal, page, False)


def set_four_eyes(portal: Portal, page: Page, is_on: bool) -> None:
    page.goto(f"{portal.url}/admin/audit/portalsettings/")
    page.get_by_label("Four eyes").set_checked(is_on)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The settings are saved and in force")).to_be_visible()


def test_it_is_refused_until_it_is_approved_again(page: Page, drifting: Drifting) -> None:
    assert drifting.works()
    drifting.change()
    assert drifting.refusal() == "tool_changed"

    page.goto(drifting.tool_url)
    expect(page.get_by_text("method, path or action changed").first).to_be_visible()
    expect(page.get_by_text("It sends its request elsewhere.").first).to_be_visible()
    page.goto(drifting.inbox_url)
    expect(page.get_by_role("heading", name="What changed since the approval")).to_be_visible()
    expect(page.get_by_text("method, path or action changed").first).to_be_visible()
    assert drifting.refusal() == "tool_changed", "looking changes nothing"
    approve(page)
    assert drifting.state() == "approved"
    assert drifting.works()


def test_a_severe_change_takes_two_reviewers(
    browser: Browser, page: Page, drifting: Drifting, four_eyes: None
) -> None:
    drifting.change()
    page.goto(drifting.inbox_url)
    expect(page.get_by_text("your approval is the first of two")).to_be_visible()
    approve(page)
    assert drifting.state() == "changed"
    assert drifting.refusal() == "tool_changed"
    page.goto(drifting.inbox_url)
    expect(page.get_by_text("You approved it as the first of two.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    with second_reviewer(browser, drifting.portal) as other:
        other.goto(drifting.inbox_url)
        expect(other.get_by_text("admin approved this definition first.")).to_be_visible()
        approve(other)
    assert drifting.state() == "approved"
    assert drifting.works()


def approve(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_load_state("load")
