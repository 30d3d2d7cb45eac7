"""A real browser, Debian's Chromium, which may talk to the portal and to nothing else."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.e2e.processes import Portal

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a window."""
    program = shutil.which("chromium")
    assert program, "chromium is not on the path: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Witness:
    """What pages did that they must not: requests to other hosts, console errors, failed requests."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.complaints: list[str] = []
        self._url = url
        context.on("request", self._see_request)
        context.on("console", self._see_console)

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")


@contextlib.contextmanager
def watched_page(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A superuser's page. A request to another host or an error on the console fails the test at its end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    witness = Witness(context, portal.url)
    page = context.new_page()
    sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
    yield page
    context.close()
    assert witness.complaints == []


def sign_in(page: Page, url: str, username: str, password: str) -> None:
    """Sign in to the admin by its form."""
    page.goto(f"{url}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{url}/admin/")
