"""Mia with a connection through which she may call a few tools, and browsers of people on `/me/`."""

from __future__ import annotations

import uuid
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditRow
from clients.models import User
from tests.conftest import switch_on
from tests.gateway.conftest import Gateway, _upstream, gateway, upstream
from tests.pages.conftest import signed_in
from tests.tools.conftest import connector, few_tools

__all__ = ["Gateway", "_upstream", "connector", "few_tools", "gateway", "signed_in", "upstream"]

#: Every page that has no parameter in its address.
PAGES = (
    "/me/",
    "/me/connect/",
    "/me/tools/",
    "/me/access/",
    "/me/connections/",
    "/me/calls/",
    "/me/password/",
)


@pytest.fixture(autouse=True)
def portal_that_is_on(db: None) -> None:
    """Before somebody switches it on, every call is refused and nobody has any tools."""
    switch_on()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(response: Any) -> str:
    """What a person reads on a page, with single spaces."""
    assert response.status_code == 200, response.status_code
    parser = _Text()
    parser.feed(response.content.decode())
    return " ".join(" ".join(parser.parts).split())


def read(person: User, path: str) -> str:
    """What this person reads at an address."""
    return text_of(signed_in(person).get(path))


def last_call_id(person: User) -> uuid.UUID:
    """The id of the person's newest call."""
    found = AuditRow.objects.filter(actor_id=str(person.pk), call_id__isnull=False).latest("pk").call_id
    assert found is not None
    return found


def browser_of(person: User) -> Client:
    """A browser that shows faults as pages, as a real one would."""
    return signed_in(person, raise_request_exception=False)
