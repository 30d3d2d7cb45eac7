"""Filling in the forms of a page as a browser does: what the page shows is what is sent, unless changed."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class _Forms(HTMLParser):
    """Every form of a page, with the values its fields have."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._fields: dict[str, list[str]] | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._is_multiple = False
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._fields = {}
            self.forms.append((given.get("id") or "", self._fields))
        name = given.get("name")
        if self._fields is None:
            return
        if tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "input" and name:
            self._input(self._fields, name, given)
        elif tag == "select" and name:
            self._select, self._options, self._is_multiple = name, [], "multiple" in given
        elif tag == "textarea" and name:
            self._textarea = name
            self._fields[name] = [""]

    def _input(self, fields: dict[str, list[str]], name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type", "text")
        is_off = kind in ("checkbox", "radio") and "checked" not in given
        if is_off or kind in ("submit", "button", "image", "file"):
            return
        fields.setdefault(name, []).append(given.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._fields is not None and self._textarea:
            self._fields[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if self._fields is None:
            return
        if tag == "form":
            self._fields = None
        elif tag == "textarea" and self._textarea:
            self._fields[self._textarea][0] = self._fields[self._textarea][0].removeprefix("\n")
            self._textarea = None
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            if not chosen and not self._is_multiple:
                chosen = [value for value, _ in self._options[:1]]
            if chosen:
                self._fields[self._select] = chosen
            self._select = None


def fields_of(response: HttpResponse, form_id: str | None = None) -> dict[str, list[str]]:
    """What a browser would send for the form with this id; for the largest one, without."""
    parser = _Forms()
    parser.feed(response.content.decode())
    found = [fields for known, fields in parser.forms if form_id in (None, known)]
    assert found, f"the page has no form {form_id or ''}"
    return max(found, key=len)


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
