"""What the tests of the inbox share: its addresses, its form, and tools that wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.pages.forms import fields_of
from tools.models import Tool

INBOX = "/admin/tools/tool/inbox/"
BULK = "/admin/tools/tool/bulk/"


def tool(name: str) -> Tool:
    """By its upstream name."""
    return Tool.objects.select_related("server", "discovered_revision", "approved_revision").get(name=name)


def state(name: str) -> str:
    return tool(name).state


def wait_since(days: dict[str, int]) -> None:
    """Let tools have waited for so many days."""
    for name, count in days.items():
        Tool.objects.filter(name=name).update(state_since=timezone.now() - timedelta(days=count, hours=1))


def listed(browser: Client, query: str = "") -> list[str]:
    """The names on the inbox, in order."""
    return [entry.tool.name for entry in browser.get(INBOX + query).context["entries"]]


def address(name: str, query: str = "") -> str:
    return f"{INBOX}{tool(name).pk}/{query}"


def decide(browser: Client, name: str, decision: str, *, query: str = "", **changes: Any) -> Any:
    """Open a tool, fill in its form and press a button."""
    path = address(name, query)
    fields = fields_of(browser.get(path), "inbox-decision")
    return browser.post(path, {**fields, "decision": decision, **changes})


def preview(browser: Client, decision: str, query: str = "") -> Any:
    return browser.get(f"{BULK}{decision}/{query}")


def send(browser: Client, page: Any, **changes: Any) -> Any:
    """Send a bulk page as it stands, with some fields changed."""
    return browser.post(page.context["action_address"], {**fields_of(page, "inbox-bulk"), **changes})


def message(browser: Client) -> str:
    return " ".join(str(note) for note in browser.get(INBOX).context["messages"])
