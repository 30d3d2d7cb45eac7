"""The start page as a person sees it, and the lists that its links lead to."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from clients.models import User
from tests.pages.conftest import signed_in


class Overview:
    """What the start page tells this person."""

    def __init__(self, person: User, period: str = "day") -> None:
        self.browser: Client = signed_in(person)
        response: Any = self.browser.get("/admin/", {"period": period})
        assert response.status_code == 200
        self.context = response.context
        self.text = unescape(response.content.decode())
        self.links = _links(response.content.decode())

    @property
    def cards(self) -> dict[str, Any]:
        """The cards by their key, in the order in which they are shown."""
        return {card.key: card for card in self.context["cards"]}

    @property
    def traffic(self) -> Any:
        return self.context["traffic"]

    def legend(self) -> dict[str, int]:
        """The totals above the chart."""
        return {part["word"]: part["count"] for part in self.traffic["chart"]["legend"]}

    def rows_of(self, address: str) -> list[Any]:
        """The rows of the list behind a link that this page must show."""
        assert address in self.links, f"{address} is on no link of the page"
        return rows_behind(self.browser, address)


def rows_behind(browser: Client, address: str) -> list[Any]:
    """The rows of a list; an address that the list doesn't understand is sent on, and fails here."""
    response: Any = browser.get(address)
    assert response.status_code == 200, f"{address} answers {response.status_code}"
    return list(response.context["cl"].queryset)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attributes if tag == "a" and name == "href" and value}


def _links(page: str) -> set[str]:
    reader = _Links()
    reader.feed(page)
    return reader.found
