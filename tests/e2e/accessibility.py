"""What axe says of a page, in both themes and at both widths, and what a page shows only when asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ElementHandle, Page, ViewportSize

WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=390, height=844)
Theme = Literal["light", "dark"]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: All that a theme or a width can make wrong, so that a second look needn't be one at everything else.
ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]
ABOUT_WIDTHS = [*ABOUT_COLOURS, "target-size", "scrollable-region-focusable", "button-name", "link-name"]

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
# Rows are alike: what eight of them don't show, a hundred don't either, and they take ten times as long.
KEEP_EIGHT_ROWS = """() => {
  const more = 'table > tbody:nth-of-type(n + 9), tbody > tr:nth-child(n + 9), #content li:nth-child(n + 9)';
  for (const row of document.querySelectorAll(more)) row.remove();
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
        """Note everything wrong with the page as it is now: light and dark, wide and narrow."""
        self._look_once(what, WIDE, "light")
        self._look_once(what, WIDE, "dark")
        self._look_once(what, NARROW, "light", rules=ABOUT_WIDTHS)
        self._restore()

    def look_at_part(self, what: str, part: Any = None) -> None:
        """The same for what is new on a page that has been looked at: two looks, and only at a part of it."""
        self._look_once(what, WIDE, "light", part)
        self._look_once(what, NARROW, "dark", part)
        self._restore()

    def _look_once(
        self, what: str, size: ViewportSize, theme: Theme, part: Any = None, rules: list[str] | None = None
    ) -> None:
        self._prepare()
        self.page.set_viewport_size(size)
        self._set_theme(theme)
        where = f"{what}, {theme}, {size['width']} px"
        if theme == "dark":
            rules = ABOUT_COLOURS
        for found in self._violations(part, rules):
            self.complaints.append(f"{where}: {found}")
        if sideways := self.page.evaluate(SCROLLS_SIDEWAYS):
            self.complaints.append(f"{where}: the page is {sideways} px wide")

    def _restore(self) -> None:
        self.page.set_viewport_size(WIDE)
        self._set_theme("light")

    def _set_theme(self, theme: Theme) -> None:
        # The admin has a switch of its own, the pages outside it follow the system.
        self.page.emulate_media(color_scheme=theme)
        self.page.evaluate(SET_THEME, theme)

    def look_behind(self, what: str) -> None:
        """Look at the page again with each tab, menu, panel and dialog open that it has and no other had."""
        for name, tab in self._new("#tabs-items a[href^='#']", what):
            tab.click()
            self.look_at_part(f"{what}, tab {name}", "#content")
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)
            for name, control in self._new("[aria-expanded=false]", str(size)):
                # What was opened before it can have put it away: then nobody could press it either.
                if not control.is_visible():
                    continue
                control.click()
                theme: Theme = "light" if size is WIDE else "dark"
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
            self.page.evaluate(KEEP_EIGHT_ROWS)

    def _violations(self, part: Any, rules: list[str] | None) -> Iterator[str]:
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": LEVELS}
        options: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": only}
        result = self.page.evaluate(
            "([part, options]) => axe.run(part ?? document, options)", [part, options]
        )
        for violation in result["violations"]:
            for node in violation["nodes"]:
                reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
                html = " ".join(node["html"].split())
                yield f"{violation['id']}: {html[:200]} ({'; '.join(reasons)[:200]})"
