"""Every kind of page that can be reached by following links, found in the pages themselves."""

from __future__ import annotations

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from playwright.sync_api import Page

_IDENTIFIER = re.compile(r"^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})$")
_LIST = re.compile(r"^/admin/\w+/\w+/$")
_NO_PAGE = re.compile(r"^/(static/|admin/logout/|admin/jsi18n/|api/)")
#: Parameters that make no other kind of page: a client asked about, and where a choice returns to.
_NO_KIND = {"client", "_popup", "_to_field"}
_OWN_TOOL = re.compile(r"^/me/tools/[^/]+/$")


def kind_of(url: str) -> str:
    """What kind of page it is, as `/admin/tools/tool/#/change/`. A list is one kind, however filtered."""
    address = urlsplit(url)
    path = "/".join("#" if _IDENTIFIER.match(part) else part for part in address.path.split("/"))
    path = _OWN_TOOL.sub("/me/tools/#/", path)
    parameters = set(parse_qs(address.query, keep_blank_values=True)) - _NO_KIND
    names = "" if _LIST.match(path) else "&".join(sorted(parameters))
    return f"{path}?{names}" if names else path


def pages_by_kind(page: Page, url: str, *starts: str) -> dict[str, str]:
    """The address of one page of each kind, as whoever is signed in on `page`. Starts must be there.

    Pages are fetched, not shown: links are in their HTML, and showing all of them takes a minute.
    """
    waiting = deque(f"{url}{start}" for start in starts)
    seen: set[str] = set()
    found: dict[str, str] = {}
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if kind in seen or not address.startswith(url) or _NO_PAGE.match(urlsplit(address).path):
            continue
        seen.add(kind)
        answer = page.request.get(address)
        assert answer.status == 200, f"{answer.status} for {address}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        found.setdefault(kind_of(answer.url), answer.url)
        waiting.extend(_links(answer.text(), answer.url))
    return found


def _links(html: str, address: str) -> list[str]:
    """Where the page's links lead, absolute, without what opens in a dialog or is a file."""
    reader = _Links()
    reader.feed(html)
    return [urldefrag(urljoin(address, link)).url for link in reader.found]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href") and not {"download", "hx-get"} & set(attributes):
            self.found.append(str(attributes["href"]))
