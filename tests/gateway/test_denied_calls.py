"""Every denial a call can meet: the reply a model gets, the row, and that the upstream got nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from mcp_types import CallToolResult
from mcp_types.methods import validate_server_result

from audit.events import Event
from audit.models import AuditRow
from catalog import rotation, servers
from catalog.models import Credential, Server
from clients.models import Client, User
from tests.conftest import SYSTEM, disable, make_server, sync
from tests.connectors import SmallOpsgenie
from tests.database import everything, refusing
from tests.gateway.conftest import Gateway
from tests.wire import VERSIONS, Connection, answer_of, connect, error_of, last_row, rows_since
from tools import grants
from tools.denials import Denial, explanation_of
from tools.models import ArgumentLimit, Tool

GET = "opsgenie_get_alert"
ARGUMENTS: dict[str, Any] = {"identifier": "1"}


def change_upstream(gateway: Gateway, connector: SmallOpsgenie) -> None:
    connector.change("get_alert", description="Another.")
    sync(gateway.server)


def remove_upstream(gateway: Gateway, connector: SmallOpsgenie) -> None:
    del connector.offered["get_alert"]
    sync(gateway.server)


def move_ciphertext(gateway: Gateway, connector: SmallOpsgenie) -> None:
    other = make_server(name="Second", prefix="second").credentials.get()
    gateway.server.credentials.update(secret=other.secret)


def limit_arguments(gateway: Gateway, connector: SmallOpsgenie) -> None:
    ArgumentLimit.objects.create(
        profile=gateway.grant.profile,
        tool=Tool.objects.get(client_name=GET),
        schema={"properties": {"identifier": {"enum": ["9"]}}},
    )


WAYS: dict[Denial, Callable[[Gateway, SmallOpsgenie], object]] = {
    Denial.USER_INACTIVE: lambda g, c: User.objects.update(is_active=False),
    Denial.CLIENT_CLOSED: lambda g, c: Client.objects.update(state="closed"),
    Denial.CLIENT_TYPE_NOT_ALLOWED: lambda g, c: Client.objects.update(kind="shared"),
    Denial.SERVER_DISABLED: lambda g, c: servers.pause(actor=SYSTEM, server=g.server),
    Denial.TOOL_NOT_APPROVED: lambda g, c: disable(GET),
    Denial.TOOL_CHANGED: change_upstream,
    Denial.TOOL_REMOVED: remove_upstream,
    Denial.GRANT_EXPIRED: lambda g, c: grants.end(actor=SYSTEM, grant=g.grant),
    Denial.ACTION_NOT_ALLOWED: lambda g, c: Tool.objects.update(risk="dangerous"),
    Denial.ARGUMENTS_INVALID: lambda g, c: ARGUMENTS.update(identifier=5),
    Denial.ARGUMENTS_NOT_ALLOWED: limit_arguments,
    Denial.CREDENTIAL_MISSING: lambda g, c: rotation.revoke(
        actor=SYSTEM, credential=Credential.objects.get()
    ),
    Denial.CREDENTIAL_UNREADABLE: move_ciphertext,
}


@pytest.fixture(autouse=True)
def arguments() -> Any:
    yield
    ARGUMENTS.update(identifier="1")


def check_denied(result: dict[str, Any], denial: Denial, row: AuditRow) -> None:
    explanation = explanation_of(denial)
    assert result["isError"] is True
    assert "structuredContent" not in result
    (content,) = result["content"]
    assert content["type"] == "text"
    assert explanation.message in content["text"]
    assert explanation.remedy in content["text"]
    assert result["_meta"]["portcullis/denial"] == {
        "reason": denial.value,
        "message": explanation.message,
        "remedy": explanation.remedy,
        "call_id": str(row.call_id),
    }
    assert result["_meta"]["portcullis/call_id"] == str(row.call_id)
    assert (row.event, row.reason, row.tool_name) == ("call.denied", denial.value, GET)
    assert (row.actor_name, row.client_name, row.latency_ms is not None) == ("mia", "Claude", True)


@pytest.mark.parametrize("denial", WAYS)
def test_a_denial_is_a_result_a_model_can_act_on(
    gateway: Gateway, connector: SmallOpsgenie, denial: Denial
) -> None:
    connection = gateway.connect()
    WAYS[denial](gateway, connector)
    last = last_row()
    result = connection.call(GET, ARGUMENTS)
    (row,) = rows_since(last)
    check_denied(result, denial, row)
    assert row.detail["arguments"] == ARGUMENTS
    assert not gateway.upstream.asked


@pytest.mark.parametrize("version", VERSIONS)
def test_in_each_version(gateway: Gateway, version: str) -> None:
    disable(GET)
    connection = gateway.connect(version)
    last = last_row()
    result = connection.call(GET, ARGUMENTS)
    (row,) = rows_since(last)
    check_denied(result, Denial.TOOL_NOT_APPROVED, row)
    assert row.protocol_version == version
    CallToolResult.model_validate(result)
    validate_server_result("tools/call", version, result)


def test_what_is_about_the_call_comes_last_and_in_its_order(
    gateway: Gateway, connector: SmallOpsgenie
) -> None:
    """All at once, then mended one by one."""
    connection = gateway.connect()

    def reason() -> str | None:
        denial = connection.call(GET, ARGUMENTS)["_meta"].get("portcullis/denial")
        return denial["reason"] if denial else None

    ARGUMENTS.update(identifier=5)
    rotation.revoke(actor=SYSTEM, credential=Credential.objects.get())
    servers.pause(actor=SYSTEM, server=gateway.server)
    assert reason() == "server_disabled"
    servers.resume(actor=SYSTEM, server=gateway.server)
    assert reason() == "arguments_invalid"
    ARGUMENTS.update(identifier="1")
    assert reason() == "credential_missing"
    rotation.store(actor=SYSTEM, server=gateway.server, slot="account", text="0" * 36)
    with refusing(Event.CALL_ADMITTED):
        assert reason() == "audit_unavailable"
    assert not gateway.upstream.asked
    assert reason() is None


def test_a_key_of_another_slot_carries_a_tool_that_allows_it(gateway: Gateway) -> None:
    rotation.revoke(actor=SYSTEM, credential=Credential.objects.get())
    rotation.store(
        actor=SYSTEM, server=gateway.server, slot="account", text="another-key-of-36-characters-at-least"
    )
    last = last_row()
    assert gateway.connect().call(GET, ARGUMENTS)["isError"] is False
    assert {row.detail["credential_slot"] for row in rows_since(last) if row.call_id} == {"account"}


def test_wrong_arguments_are_named_one_by_one(gateway: Gateway) -> None:
    last_of = gateway.connect()
    last = last_row()
    result = last_of.call("opsgenie_create_alert", {"priority": "P9", "tags": "db", "unheard_of": 1})
    text = result["content"][0]["text"]
    assert all(word in text for word in ("message", "priority", "tags", "unheard_of"))
    (row,) = rows_since(last)
    assert row.reason == "arguments_invalid"
    assert len(row.detail["problems"]) == 4


def test_a_secret_in_a_wrong_argument_stays_out_of_the_row(gateway: Gateway) -> None:
    connection = gateway.connect()
    secret = "a phrase, of words; canary-secret"
    for details in ({"api_key": [secret]}, {"authorization": {"x": secret}}, {"x": ["Bearer canary-secret"]}):
        result = connection.call("opsgenie_create_alert", {"message": "x", "details": details})
        assert result["_meta"]["portcullis/denial"]["reason"] == "arguments_invalid"
    assert "canary-secret" not in repr(everything())


def test_a_hidden_tool_is_like_a_missing_one_byte_for_byte(gateway: Gateway, otto: User) -> None:
    """Whatever its state. Only the call id differs, and the name that was asked for."""
    assert len("opsgenie_get_alert") == len("opsgenie_got_alert")
    for version in VERSIONS:
        connection = connect(otto, version)
        missing = unknown(connection, "opsgenie_got_alert")
        hidden = [unknown(connection, GET)]
        Server.objects.update(state="paused")
        hidden.append(unknown(connection, GET))
        Server.objects.update(state="active")
        for answer in hidden:
            assert answer.replace(b"get_alert", b"got_alert") == missing


def unknown(connection: Connection, name: str) -> bytes:
    """The bytes of a refusal as unknown, with the headers, without what each request has of its own."""
    last = last_row()
    response = connection.request("tools/call", {"name": name, "arguments": ARGUMENTS})
    modern = connection.version == VERSIONS[-1]
    assert error_of(response) == (400 if modern else 200, -32602, 7)
    (row,) = rows_since(last)
    data = answer_of(response)["error"]["data"]
    assert data == {"reason": "unknown_tool", "call_id": str(row.call_id)}
    assert (row.event, row.reason, row.actor_name) == ("call.denied", "unknown_tool", "otto")
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    content = response.content.replace(str(row.call_id).encode(), b"<call id>")
    return json.dumps(headers).encode() + content


def test_the_row_of_a_hidden_tool_still_says_which_it_was(gateway: Gateway, otto: User) -> None:
    connect(otto).request("tools/call", {"name": GET})
    row = AuditRow.objects.first()
    assert row is not None
    assert (row.tool_name, row.server_name) == (GET, "Opsgenie")


@pytest.mark.parametrize(
    "name",
    ["", "no such tool", "x" * 5_000, "opsgenie_get_alert\0", "\0", "\N{FIRE}", "Bearer canary-secret"],
)
def test_any_name_that_is_no_tools_is_refused_and_recorded(gateway: Gateway, name: str) -> None:
    connection = gateway.connect("2025-11-25")
    last = last_row()
    assert error_of(connection.request("tools/call", {"name": name})) == (200, -32602, 7)
    (row,) = rows_since(last)
    assert (row.event, row.reason, row.tool_id) == ("call.denied", "unknown_tool", None)
    assert len(row.tool_name) <= 128
    assert "canary-secret" not in repr(everything())


def test_a_grant_ends_by_the_clock(gateway: Gateway) -> None:
    connection = gateway.connect()
    gateway.grant.ends_at = timezone.now() + timedelta(hours=1)
    gateway.grant.save()
    assert connection.call(GET, ARGUMENTS)["isError"] is False
    with time_machine.travel(gateway.grant.ends_at, tick=False):
        result = connection.call(GET, ARGUMENTS)
    assert result["_meta"]["portcullis/denial"]["reason"] == "grant_expired"


def test_call_ids_are_never_used_twice(gateway: Gateway, otto: User) -> None:
    for connection in (gateway.connect(), connect(otto)):
        for _ in range(3):
            connection.request("tools/call", {"name": GET, "arguments": ARGUMENTS})
    ids = AuditRow.objects.filter(event__in=["call.admitted", "call.denied"]).values_list(
        "call_id", flat=True
    )
    assert len(set(ids)) == 6
    assert all(isinstance(call_id, uuid.UUID) for call_id in ids)
