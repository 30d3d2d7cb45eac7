"""A reviewer's morning without a mouse: one tool after the other, a changed one, many at once, and undo."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_session import AdminSession
from tests.e2e.browser import Witness, running_browser, sign_in
from tests.e2e.processes import PROJECT, Portal, Sandbox, portal_environment
from tests.e2e.servers import register, wait_for_sync

pytestmark = pytest.mark.browser

PREFIX = "keyboard"
# As if the tool had been approved with another definition than the one that is offered now.
CHANGE = """
from tools.definitions import digest_of
from tools.models import Tool, ToolRevision
tool = Tool.objects.get(client_name="keyboard_list_alerts")
old = {**tool.discovered_revision.definition, "path": "/v1/alerts", "description": "Lists alerts."}
revision = ToolRevision.objects.create(tool=tool, digest=digest_of(old), definition=old)
Tool.objects.filter(pk=tool.pk).update(
    state="changed", approved_revision=revision, state_since="2020-01-01T00:00:00Z"
)
"""


@pytest.fixture(scope="module")
def server(portal: Portal, admin: AdminSession, upstream: Sandbox) -> int:
    """A server whose tools all wait, the longest waiting one for its change."""
    number = register(portal, admin, prefix=PREFIX, url=upstream.url, key=upstream.key)
    wait_for_sync(portal, PREFIX)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", CHANGE],
        cwd=PROJECT, env=portal_environment(portal.folder, portal.database_url), check=True, timeout=60,
    )  # fmt: skip
    return number


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    """The reviewer's browser. Whatever it should not have done fails the test at its end."""
    with running_browser() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        witness = Witness(context, portal.url)
        page = context.new_page()
        sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
        yield page
        assert witness.complaints == []


def state(portal: Portal, name: str) -> str:
    (row,) = portal.rows("SELECT state FROM tools_tool WHERE client_name = ?", name)
    return str(row["state"])


def opened(page: Page) -> str:
    return page.locator("#inbox-tool-name").inner_text()


def press(page: Page, key: str) -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state("load")


def test_five_tools_by_keyboard_alone(page: Page, portal: Portal, server: int) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/inbox/?server={server}")

    # The one that changed waits longest. Its difference is there, and it is refused: disabled.
    press(page, "n")
    assert opened(page) == "keyboard_list_alerts"
    expect(page.get_by_role("heading", name="What changed since the approval")).to_be_visible()
    expect(page.get_by_text("method, path or action changed").first).to_be_visible()
    expect(page.locator("#inbox-tool-name")).to_be_focused()
    press(page, "d")
    assert state(portal, "keyboard_list_alerts") == "disabled"

    # The next is open, and both are said aloud.
    second = opened(page)
    said = page.locator("#inbox-said")
    expect(said).to_have_text(re.compile(rf"keyboard_list_alerts disabled\. Open now: {second}, 1 of \d+\."))

    # On second thoughts: undone, looked at again, and approved.
    press(page, "u")
    assert opened(page) == "keyboard_list_alerts"
    assert state(portal, "keyboard_list_alerts") == "changed"
    press(page, "a")
    assert state(portal, "keyboard_list_alerts") == "approved"
    assert opened(page) == second

    # A comment: while it is written, letters are letters.
    page.keyboard.press("c")
    expect(page.get_by_label("Comment")).to_be_focused()
    page.keyboard.type("and a decent one: d, n, u?")
    assert opened(page) == second
    page.keyboard.press("Escape")
    press(page, "a")
    assert state(portal, second) == "approved"
    (decision,) = portal.rows(
        "SELECT r.comment FROM tools_review r JOIN tools_tool t ON t.id = r.tool_id WHERE t.client_name = ?",
        second,
    )
    assert decision["comment"] == "and a decent one: d, n, u?"

    third = opened(page)
    press(page, "j")
    fourth = opened(page)
    press(page, "k")
    assert opened(page) == third
    press(page, "d")
    assert (state(portal, third), opened(page)) == ("disabled", fourth)
    press(page, "a")
    press(page, "a")
    assert state(portal, fourth) == "approved"


def test_shortcuts_are_listed_and_can_be_switched_off(page: Page, portal: Portal, server: int) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/inbox/?server={server}")
    press(page, "n")
    name = opened(page)
    page.keyboard.press("?")
    expect(page.get_by_text("show or hide this list")).to_be_visible()
    page.get_by_label("Use them in this browser").focus()
    page.keyboard.press("Space")
    for key in ("a", "d", "n"):
        page.keyboard.press(key)
    page.reload()
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    assert opened(page) == name
    assert state(portal, name) == "pending"
    page.locator("#inbox-help summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Use them in this browser").focus()
    page.keyboard.press("Space")
    press(page, "n")


def test_a_filter_is_approved_at_once_and_taken_back(page: Page, portal: Portal, server: int) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/inbox/?server={server}")
    page.get_by_label("Domain").focus()
    page.get_by_label("Domain").select_option("schedules")
    page.get_by_label("Action").select_option("read")
    page.get_by_role("button", name="Narrow").focus()
    press(page, "Enter")
    button = page.get_by_role("link", name=re.compile(r"^Approve all \d+ shown…$"))
    count = int(re.findall(r"\d+", button.inner_text())[0])
    assert count >= 2
    button.focus()
    press(page, "Enter")
    expect(page.get_by_text(f"{count} of {count} ticked.")).to_be_visible()
    page.get_by_role("button", name="Approve what is ticked").focus()
    press(page, "Enter")
    expect(page.get_by_text(f"{count} tools approved.", exact=True)).to_be_visible()
    assert approved_schedules(portal, server) == count
    left = page.locator("#inbox-undo-left")
    expect(left).to_have_text(re.compile(r"Possible for \d+ more seconds\."))
    first = left.inner_text()
    expect(left).not_to_have_text(first, timeout=3_000)
    press(page, "u")
    expect(page.get_by_text(f"Undone: {count} tools are again as they were.", exact=True)).to_be_visible()
    assert approved_schedules(portal, server) == 0


def approved_schedules(portal: Portal, server: int) -> int:
    (row,) = portal.rows(
        "SELECT count(*) AS n FROM tools_tool WHERE server_id = ? AND domain = 'schedules' "
        "AND action = 'read' AND state = 'approved'",
        server,
    )
    return int(row["n"])
