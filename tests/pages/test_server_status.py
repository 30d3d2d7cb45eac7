"""The top of a server's page and its list say whether it works, what to do, and how far a sync is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog import servers, syncs
from catalog.connectors.base import Probe
from catalog.models import Server, SyncRun
from clients.models import User
from tests.conftest import SYSTEM, sync
from tests.connectors import SmallOpsgenie, connector
from tests.pages.conftest import signed_in

__all__ = ["connector"]


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


def page_of(browser: Client, server: Server) -> str:
    return browser.get(f"/admin/catalog/server/{server.pk}/change/").content.decode()


def sync_status(browser: Client, server: Server) -> dict[str, Any]:
    return json.loads(browser.get(f"/admin/catalog/server/{server.pk}/sync-status/").content)


def test_a_failing_server_says_why_and_what_to_do(browser: Client, server: Server) -> None:
    problem = "Opsgenie does not know this key in this region."
    server.credentials.update(probed_at=server.created_at, probe_result=Probe({}, problem).as_json())
    page = page_of(browser, server)
    assert f"The test of the key in slot integration failed: {problem}" in page
    assert "Test it again or rotate it under Keys." in page
    assert "failing" in browser.get("/admin/catalog/server/").content.decode()


def test_a_paused_server_is_marked_in_the_list(browser: Client, server: Server) -> None:
    assert "never tested" in browser.get("/admin/catalog/server/").content.decode()
    servers.pause(actor=SYSTEM, server=server)
    page = browser.get("/admin/catalog/server/").content.decode()
    assert "paused" in page
    assert "never tested" not in page


def test_a_sync_is_followed_from_its_queue_to_its_counts(
    connector: SmallOpsgenie, browser: Client, server: Server
) -> None:
    SyncRun.objects.all().delete()
    assert sync_status(browser, server) == {
        "state": "", "is_open": False, "sentence": "It was never synced.",
    }  # fmt: skip
    run = syncs.request(actor=SYSTEM, server=server, trigger=SyncRun.Trigger.MANUAL)
    assert sync_status(browser, server)["sentence"] == "A sync waits for a worker."
    assert 'data-open="yes"' in page_of(browser, server)
    syncs.claim(run.pk)
    assert sync_status(browser, server) == {
        "state": "running", "is_open": True, "sentence": "A sync is running.",
    }  # fmt: skip
    SyncRun.objects.update(state="queued")
    sync(server)
    found = sync_status(browser, server)
    assert found["is_open"] is False
    assert found["sentence"].endswith("found 6 tools: 6 new, 0 changed, 0 removed.")
    page = page_of(browser, server)
    assert 'data-open="no"' in page
    assert found["sentence"] in page


def test_a_failed_sync_says_why(browser: Client, server: Server) -> None:
    SyncRun.objects.update(state="failed", error="The upstream can't be reached.")
    assert sync_status(browser, server)["sentence"].endswith("failed: The upstream can't be reached.")


def test_the_status_is_asked_for_only(browser: Client, server: Server) -> None:
    assert browser.post(f"/admin/catalog/server/{server.pk}/sync-status/").status_code == 405


def test_links_that_would_be_refused_are_not_offered(browser: Client, server: Server, sam: User) -> None:
    page = page_of(browser, server)
    assert f"/admin/catalog/server/{server.pk}/keys/" in page
    assert f"/admin/catalog/server/{server.pk}/reviewers/" not in page
    assert f"/admin/catalog/server/{server.pk}/delete/" not in page
