"""No page fails WCAG 2.2 AA by axe, light and dark, on a desk and on a phone, and none scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import WIDE, Inspector
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.browser import running_browser, sign_in, watched_page
from tests.e2e.crawl import pages_by_kind
from tests.e2e.page_world import run_inside
from tests.e2e.processes import Portal
from tests.e2e.servers import register

pytestmark = pytest.mark.browser

#: Where links lead everywhere else.
STARTS = ("/admin/", "/me/")
PREFIX = "shown"
#: Pages that only a certain state, or nobody's link, leads to: a promise that they are looked at.
LOOKED_AT = {
    "/admin/", "/admin/?period", "/admin/audit/auditrow/#/change/", "/admin/audit/portalsettings/",
    "/admin/catalog/server/#/change/", "/admin/catalog/server/#/delete/", "/admin/catalog/server/#/keys/",
    "/admin/catalog/server/#/reviewers/", "/admin/catalog/server/encryption-keys/",
    "/admin/tools/accessprofile/#/change/", "/admin/tools/accessrequest/#/change/", "/admin/tools/stop/",
    "/admin/tools/stop/#/change/", "/admin/tools/stop/set/", "/admin/tools/stop/set/?level&target",
    "/admin/tools/tool/#/change/", "/admin/tools/tool/#/revision/#/", "/admin/tools/tool/bulk/approve/",
    "/admin/tools/tool/bulk/classify/", "/admin/tools/tool/bulk/disable/", "/admin/tools/tool/explain/",
    "/admin/tools/tool/explain/?listing&person&tool", "/admin/tools/tool/explain/?person&tool",
    "/admin/tools/tool/explain/?tool", "/admin/tools/tool/inbox/", "/admin/tools/tool/inbox/#/",
    "/admin/tools/toolset/#/change/", "/admin/tools/toolset/#/delete/", "/me/", "/me/access/",
    "/me/access/#/", "/me/calls/", "/me/calls/#/", "/me/connect/", "/me/connections/",
    "/me/connections/#/close/", "/me/password/", "/me/tools/", "/me/tools/#/",
}  # fmt: skip


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
def states(portal: Portal, admin: AdminSession) -> Iterator[None]:
    """A server with a tool, a key, a profile and a request in each state, and a stop in force."""
    register(portal, admin, prefix=PREFIX, url=portal.walk["sandbox_url"], key=portal.walk["sandbox_key"])
    made = run_inside(portal, "show_everything", prefix=PREFIX, username=portal.walk["admin_user"])
    client = AIClient(portal.walk["mcp_url"], made["token"])
    assert not client.call("shown_get_alert", {"identifier": "1"}).is_error
    assert denial_of(client.call("shown_count_alerts")) == "tool_stopped"
    yield
    run_inside(portal, "lift_all")


@pytest.fixture(scope="module")
def kinds(browser: Browser, portal: Portal, states: None) -> dict[str, str]:
    """One address of each kind of page that a superuser can reach, and of each of our states."""
    page = browser.new_page()
    sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
    found = pages_by_kind(page, portal.url, *STARTS)
    page.close()
    return found | pages_in_a_state(portal)


def pages_in_a_state(portal: Portal) -> dict[str, str]:
    """The pages of our own objects, of which the crawl saw others of the same kind."""

    def number(table: str, column: str, name: str) -> str:
        (row,) = portal.rows(f"SELECT id FROM {table} WHERE {column} = ?", name)
        return str(row["id"])

    server, tool = number("catalog_server", "prefix", PREFIX), f"{PREFIX}_list_alerts"
    changed = number("tools_tool", "client_name", tool)
    places = {
        "a staged key": f"catalog/server/{server}/keys/",
        "reviewers": f"catalog/server/{server}/reviewers/",
        "a changed tool": f"tools/tool/{changed}/change/",
        "a changed tool in the inbox": f"tools/tool/inbox/{changed}/",
        "limits": f"tools/accessprofile/{number('tools_accessprofile', 'name', f'{PREFIX} held')}/change/",
        "a rule": f"tools/toolset/{number('tools_toolset', 'name', f'{PREFIX} by rule')}/change/",
        "a denial explained": f"tools/tool/explain/?person={portal.walk['admin_user']}&tool={tool}",
    }
    return {name: f"{portal.url}/admin/{place}" for name, place in places.items()}


def test_every_page_and_what_it_opens(page: Page, kinds: dict[str, str], inspector: Inspector) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    assert LOOKED_AT - set(kinds) == set()
    for kind, address in kinds.items():
        page.goto(address)
        inspector.look(kind)
        inspector.look_behind(kind)
    assert [request for request in sent if not request.startswith("GET ")] == []


def test_what_is_asked_before_something_is_done(
    page: Page, portal: Portal, kinds: dict[str, str], inspector: Inspector
) -> None:
    page.goto(f"{portal.url}/admin/tools/stop/set/?level=gateway")
    page.get_by_label("Reason").fill("It pages everybody.")
    page.get_by_role("button", name="Next: whom it hits").click()
    expect(page.get_by_role("button", name="Stop now")).to_be_visible()
    inspector.look("a stop to be confirmed")

    page.goto(kinds["limits"])
    page.locator("#id_toolsets_to").select_option(index=0)
    page.locator("#id_toolsets_remove, #id_toolsets_remove_link").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Save it all the same")).to_be_visible()
    inspector.look("a profile that takes tools away")

    page.goto(f"{portal.url}/admin/audit/portalsettings/")
    page.get_by_role("checkbox", name="AI access management").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Yes, refuse every call from now on")).to_be_visible()
    inspector.look("switching off to be confirmed")


def test_forms_that_were_refused(page: Page, kinds: dict[str, str], inspector: Inspector) -> None:
    refused = 0
    for kind, address in kinds.items():
        page.goto(address)
        empty = [field for field in page.locator("#main [required]").all() if not field.input_value()]
        if not empty or page.locator("select[name=action]").count():
            continue
        page.locator("#main [type=submit]").last.click()
        expect(page.locator(".errornote, .errorlist, [aria-invalid=true]").first).to_be_visible()
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
            page.locator("#action-toggle").check()
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
    page.goto(f"{portal.url}/sign-in/")
    inspector.look("signing in to the members' pages")
    page.context.clear_cookies()
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="This form is out of date")).to_be_visible()
    inspector.look("a form that is out of date")
    page.context.close()
    assert not inspector.complaints, "\n".join(inspector.complaints)
