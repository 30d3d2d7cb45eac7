"""Every kind of page that can be reached by following links, found in the pages themselves."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Error, Page, Response

_IDENTIFIER = re.compile(r"^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})$")
_LIST = re.compile(r"^/admin/\w+/\w+/$")
_NO_PAGE = re.compile(r"^/(static/|admin/logout/|admin/jsi18n/|api/)")
LINKS = """() => [...document.querySelectorAll('a[href]:not([download]):not([hx-get])')]
  .map(link => link.href)"""


def kind_of(url: str) -> str:
    """What kind of page it is, as `/admin/tools/tool/#/change/`. A list is one kind, however filtered."""
    address = urlsplit(url)
    path = "/".join("#" if _IDENTIFIER.match(part) else part for part in address.path.split("/"))
    names = "" if _LIST.match(path) else "&".join(sorted(parse_qs(address.query, keep_blank_values=True)))
    return f"{path}?{names}" if names else path


def pages_by_kind(page: Page, url: str, *starts: str) -> dict[str, str]:
    """The address of one page of each kind. Starts that aren't there are left out."""
    # Asked for without the browser: what isn't there would be an error on its console.
    waiting = deque(f"{url}{start}" for start in starts if page.request.get(f"{url}{start}").status != 404)
    seen: set[str] = set()
    found: dict[str, str] = {}
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if kind in seen or not address.startswith(url) or _NO_PAGE.match(urlsplit(address).path):
            continue
        seen.add(kind)
        response = _open(page, address)
        if response is None:
            continue
        assert response.status == 200, f"{response.status} for {address}"
        found.setdefault(kind_of(page.url), page.url)
        waiting.extend(page.evaluate(LINKS))
    return found


def _open(page: Page, address: str) -> Response | None:
    """The answer, or None when the address is a file to download."""
    try:
        return page.goto(address)
    except Error as error:
        if "Download is starting" in str(error):
            return None
        raise
