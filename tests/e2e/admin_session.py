"""A signed-in person at the admin, over HTTP, as fast as forms can be sent."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import requests


class AdminSession:
    """Sends the admin's own forms. Every answer must be one the page would give, never an error page."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        self.submit("/admin/login/", username=username, password=password)
        assert "sessionid" in self._session.cookies, "signing in failed"

    def get(self, path: str) -> str:
        """The page at a path."""
        answer = self._session.get(f"{self._url}{path}", timeout=30)
        assert answer.status_code == 200, f"{answer.status_code} for {path}"
        return answer.text

    def submit(self, path: str, **fields: Any) -> requests.Response:
        """Send a form with its hidden and prefilled values, and `fields` on top."""
        page = self.get(path)
        data = {**_prefilled(page), **fields}
        answer = self._session.post(
            f"{self._url}{path}", data=data, timeout=60, headers={"Referer": self._url}
        )
        assert answer.status_code == 200, f"{answer.status_code} for {path}: {answer.text[:500]}"
        assert "errornote" not in answer.text, _errors(answer.text)
        return answer

    def press(self, path: str) -> None:
        """Confirm the dialog at a path."""
        answer = self.submit(path, _form_submitted="on")
        assert "HX-Redirect" in answer.headers, answer.text[:500]

    def decide(self, action: str, tool_ids: list[int], comment: str = "") -> str:
        """Approve or disable tools as the list and its preview do; the list's answer."""
        path = "/admin/tools/tool/"
        token = _prefilled(self.get(path))["csrfmiddlewaretoken"]
        ticked = {"action": action, "_selected_action": tool_ids, "csrfmiddlewaretoken": token}
        page = self._session.post(f"{self._url}{path}", data=ticked, timeout=60)
        assert page.status_code == 200, page.status_code
        decision = {
            "csrfmiddlewaretoken": token,
            "shown": _prefilled(page.text)["shown"],
            "chosen": tool_ids,
            "came_from": "list",
            "comment": comment,
        }
        answer = self._session.post(f"{self._url}{path}bulk/{action}/", data=decision, timeout=60)
        assert answer.status_code == 200, answer.status_code
        assert "Nothing was changed." not in answer.text, _errors(answer.text)
        return answer.text


def _prefilled(page: str) -> dict[str, str]:
    """What a browser would send of a page if nothing was touched."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        # The word also begins names of style classes, which are no attributes.
        ticked = kind in ("radio", "checkbox") and re.search(r"\schecked\b", re.sub(r'"[^"]*"', "", tag))
        if "name" in attributes and (kind in ("hidden", "text", "number", "url") or ticked):
            found.setdefault(attributes["name"], unescape(attributes.get("value", "on" if ticked else "")))
    for tag, name, body in re.findall(
        r'(<select\b[^>]*\bname="([^"]+)"[^>]*>)(.*?)</select>', page, re.DOTALL
    ):
        # Like a browser: the selected option, or the first one of a list that takes one.
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected\b', body)
        if chosen is None and "multiple" not in tag:
            chosen = re.search(r'<option value="([^"]*)"', body)
        if chosen:
            found.setdefault(name, unescape(chosen.group(1)))
    return found


def _errors(page: str) -> str:
    return " | ".join(re.findall(r'class="errorlist[^>]*>(.*?)</ul>', page, re.DOTALL)) or page[:2000]
