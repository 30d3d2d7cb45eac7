"""Whatever Opsgenie does, a call ends in one truthful outcome with a sentence, and the next call works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient
from tests.e2e.processes import Portal, Sandbox
from tests.e2e.servers import approve_and_give, create_person, create_token, register, tool_ids
from tests.services import free_port

READ = "breakable_count_alerts"
WRITE = "breakable_add_alert_tags"
PERSON = "nils"


@pytest.fixture(scope="module")
def nils(portal: Portal, admin: AdminSession) -> AIClient:
    """An AI client of somebody who holds nothing yet."""
    create_person(admin, PERSON)
    return AIClient(portal.walk["mcp_url"], create_token(portal, admin, person=PERSON, client_name="Claude"))


@pytest.fixture(scope="module")
def breakable(portal: Portal, admin: AdminSession, upstream: Sandbox, nils: AIClient) -> None:
    """A second server, on the sandbox that tests may break, with a read and a write tool for Nils."""
    add_server(portal, admin, "breakable", upstream.url, upstream.key, READ, WRITE)


@pytest.fixture(autouse=True)
def mended(upstream: Sandbox) -> Iterator[None]:
    yield
    upstream.mend()


def add_server(portal: Portal, admin: AdminSession, prefix: str, url: str, key: str, *tools: str) -> None:
    """Register a server by the forms, approve some of its tools and give them to Nils."""
    server = register(portal, admin, prefix=prefix, url=url, key=key)
    known = tool_ids(portal, server)
    approve_and_give(portal, admin, [known[name] for name in tools], name=prefix, person=PERSON)


def ended_as(portal: Portal, result: Any) -> tuple[str, str, int]:
    """Outcome, reason and attempts of a failed call, from its audit rows; the reply must say the same."""
    assert result.is_error, result
    failure = result.meta["portcullis/failure"]
    admitted, outcome = portal.call_rows(result.meta["portcullis/call_id"])
    assert admitted["event"] == "call.admitted"
    assert outcome["event"] == f"call.{failure['outcome']}"
    assert outcome["reason"] == failure["code"]
    assert failure["message"] in result.content[0].text
    assert "Traceback" not in result.content[0].text
    return failure["outcome"], failure["code"], outcome["detail"]["attempts"]


ANSWERS = [
    # what it answers, how a read ends, in how many attempts, how a write ends
    ({"kind": "status", "status": 401}, ("failed", "upstream_unauthorized", 1), "failed"),
    ({"kind": "status", "status": 403}, ("failed", "upstream_forbidden", 1), "failed"),
    ({"kind": "status", "status": 404}, ("failed", "upstream_not_found", 1), "failed"),
    ({"kind": "status", "status": 422}, ("failed", "upstream_rejected", 1), "failed"),
    ({"kind": "status", "status": 500}, ("failed", "upstream_error", 3), "unknown"),
    ({"kind": "status", "status": 503}, ("failed", "upstream_error", 3), "unknown"),
    ({"kind": "rate_limited", "period": 60}, ("failed", "upstream_rate_limited", 1), "failed"),
    ({"kind": "garbage"}, ("failed", "upstream_garbage", 3), "unknown"),
    ({"kind": "truncate"}, ("failed", "upstream_interrupted", 3), "unknown"),
    ({"kind": "reset"}, ("failed", "upstream_interrupted", 3), "unknown"),
    ({"kind": "timeout", "seconds": 8}, ("failed", "upstream_timeout", 1), "unknown"),
    ({"kind": "huge", "megabytes": 50}, ("failed", "upstream_too_large", 3), "unknown"),
    (
        {"kind": "redirect", "location": "http://127.0.0.1:1/elsewhere"},
        ("failed", "upstream_redirected", 3),
        "unknown",
    ),
]


@pytest.mark.parametrize(
    ("fault", "read_ends", "write_ends"),
    ANSWERS,
    ids=lambda value: str(value.get("status", value["kind"])) if isinstance(value, dict) else "",
)
def test_a_bad_answer_ends_the_call_and_only_that_call(
    portal: Portal,
    nils: AIClient,
    upstream: Sandbox,
    breakable: None,
    fault: dict[str, Any],
    read_ends: tuple[str, str, int],
    write_ends: str,
) -> None:
    kind = {"times": None, **fault}
    upstream.break_next(kind.pop("kind"), **kind)
    read = nils.call(READ)
    asked_before = len(upstream.requests())
    write = nils.call(WRITE, {"identifier": "1", "tags": ["seen"]})
    asked = len(upstream.requests()) - asked_before
    upstream.mend()

    assert ended_as(portal, read) == read_ends
    outcome, code, attempts = ended_as(portal, write)
    assert (outcome, code) == (write_ends, read_ends[1])
    assert attempts == 1
    assert asked == 1, "a write must not be sent again"
    assert not nils.call(READ).is_error


def test_an_upstream_that_is_down_is_said_to_be(
    portal: Portal, admin: AdminSession, nils: AIClient, mia_client: AIClient
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    add_server(portal, admin, "down", url, "0" * 8 + "-0000-4000-8000-" + "0" * 12, "down_count_alerts")

    result = nils.call("down_count_alerts")

    assert ended_as(portal, result) == ("failed", "upstream_unreachable", 3)
    assert mia_client.call("opsgenie_count_alerts").is_error is False


def test_a_wrong_key_is_found_by_the_first_call_not_by_discovery(
    portal: Portal, admin: AdminSession, nils: AIClient, upstream: Sandbox
) -> None:
    wrong = "11111111-2222-4333-8444-555555555555"
    add_server(portal, admin, "wrongkey", upstream.url, wrong, "wrongkey_count_alerts")
    pending = portal.rows(
        "SELECT count(*) AS n FROM tools_tool t JOIN catalog_server s ON s.id = t.server_id"
        " WHERE s.prefix = 'wrongkey' AND t.state = 'pending'"
    )

    result = nils.call("wrongkey_count_alerts")

    assert pending[0]["n"] > 60
    assert ended_as(portal, result) == ("failed", "upstream_unauthorized", 1)
    assert wrong not in str(result)
    assert wrong not in portal.output
