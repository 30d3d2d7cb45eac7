"""Keys of every kind: what a test of them finds, what the page then says, and how calls with them end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from tests.e2e import servers
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient, denial_of
from tests.e2e.processes import Portal, Sandbox, running_sandbox

PERSON = "kim"
#: What somebody with each key on the sandbox may do, by the name it has in these tests.
RIGHTS = {
    "read": "integration:read",
    "read and write": "integration:read+write",
    "without read": "integration:write+configuration",
    "everything": "integration:read+write+delete+configuration",
    "account": "account:read+write+configuration",
    "account, reading": "account:read+configuration",
}
KEYS = {name: str(uuid.uuid4()) for name in RIGHTS} | {
    "unknown": str(uuid.uuid4()),
    "malformed": "not-a-key-of-opsgenie",
}
TOOLS = ("count_alerts", "add_alert_note", "list_teams")
ARGUMENTS = {"add_alert_note": {"identifier": "1", "note": "Seen"}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One that knows all these keys, except the unknown and the malformed one."""
    arguments = [part for name, rights in RIGHTS.items() for part in ("--key", f"{KEYS[name]}:{rights}")]
    with running_sandbox(*arguments) as running:
        yield running


@pytest.fixture(scope="module")
def kim(portal: Portal, admin: AdminSession) -> AIClient:
    """Somebody who is given the tools of these servers."""
    servers.create_person(admin, PERSON)
    token = servers.create_token(portal, admin, person=PERSON, client_name="Keys")
    return AIClient(portal.walk["mcp_url"], token)


class KeyedServer:
    """A server of which a few tools are approved and given to Kim, and whose keys are tried out."""

    def __init__(
        self, portal: Portal, admin: AdminSession, sandbox: Sandbox, prefix: str, **fields: Any
    ) -> None:
        self._portal, self._admin = portal, admin
        self.id = servers.register(
            portal, admin, prefix=prefix, url=sandbox.url, key=KEYS["everything"], **fields
        )
        self._path = f"/admin/catalog/server/{self.id}"
        tools = servers.tool_ids(portal, self.id)
        self._tools = {tool: tools[f"{prefix}_{tool}"] for tool in TOOLS}
        servers.approve_and_give(portal, admin, self._tools.values(), name=prefix, person=PERSON)

    def change(self, **fields: Any) -> str:
        """Save the server's form with these fields changed; the page's text afterwards."""
        return unescape(self._admin.submit(f"{self._path}/change/", _continue="on", **fields).text)

    def store(self, key: str, slot: str) -> None:
        """Put this key to use in a slot, in the place of the one there."""
        servers.store_key(self._portal, self._admin, self.id, key=KEYS[key], slot=slot)

    def tested_with(self, key: str, slot: str) -> str:
        """The page's text once this key is stored in a slot and the keys were tested."""
        self.store(key, slot)
        assert "not tested" in self.page()
        self._admin.press(f"{self._path}/test-keys/")
        return self.page()

    def decide(self, action: str, tool: str) -> None:
        """Approve or disable one of the few tools."""
        self._admin.decide(action, [self._tools[tool]])

    def page(self) -> str:
        return unescape(self._admin.get(f"{self._path}/change/"))


@pytest.fixture(scope="module")
def integration(portal: Portal, admin: AdminSession, sandbox: Sandbox, kim: AIClient) -> KeyedServer:
    """Its only key is in the slot for integrations."""
    return KeyedServer(portal, admin, sandbox, "bykey", slot="integration")


@pytest.fixture(scope="module")
def account(portal: Portal, admin: AdminSession, sandbox: Sandbox, kim: AIClient) -> KeyedServer:
    """Its only key is in the slot for account keys, until a test adds another."""
    return KeyedServer(portal, admin, sandbox, "byaccount", slot="account")


CASES = [
    # key, what it may do, why tools fail with it
    (
        "read",
        "Read; not: Create and Update, Configuration Access; not known: Delete",
        [
            "add_alert_note (the key lacks Create and Update)",
            "list_teams (the key lacks Configuration Access)",
        ],
    ),
    (
        "read and write",
        "Read, Create and Update; not: Configuration Access; not known: Delete",
        ["list_teams (the key lacks Configuration Access)"],
    ),
    (
        "without read",
        "Create and Update; not: Read; not known: ",
        ["count_alerts (the key lacks Read)", "list_teams (the key lacks Read)"],
    ),
    ("everything", "Read, Create and Update, Configuration Access; not known: Delete", []),
]


@pytest.mark.parametrize(("key", "may", "reasons"), CASES, ids=[case[0] for case in CASES])
def test_a_test_finds_out_what_a_key_may_do(
    integration: KeyedServer, key: str, may: str, reasons: list[str]
) -> None:
    page = integration.tested_with(key, "integration")

    assert may in page
    assert (failing("integration", *(f"bykey_{reason}" for reason in reasons)) in page) == bool(reasons)
    assert ("will fail" in page) == bool(reasons)
    assert KEYS[key] not in page


def failing(slot: str, *reasons: str) -> str:
    """The page's sentence about approved tools that a key won't do for."""
    return f"These approved tools will fail with the key in slot {slot}: {'; '.join(reasons)}."


