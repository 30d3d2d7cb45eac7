"""`make screenshots`: the pictures in the docs, from a fresh quickstart after a month of made-up use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.accessibility import SET_THEME, Theme
from tests.e2e.ai_client import AIClient
from tests.e2e.browser import running_browser, sign_in
from tests.e2e.page_world import run_inside
from tests.e2e.processes import PROJECT, Portal, running_portal

IMAGES = PROJECT / "docs/images"
SIZE = {"width": 1360, "height": 860}
CHANGED, STOPPED = "opsgenie_list_alerts", "opsgenie_get_alert"


def overview(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/?period=month")


def inbox(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/inbox/{_tool(portal, CHANGED)}/")


def tool(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/{_tool(portal, STOPPED)}/change/")


def stop(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/stop/set/?level=tool&target={_tool(portal, STOPPED)}")
    page.get_by_label("Reason").fill("It shows alerts of a customer who asked us not to.")
    page.get_by_label("1 hour from now").check()
    page.get_by_role("button", name="Next: whom it hits").click()
    page.get_by_role("button", name="Stop now").wait_for()


def explain(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/admin/tools/tool/explain/?person=mia&tool={CHANGED}")


PAGES: dict[str, tuple[Callable[[Page, Portal], None], Theme]] = {
    "overview": (overview, "light"),
    "inbox": (inbox, "light"),
    "tool": (tool, "light"),
    "stop": (stop, "light"),
    "explain": (explain, "dark"),
}


def main() -> None:
    """Take every picture anew, and say where it is."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder), "") as portal:
        run_inside(portal, "a_month_of_use")
        client = AIClient(portal.walk["mcp_url"], portal.walk["user_token"])
        for name, arguments in (
            ("opsgenie_get_alert", {"identifier": "60"}),
            ("opsgenie_close_alert", {"identifier": "60"}),
            ("opsgenie_get_on_calls", {"identifier": "Payments_schedule"}),
            ("opsgenie_list_alerts", {"query": "status:open", "limit": 5}),
            ("opsgenie_count_alerts", {}),
        ):
            client.call(name, arguments)
        with running_browser() as browser:
            page = browser.new_page(viewport=SIZE)
            sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
            for name, (open_page, theme) in PAGES.items():
                open_page(page, portal)
                page.emulate_media(color_scheme=theme)
                page.evaluate(SET_THEME, theme)
                _take(page, name)
            _take(_of_a_member(browser, portal), "me")


def _of_a_member(browser: Browser, portal: Portal) -> Page:
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{portal.url}/me/")
    page.get_by_label("Username").fill(portal.walk["member_user"])
    page.get_by_label("Password").fill(portal.walk["member_password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")
    return page


def _tool(portal: Portal, name: str) -> int:
    (row,) = portal.rows("SELECT id FROM tools_tool WHERE client_name = ?", name)
    return int(row["id"])


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_000)  # charts grow into place
    page.screenshot(path=IMAGES / f"{name}.png")
    print(IMAGES / f"{name}.png", f"{(IMAGES / f'{name}.png').stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
