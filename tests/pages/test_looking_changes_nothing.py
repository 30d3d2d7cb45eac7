"""A GET leaves every table as it was, on every address and behind every link."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

from clients.models import User
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.world import World

MORE = ["/admin/catalog/server/add/?connector=opsgenie", "/admin/catalog/server/add/?connector=none",
        "/admin/search/?s=tool", "/admin/search/?s=tool&extended=1", "/me/", "/"]  # fmt: skip
LISTS = ("q=opsgenie", "o=1.-2", "p=2", "all=", "_facets=True", "e=1")


class Links(HTMLParser):
    """Whatever an address can be asked for by: links, and what htmx loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value and name in ("href", "hx-get", "data-hx-get", "action", "formaction"):
                self.found.add(urldefrag(urljoin(self.page, value)).url)


def test_no_page_nor_anything_it_links_to(world: World, root: User) -> None:
    browser = signed_in(root)
    browser.get("/admin/")
    before = whole_database()
    waiting = [address.path for address in every_address(world)] + MORE
    waiting += [f"{path}?{query}" for path in waiting if path.count("/") == 4 for query in LISTS]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/") or path.startswith(("/static/", "/admin/logout/")):
            continue
        seen.add(path)
        response: Any = browser.get(path)
        assert response.status_code < 500, path
        # Lists can be sorted and filtered in endless ways: one step from an address is enough.
        if "html" in response.get("Content-Type", "") and "?" not in path:
            links = Links(path)
            links.feed(response.content.decode())
            waiting += links.found
    assert len(seen) > 120
    assert whole_database() == before
