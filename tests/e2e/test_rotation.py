"""A key is rotated by clicking through its page, while an AI client goes on calling."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import servers
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal, Sandbox, running_sandbox

pytestmark = pytest.mark.browser

OLD, NEW, WRONG = (str(uuid.uuid4()) for _ in range(3))
TOOL = "rotating_count_alerts"


@dataclass
class Rotating:
    """A server with the old key, and somebody who calls a tool of it."""

    id: int
    client: AIClient
    portal: Portal
    sandbox: Sandbox

    @property
    def keys_url(self) -> str:
        return f"{self.portal.url}/admin/catalog/server/{self.id}/keys/"

    def call(self) -> str:
        """The last four characters of the key that carried a call, which must have worked."""
        result = self.client.call(TOOL)
        assert not result.is_error, result
        (row,) = [
            row
            for row in self.portal.call_rows(result.meta["portcullis/call_id"])
            if row["event"] == "call.succeeded"
        ]
        used = uuid.UUID(row["detail"]["credential_id"])
        rows = self.portal.rows("SELECT id, last_four FROM catalog_credential WHERE server_id = ?", self.id)
        return next(each["last_four"] for each in rows if uuid.UUID(str(each["id"])) == used)


@pytest.fixture(scope="module")
def rotating(portal: Portal, admin: AdminSession) -> Iterator[Rotating]:
    keys = [part for key in (OLD, NEW) for part in ("--key", f"{key}:integration:read+write")]
    with running_sandbox(*keys) as sandbox:
        server = servers.register(
            portal, admin, prefix="rotating", url=sandbox.url, key=OLD, slot="integration"
        )
        servers.create_person(admin, "rita")
        tool = servers.tool_ids(portal, server)[TOOL]
        servers.approve_and_give(portal, admin, [tool], name="rotating", person="rita")
        token = servers.create_token(portal, admin, person="rita", client_name="Rita's Claude")
        yield Rotating(server, AIClient(portal.walk["mcp_url"], token), portal, sandbox)


@pytest.fixture
def page(portal: Portal) -> Iterator[Page]:
    """The administrator's browser. Whatever it should not have done fails the test at its end."""
    with running_browser() as browser, watched_page(browser, portal) as page:
        yield page


def stage(page: Page, key: str) -> None:
    page.get_by_label("New API key").first.fill(key)
    page.get_by_role("button", name="Stage this key").first.click()
    expect(page.get_by_text("The new key is stored.")).to_be_visible()
    assert key not in page.content()


def test_a_rotation_from_the_server_to_the_end_of_the_old_key(page: Page, rotating: Rotating) -> None:
    assert rotating.call() == OLD[-4:]
    page.goto(f"{rotating.portal.url}/admin/catalog/server/{rotating.id}/change/")
    page.get_by_role("link", name=re.compile("Keys$")).first.click()
    page.wait_for_url(rotating.keys_url)

    stage(page, NEW)
    assert rotating.call() == OLD[-4:]
    page.get_by_role("button", name="Test the new key").click()
    expect(page.get_by_text("The key is accepted.")).to_be_visible()
    expect(page.get_by_text("It may: Read, Create and Update.").first).to_be_visible()
    assert rotating.call() == OLD[-4:]

    page.get_by_role("radio", name="15 minutes").check()
    page.get_by_role("button", name="Activate the new key").click()
    expect(page.get_by_text("The new key is in use from the next call on.")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"\(14 min \d+ s left\)"))
    assert rotating.call() == NEW[-4:]

    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The old key is in use again.")).to_be_visible()
    assert rotating.call() == OLD[-4:]
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("time[data-countdown]")).to_be_visible()
    assert rotating.call() == NEW[-4:]

    page.get_by_role("button", name="Revoke now").click()
    expect(page.get_by_text("is revoked and its text erased")).to_be_visible()
    assert rotating.call() == NEW[-4:]
    kept = rotating.portal.rows(
        "SELECT state FROM catalog_credential WHERE server_id = ? AND secret IS NOT NULL", rotating.id
    )
    assert [row["state"] for row in kept] == ["active"]


def test_a_key_that_the_upstream_refuses_is_not_activated_without_a_reason(
    page: Page, rotating: Rotating
) -> None:
    in_use = rotating.call()
    page.goto(rotating.keys_url)
    stage(page, WRONG)
    page.get_by_role("button", name="Test the new key").click()
    expect(page.get_by_text("Opsgenie does not know this key in this region").first).to_be_visible()
    page.get_by_text("Activate it without a successful test").click()
    page.get_by_role("button", name="Activate it all the same").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    assert rotating.call() == in_use

    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("button", name="Stage this key").first).to_be_visible()
    assert rotating.call() == in_use


def test_sync_now_shows_how_far_it_is_and_what_it_found(page: Page, rotating: Rotating) -> None:
    page.goto(f"{rotating.portal.url}/admin/catalog/server/{rotating.id}/change/")
    page.get_by_role("link", name=re.compile("Sync now")).first.click()
    page.get_by_role("button", name="Start the sync").click()
    expect(page.locator("#sync-status")).to_have_text(
        re.compile(r"found \d+ tools: 0 new, 0 changed, 0 removed\."), timeout=30_000
    )
