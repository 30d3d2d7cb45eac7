"""Filling in the forms of a page as a browser does: what the page shows is what is sent, unless changed."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class _Form(HTMLParser):
    """The fields of the form with an id; of the first one that posts, without."""

    def __init__(self, form_id: str | None) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._form_id = form_id
        self._inside = False
        self._done = False
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._is_multiple = False
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form" and not self._done:
            wanted = given.get("id") == self._form_id if self._form_id else given.get("method") == "post"
            self._inside = self._inside or wanted
        name = given.get("name")
        if not self._inside or (not name and tag != "option"):
            return
        if tag == "input":
            self._input(str(name), given)
        elif tag == "select":
            self._select, self._options, self._is_multiple = name, [], "multiple" in given
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._textarea = name
            self.fields[str(name)] = [""]

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type", "text")
        if kind in ("submit", "button", "image", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        self.fields.setdefault(name, []).append(given.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._inside:
            self._inside, self._done = False, True
        elif tag == "textarea" and self._textarea:
            self.fields[self._textarea][0] = self.fields[self._textarea][0].removeprefix("\n")
            self._textarea = None
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            if not chosen and not self._is_multiple:
                chosen = [value for value, _ in self._options[:1]]
            if chosen:
                self.fields[self._select] = chosen
            self._select = None


def fields_of(response: HttpResponse, form_id: str | None = None) -> dict[str, list[str]]:
    """What a browser would send for the form as it is shown."""
    parser = _Form(form_id)
    parser.feed(response.content.decode())
    assert parser.fields, "the page has no such form"
    return parser.fields


def shown_value(response: HttpResponse, name: str, form_id: str | None = None) -> str:
    """What a field of a form holds on the page; empty for none."""
    return "".join(fields_of(response, form_id).get(name, [""]))


def submit(browser: Client, path: str, form_id: str | None = None, **changes: Any) -> Any:
    """Open a page, change some fields of its form, and send it. A change to None leaves a field out."""
    data: dict[str, Any] = {**fields_of(browser.get(path), form_id), **changes}
    return browser.post(path, {name: value for name, value in data.items() if value is not None})


def errors_of(response: Any) -> dict[str, list[str]]:
    """What a form that was sent back complains of, by field; `__all__` is the form as a whole."""
    form = response.context["adminform"].form
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}
