"""What axe says of a page, in both themes and at both widths, and what a page shows only when asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ElementHandle, Page, ViewportSize

WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=390, height=844)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: All that a theme can make wrong, so that the dark one needs no second look at everything else.
ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]

# Colours are measured as they end up, not on their way. A style sheet made by script is no inline style.
STAND_STILL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
SET_THEME = """theme => {
  document.documentElement.classList.remove('dark', 'light');
  document.documentElement.classList.add(theme);
}"""
# Rows are alike: what twenty of them don't show, a hundred don't either, and they take five times as long.
KEEP_TWENTY_ROWS = """() => {
  for (const body of document.querySelectorAll('table > tbody:nth-of-type(n + 21)')) body.remove();
}"""
SCROLLS_SIDEWAYS = """() => {
  const page = document.scrollingElement;
  return page.scrollWidth > window.innerWidth ? page.scrollWidth : 0;
}"""


class Inspector:
    """Looks at pages and remembers what it has seen, so that what all pages share is looked at once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._opened: set[tuple[str, str]] = set()

    def look(self, what: str) -> None:
        """Note everything wrong with the page as it is now, light and dark, wide and narrow."""
        for size in (WIDE, NARROW):
            self._look_once(what, size, "light")
            self._look_once(what, size, "dark")
        self._restore()

    def look_at_part(self, what: str, part: Any = None) -> None:
        """The same for what is new on a page that has been looked at: two looks, and only at a part of it."""
        self._look_once(what, WIDE, "light", part)
        self._look_once(what, NARROW, "dark", part)
        self._restore()

    def _look_once(self, what: str, size: ViewportSize, theme: str, part: Any = None) -> None:
        self._prepare()
        self.page.set_viewport_size(size)
        self.page.evaluate(SET_THEME, theme)
        where = f"{what}, {theme}, {size['width']} px"
        for found in self._violations(part, only_colours=theme == "dark"):
            self.complaints.append(f"{where}: {found}")
        if sideways := self.page.evaluate(SCROLLS_SIDEWAYS):
            self.complaints.append(f"{where}: the page is {sideways} px wide")

    def _restore(self) -> None:
        self.page.set_viewport_size(WIDE)
        self.page.evaluate(SET_THEME, "light")

    def look_behind(self, what: str) -> None:
        """Look at the page again with each tab, menu, panel and dialog open that it has and no other had."""
        for name, tab in self._new("#tabs-items a[href^='#']", what):
            tab.click()
            self.look_at_part(f"{what}, tab {name}", "#content")
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)
            for name, control in self._new("[aria-expanded=false]", str(size)):
                control.click()
                for theme in ("light", "dark"):
                    self._look_once(f"{what}, opened {name}", size, theme, {"exclude": ["table"]})
                self.page.keyboard.press("Escape")
        self._restore()
        for name, link in self._new("a[hx-target='#modal-content']", what):
            link.click()
            dialog = self.page.get_by_role("dialog")
            dialog.wait_for()
            self.look_at_part(f"{what}, dialog {name}", "#modal-content")
            self.page.keyboard.press("Escape")
            dialog.wait_for(state="hidden")

    def _new(self, selector: str, where: str = "") -> Iterator[tuple[str, ElementHandle]]:
        for control in self.page.query_selector_all(selector):
            name = control.get_attribute("aria-label") or " ".join(control.inner_text().split())
            if (where, name) not in self._opened and control.is_visible():
                self._opened.add((where, name))
                yield name, control

    def _prepare(self) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
            self.page.evaluate(STAND_STILL)
            self.page.evaluate(KEEP_TWENTY_ROWS)

    def _violations(self, part: Any, *, only_colours: bool) -> Iterator[str]:
        only = {"type": "tag", "values": LEVELS}
        if only_colours:
            only = {"type": "rule", "values": ABOUT_COLOURS}
        options: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": only}
        result = self.page.evaluate(
            "([part, options]) => axe.run(part ?? document, options)", [part, options]
        )
        for violation in result["violations"]:
            for node in violation["nodes"]:
                reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
                html = " ".join(node["html"].split())
                yield f"{violation['id']}: {html[:200]} ({'; '.join(reasons)[:200]})"
