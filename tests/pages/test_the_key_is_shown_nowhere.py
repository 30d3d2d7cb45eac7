"""A key goes in by one field and comes out nowhere: no page, row, session, log line, task or file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from catalog.models import Server, SyncRun
from clients.models import User
from tests.catalog.queue import empty_queue, queued_tasks
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import submit
from tests.pages.world import World
from tools import discovery

FIRST, SECOND = "canary-first-5e1f0a7b-93c4", "canary-second-1c77d2ee-08ab"
ADD = "/admin/catalog/server/add/?connector=opsgenie"
FORM = "server_form"


class Watched:
    """A browser that keeps everything it was ever answered."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.answers: list[str] = []

    def get(self, path: str) -> Any:
        return self._kept(self.browser.get(path))

    def post(self, path: str, data: dict[str, Any]) -> Any:
        return self._kept(self.browser.post(path, data))

    def _kept(self, response: Any) -> Any:
        self.answers.append(f"{response.headers}{response.cookies}{response.content.decode()}")
        return response


def add_and_use(watched: Watched) -> Server:
    """Mistakes, a server, a new key, a new address, and what operators do with all that."""
    browser: Any = watched
    typed = {"name": "Watched", "prefix": "watched", "region": "custom", "secret_text": FIRST}
    submit(browser, ADD, FORM, **typed, custom_url="nonsense")
    submit(browser, ADD, FORM, **typed, custom_url="http://127.0.0.1:9", slot="root")
    submit(browser, ADD, FORM, **typed, custom_url="http://127.0.0.1:9", value_prefix="é")
    assert submit(browser, ADD, FORM, **typed, custom_url="http://127.0.0.1:9").status_code == 302
    server = Server.objects.get(prefix="watched")
    page = f"/admin/catalog/server/{server.pk}/"
    discovery.sync(SyncRun.objects.open().get(server=server).pk)
    rotate_by_page(watched, server, f"{page}keys/")
    for dialog in ("test-keys", "sync-now", "pause", "resume"):
        watched.post(f"{page}{dialog}/", {"_form_submitted": "on"})
    moved = {"custom_url": "http://127.0.0.1:10", "secret_text": FIRST, "slot": "account"}
    assert submit(browser, f"{page}change/", FORM, **moved).status_code == 302
    return server


def rotate_by_page(watched: Watched, server: Server, path: str) -> None:
    """Mistakes with the second key, then all four steps, and the first one taken back and ended."""

    def send(do: str, state: str = "", **fields: str) -> Any:
        if state:
            fields["credential"] = str(server.credentials.get(state=state).pk)
        answer = watched.post(path, {"do": do, **fields})
        watched.get(path)
        return answer

    slot = {"slot": "integration"}
    send("stage", secret_text=f"{SECOND} with a space", **slot)
    send("stage", secret_text=SECOND, slot="root")
    assert send("stage", secret_text=SECOND, **slot).status_code == 302
    send("test", "staged")
    assert send("activate", "staged", overlap="900").status_code == 200, "it asks why"
    assert send("activate", "staged", overlap="900", override_reason="A test.").status_code == 302
    send("take_back", "retiring")
    send("revoke", "retiring")


@pytest.mark.django_db(transaction=True)
def test_whatever_is_done_with_it(
    root_with_world: tuple[User, World], caplog: pytest.LogCaptureFixture
) -> None:
    root, world = root_with_world
    caplog.set_level(logging.DEBUG)
    empty_queue()
    watched = Watched(signed_in(root))

    server = add_and_use(watched)

    world.shown[Server] = server.pk
    for address in every_address(world):
        watched.get(address.path)
    assert server.credentials.count() == 3
    places = {
        "pages": "".join(watched.answers),
        "rows": repr(whole_database()),
        "sessions": repr([session.get_decoded() for session in Session.objects.all()]),
        "log lines": caplog.text + repr([record.__dict__ for record in caplog.records]),
        "tasks": repr(queued_tasks()),
    }
    for place, text in places.items():
        assert text, place
        for secret in (FIRST, SECOND):
            assert secret not in text, place
    for secret in (FIRST, SECOND):
        assert files_with(secret) == []


@pytest.fixture
def root_with_world(transactional_db: None, request: pytest.FixtureRequest) -> tuple[User, World]:
    return request.getfixturevalue("root"), request.getfixturevalue("world")


def files_with(text: str) -> list[Path]:
    """Files of this installation that hold the text; the database's own are looked into as well."""
    return [
        path
        for path in Path(settings.VAR_DIR).rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]