def test_a_right_that_no_approved_tool_needs_is_named(integration: KeyedServer, account: KeyedServer) -> None:
    more = "The key in slot integration may do more than its approved tools need"
    assert more not in integration.tested_with("everything", "integration")

    page = account.tested_with("account", "account")
    assert "may do more" not in page, "that it can't add notes is the more urgent news"

    account.decide("disable", "add_alert_note")
    try:
        needed = "its approved tools need: Create and Update. A key with fewer rights would do."
        assert f"The key in slot account may do more than {needed}" in account.page()
        assert "may do more" not in account.tested_with("account, reading", "account")
    finally:
        account.decide("approve", "add_alert_note")


def test_an_account_key_is_no_key_for_annotating_alerts(account: KeyedServer, kim: AIClient) -> None:
    page = account.tested_with("account", "account")
    result = kim.call("byaccount_add_alert_note", ARGUMENTS["add_alert_note"])

    assert failing("account", "byaccount_add_alert_note (it needs another kind of key)") in page
    code, message = failed(result)
    assert code == "upstream_forbidden"
    assert "only with an API integration key; the account API key is another kind." in message
    assert "Ask an administrator to add the key of an API integration to this server." in told(result)
    assert not kim.call("byaccount_list_teams").is_error


def test_a_second_key_takes_over_what_the_first_is_no_good_for(
    portal: Portal, account: KeyedServer, kim: AIClient
) -> None:
    account.tested_with("account, reading", "account")
    page = account.tested_with("read and write", "integration")

    note = kim.call("byaccount_add_alert_note", ARGUMENTS["add_alert_note"])
    teams = kim.call("byaccount_list_teams")

    assert "will fail" not in page
    for result, slot in ((note, "integration"), (teams, "account")):
        assert not result.is_error, result
        for row in portal.call_rows(result.meta["portcullis/call_id"]):
            assert row["detail"]["credential_slot"] == slot


@pytest.mark.parametrize(
    ("key", "tool", "right"),
    [
        ("read", "add_alert_note", "Create and Update"),
        ("read", "list_teams", "Configuration Access"),
        ("without read", "count_alerts", "Read"),
    ],
)
def test_a_call_that_lacks_a_right_names_it_and_the_kind_of_key(
    integration: KeyedServer, kim: AIClient, key: str, tool: str, right: str
) -> None:
    integration.store(key, "integration")

    result = kim.call(f"bykey_{tool}", ARGUMENTS.get(tool, {}))

    code, message = failed(result)
    assert code == "upstream_forbidden"
    assert message.startswith(f"The API integration key may not do this: it needs the right {right}.")
    assert f"Ask an administrator to grant the key {right}" in told(result)


@pytest.mark.parametrize(
    ("key", "found", "message"),
    [
        (
            "unknown",
            "Opsgenie does not know this key in this region.",
            "does not know the API integration key",
        ),
        (
            "malformed",
            "This is not an Opsgenie key: one looks like",
            "integration key is not a well-formed key",
        ),
    ],
)
def test_a_key_that_is_none_is_said_to_be(
    integration: KeyedServer, kim: AIClient, key: str, found: str, message: str
) -> None:
    page = integration.tested_with(key, "integration")
    result = kim.call("bykey_count_alerts")

    assert f"The key in slot integration: {found}" in page
    reasons = [f"bykey_{tool} (the key is not accepted)" for tool in sorted(TOOLS)]
    assert failing("integration", *reasons) in page
    assert failed(result)[0] == "upstream_unauthorized"
    assert message in failed(result)[1]
    assert KEYS[key] not in page + told(result)


def test_a_key_that_could_not_be_tested_is_not_called_wrong(
    integration: KeyedServer, sandbox: Sandbox
) -> None:
    sandbox.break_next("reset")

    page = integration.tested_with("everything", "integration")

    assert "The key in slot integration: It could not be tested." in page
    assert "will fail" not in page


def test_a_domain_switched_off_takes_its_tools_away_and_on_again_to_review(
    portal: Portal, integration: KeyedServer, kim: AIClient, admin: AdminSession
) -> None:
    tool = "bykey_list_heartbeats"
    integration.tested_with("everything", "integration")
    integration.change(optional_domains=["heartbeats"])
    servers.wait_for_sync(portal, "bykey", number=2)
    identifier = servers.tool_ids(portal, integration.id)[tool]
    servers.approve_and_give(portal, admin, [identifier], name="heartbeats", person=PERSON)
    assert kim.call(tool).structured_content["items"]

    integration.change(optional_domains=[])
    servers.wait_for_sync(portal, "bykey", number=3)

    assert denial_of(kim.call(tool)) == "tool_removed"
    assert tool not in kim.tools()
    assert not kim.call("bykey_count_alerts").is_error
    integration.change(optional_domains=["heartbeats"])
    servers.wait_for_sync(portal, "bykey", number=4)
    assert denial_of(kim.call(tool)) == "tool_not_approved"


def failed(result: Any) -> tuple[str, str]:
    """Code and sentence of a call that failed at Opsgenie."""
    assert result.is_error, result
    failure = result.meta["portcullis/failure"]
    return failure["code"], failure["message"]


def told(result: Any) -> str:
    """What the model reads."""
    return result.content[0].text
