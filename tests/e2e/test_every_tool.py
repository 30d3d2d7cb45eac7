"""Every tool of the Opsgenie MCP server works, from the form that adds the server to the client's result."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.connectors.opsgenie.domains import OPERATIONS, OPTIONAL_DOMAINS
from catalog.connectors.opsgenie.tools import TOOLS
from tests.catalog.connectors.opsgenie import stories
from tests.e2e import servers
from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient
from tests.e2e.client_desk import ClientDesk
from tests.e2e.processes import Portal, running_sandbox

PREFIX = "everything"
PERSON = "nora"


@pytest.fixture(scope="module")
def desk(
    portal: Portal, admin: AdminSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClientDesk]:
    """Nora's, after a day on which she used every tool of a server with all its domains."""
    witness: Path = tmp_path_factory.mktemp("sandbox") / "requests"
    with running_sandbox("--witness", str(witness)) as sandbox:
        email = servers.create_person(admin, PERSON)
        server = servers.register(
            portal, admin,
            prefix=PREFIX, url=sandbox.url, key=sandbox.key, optional_domains=list(OPTIONAL_DOMAINS),
        )  # fmt: skip
        tools = servers.tool_ids(portal, server)
        servers.approve_and_give(portal, admin, tools.values(), name=PREFIX, person=PERSON)
        token = servers.create_token(portal, admin, person=PERSON, client_name="Every tool")
        with AIClient(portal.walk["mcp_url"], token).connected() as connection:
            desk = ClientDesk(connection, prefix=PREFIX, person=email, witness=witness)
            for story in (*stories.CORE, *stories.BEYOND_CORE):
                story(desk)
            yield desk


def test_every_discovered_tool_was_offered_and_called(portal: Portal, desk: ClientDesk) -> None:
    discovered = {
        row["name"]
        for row in portal.rows(
            "SELECT t.name FROM tools_tool t JOIN catalog_server s ON s.id = t.server_id WHERE s.prefix = ?",
            PREFIX,
        )
    }

    assert discovered == set(TOOLS)
    assert desk.offered.keys() == discovered
    assert sorted(discovered - desk.used) == [], "no story calls these tools"


def test_each_call_left_one_admission_and_one_outcome(portal: Portal, desk: ClientDesk) -> None:
    rows = portal.rows(
        "SELECT call_id, event, tool_name, actor_name FROM audit_auditrow"
        " WHERE server_name = ? AND call_id IS NOT NULL ORDER BY id",
        PREFIX,
    )
    events: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        assert row["actor_name"] == PERSON
        events[str(uuid.UUID(str(row["call_id"])))].append((row["tool_name"], row["event"]))

    assert events == {
        call.call_id: [
            (f"{PREFIX}_{call.tool}", "call.admitted"),
            (f"{PREFIX}_{call.tool}", "call.failed" if call.was_refused else "call.succeeded"),
        ]
        for call in desk.calls
    }


def test_opsgenie_was_told_who_acted_wherever_it_has_a_field_for_it(desk: ClientDesk) -> None:
    told: dict[str, set[str]] = defaultdict(set)
    for call in desk.calls:
        fields = OPERATIONS[call.tool].actor.value if call.tool in OPERATIONS else ()
        right = {"user": desk.person, "source": f"Portcullis call {call.call_id}"}
        sent = call.sent() if fields else {}
        assert {name: sent.get(name) for name in fields} == {name: right[name] for name in fields}, call
        for name in fields:
            told[name].add(call.tool)

    for name, tools in told.items():
        assert tools == {tool for tool, known in OPERATIONS.items() if name in known.actor.value}
    assert len(told["user"]) > len(told["source"]) > 10
