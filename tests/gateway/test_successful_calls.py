from __future__ import annotations

import json
import uuid

import jsonschema_rs
import pytest
from mcp_types import CallToolResult
from mcp_types.methods import validate_server_result

from audit.arguments import arguments_digest
from audit.models import AuditRow
from catalog.models import Credential
from clients.models import Client, Token
from tests.catalog.connectors.opsgenie.upstream import Asked, Reply
from tests.conftest import KEY
from tests.database import everything
from tests.gateway.conftest import Gateway
from tests.gateway.opsgenie import ACCEPTED, ALERT, PROCESSED, REQUEST_ID, TEAM_CREATED, answered
from tests.wire import MODERN, VERSIONS, last_row, rows_since
from tools.models import ToolRevision

GET = "opsgenie_get_alert"
ARGUMENTS = {"identifier": ALERT["id"]}
WITH_STRUCTURE = ("2025-06-18", "2025-11-25", "2026-07-28")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_result_in_each_version(gateway: Gateway, version: str) -> None:
    result = gateway.connect(version).call(GET, ARGUMENTS)
    CallToolResult.model_validate(result)
    validate_server_result("tools/call", version, result)
    assert result["isError"] is False
    assert result["content"][0]["type"] == "text"
    assert "Disk full on db-1" in result["content"][0]["text"]
    if version in WITH_STRUCTURE:
        structured = result["structuredContent"]
        assert len(result["content"]) == 1
    else:
        assert "structuredContent" not in result
        structured = json.loads(result["content"][1]["text"])
    assert (structured["message"], structured["tags"]) == ("Disk full on db-1", ["db"])
    assert ("resultType" in result) == (version == MODERN)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_structure_keeps_the_promise_of_the_list(gateway: Gateway, version: str) -> None:
    connection = gateway.connect(version)
    listed = {tool["name"]: tool for tool in connection.result("tools/list")["tools"]}
    schema = listed[GET].get("outputSchema")
    assert (schema is not None) == (version in WITH_STRUCTURE)
    if schema is not None:
        jsonschema_rs.validate(schema, connection.call(GET, ARGUMENTS)["structuredContent"])


def test_the_call_id_leads_to_its_two_rows(gateway: Gateway) -> None:
    connection = gateway.connect()
    last = last_row()
    result = connection.call(GET, ARGUMENTS)
    call_id = uuid.UUID(result["_meta"]["portcullis/call_id"])
    rows = rows_since(last)
    assert [row.event for row in rows] == ["call.admitted", "call.succeeded"]
    assert {row.call_id for row in rows} == {call_id}
    assert list(AuditRow.objects.traffic_of(call_id)) == rows


def test_the_rows_say_who_what_by_which_rule_and_how_it_went(gateway: Gateway) -> None:
    connection = gateway.connect()
    last = last_row()
    connection.call(GET, ARGUMENTS)
    admitted, succeeded = rows_since(last)
    client, token, credential = Client.objects.get(), Token.objects.get(), Credential.objects.get()
    revision = ToolRevision.objects.get(tool__client_name=GET)
    for row in (admitted, succeeded):
        assert (row.actor_kind, row.actor_id, row.actor_name) == ("person", str(gateway.person.pk), "mia")
        assert (row.client_id, row.client_name) == (str(client.pk), "Claude")
        assert (row.server_id, row.server_name) == (gateway.server.pk, "Opsgenie")
        assert (row.tool_id, row.tool_name) == (revision.tool_id, GET)
        assert (row.protocol_version, row.source_address) == (MODERN, "127.0.0.1")
        assert (row.reason, row.detail["token"]) == ("", token.public_id)
        assert row.detail["arguments"] == ARGUMENTS
        assert row.detail["arguments_digest"] == arguments_digest(ARGUMENTS)
        assert row.detail["revision_digest"] == revision.digest
        assert row.detail["action"] == "read"
        assert (row.detail["grant_id"], row.detail["access_profile"]) == (gateway.grant.pk, "On call")
        assert row.detail["toolset"] == "On call tools"
        assert (row.detail["credential_id"], row.detail["credential_slot"]) == (
            str(credential.pk),
            "integration",
        )
    assert admitted.request_id == succeeded.request_id != ""
    assert admitted.latency_ms is None
    assert succeeded.latency_ms > 0
    assert (succeeded.detail["attempts"], succeeded.detail["upstream_status"]) == (1, 200)
    assert succeeded.detail["upstream_request_id"] == REQUEST_ID
    assert succeeded.detail["received_bytes"] > 400


def test_the_upstream_gets_the_key_and_nothing_of_the_clients(gateway: Gateway) -> None:
    connection = gateway.connect()
    connection.request(
        "tools/call",
        {"name": GET, "arguments": ARGUMENTS},
        cookie="session=canary",
        x_canary="canary",
        user_agent="canary",
        forwarded="for=canary",
    )
    (asked,) = gateway.upstream.asked
    assert (asked.method, asked.path) == ("GET", f"/v2/alerts/{ALERT['id']}")
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == f"GenieKey {KEY}"
    assert "canary" not in repr(asked)
    assert connection.token is not None
    assert connection.token not in repr(asked)
    assert not any(name.startswith("mcp-") for name in headers)


def test_a_change_names_the_person_to_the_upstream(gateway: Gateway) -> None:
    gateway.upstream.answer(ACCEPTED, PROCESSED)
    result = gateway.connect().call("opsgenie_create_alert", {"message": "Disk full"})
    assert result["structuredContent"]["alert_id"] == ALERT["id"]
    created, status = gateway.upstream.asked
    assert (created.method, created.path, created.body["user"]) == ("POST", "/v2/alerts", "mia@example.com")
    assert result["_meta"]["portcullis/call_id"] in created.body["source"]
    assert created.body["alias"] == f"mcp-{result['_meta']['portcullis/call_id']}"
    assert (status.method, status.path) == ("GET", f"/v2/alerts/requests/{REQUEST_ID}")


def test_no_key_comes_back(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """Neither ours, should the upstream echo it, nor in a row or a log."""
    caplog.set_level("DEBUG")

    def echo(asked: Asked) -> Reply:
        return Reply(body=answered({**ALERT, "message": f"echoed {json.dumps(dict(asked.headers))}"}))

    gateway.upstream.answer(echo)
    result = gateway.connect().call(GET, ARGUMENTS)
    assert "echoed" in json.dumps(result)
    assert KEY not in json.dumps(result) + caplog.text + repr(everything())


def test_missing_and_null_arguments_are_none(gateway: Gateway) -> None:
    gateway.upstream.answer(Reply(body=answered({"count": 5})))
    connection = gateway.connect("2025-11-25")
    for params in ({"name": "opsgenie_count_alerts"}, {"name": "opsgenie_count_alerts", "arguments": {}}):
        assert connection.result("tools/call", params)["structuredContent"] == {"count": 5}


def test_use_is_noted(gateway: Gateway) -> None:
    gateway.upstream.answer(TEAM_CREATED)
    connection = gateway.connect()
    connection.call("opsgenie_create_team", {"name": "Databases"})
    assert Token.objects.get().last_used_at is not None
    assert Client.objects.get().last_used_at is not None
    assert Client.objects.get().software == "tests 1"
    assert Credential.objects.get().last_used_at is not None
