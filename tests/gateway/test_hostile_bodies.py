"""Whatever a caller sends: an answer in JSON-RPC, no fault of ours, and one row for each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp_types import JSONRPCError, JSONRPCResponse

from audit.models import AuditRow
from tests.database import everything, undone
from tests.gateway.conftest import Gateway
from tests.wire import HANDSHAKE, META, MODERN, VERSIONS, Connection, last_row, rows_since

METHODS = [
    "initialize", "ping", "tools/list", "tools/call", "server/discover", "prompts/list", "prompts/get",
    "resources/read", "logging/setLevel", "completion/complete", "subscriptions/listen", "tasks/get",
    "notifications/initialized", "notifications/cancelled", "no/such", "", "\0", "__init__", "rpc.discover",
]  # fmt: skip
#: What has broken databases, logs and headers before.
NASTY = st.sampled_from(
    ["\0", "\u202e", "\ud7ff", "\N{FIRE}", "%s%n", "'; --", "../..", "x" * 3_000, "{}", "\r\nX: y", "NaN", ""]
)
TEXT = st.text(max_size=20) | NASTY
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from([2**63, 2**64, -(2**70), 1e308])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
TOOLS = st.sampled_from(
    ["opsgenie_get_alert", "opsgenie_create_alert", "opsgenie_no_such", "opsgenie_delete_team"]
)
#: Arguments that no schema takes: these tests must not depend on what an upstream answers.
ARGUMENTS = st.dictionaries(TEXT, JSON, max_size=3).map(lambda arguments: {**arguments, "\0unknown": 1})


def some(strategy: st.SearchStrategy[Any], key: str) -> st.SearchStrategy[dict[str, Any]]:
    """A member of that name, or none, or one of the wrong kind."""
    return st.just({}) | st.fixed_dictionaries({key: strategy}) | st.fixed_dictionaries({key: JSON})


def joined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


META_MEMBERS = joined(
    some(st.sampled_from([*VERSIONS, "2027-01-01"]), f"{META}protocolVersion"),
    some(
        st.fixed_dictionaries({}, optional={"experimental": JSON, "elicitation": JSON, "extensions": JSON}),
        f"{META}clientCapabilities",
    ),
    some(st.fixed_dictionaries({"name": TEXT, "version": TEXT}), f"{META}clientInfo"),
    some(TEXT, "progressToken"),
    some(TEXT, f"{META}logLevel"),
)
PARAMS = joined(
    some(META_MEMBERS, "_meta"),
    some(TOOLS, "name"),
    some(ARGUMENTS, "arguments"),
    some(TEXT, "cursor"),
    some(st.sampled_from([*VERSIONS, "x"]), "protocolVersion"),
    some(st.just({}), "capabilities"),
    some(st.fixed_dictionaries({"name": TEXT, "version": TEXT}), "clientInfo"),
).map(lambda params: {**params, "arguments": params["arguments"]} if "arguments" in params else params)
MESSAGES = joined(
    some(st.just("2.0"), "jsonrpc").map(lambda part: part or {"jsonrpc": "2.0"}),
    some(st.integers(0, 9) | TEXT, "id"),
    some(st.sampled_from(METHODS), "method"),
    some(PARAMS, "params"),
)
#: Requests that get past the envelope, so that what lies behind it sees strange things too.
WELL_FORMED = st.builds(
    lambda version, method, params: (version, method, params),
    st.sampled_from(VERSIONS),
    st.just("tools/call") | st.sampled_from(METHODS),
    joined(
        some(TOOLS, "name"),
        some(ARGUMENTS, "arguments"),
        some(TEXT, "cursor"),
        some(st.fixed_dictionaries({}, optional={"x": JSON, f"{META}clientInfo": JSON}), "_meta"),
        st.dictionaries(TEXT, JSON, max_size=2),
    ),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "mcp_protocol_version": st.sampled_from([*VERSIONS, "2027-01-01", "x"]),
        "mcp_method": st.sampled_from(METHODS[:-5]),
        "mcp_name": st.sampled_from(["opsgenie_get_alert", "=?base64?eA==?=", "=?base64?/?="]),
        "mcp_session_id": st.just("x"),
        "last_event_id": st.just("5"),
        "accept": st.sampled_from(["application/json", "text/event-stream", "*/*"]),
    },
)

relaxed = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def connection(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> Connection:
    caplog.set_level("ERROR")
    return gateway.connect()


def check(response: HttpResponse, rows: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    assert response.status_code in (200, 202, 400, 404), response.content
    assert b"Traceback" not in response.content
    assert not [record for record in caplog.records if record.name.startswith("tools")], caplog.text
    if response.status_code == 202:
        assert response.content == b""
        assert rows == []
        return
    answer = json.loads(response.content)
    answers = answer if isinstance(answer, list) else [answer]
    errors = [one for one in answers if "error" in one]
    refused_calls = [
        one for one in answers if one.get("result", {}).get("_meta", {}).get("portcullis/denial")
    ]
    for one in answers:
        (JSONRPCError if "error" in one else JSONRPCResponse).model_validate(one)
        assert one.get("error", {}).get("code") != -32603, one
    assert [row.event for row in rows if row.event not in ("call.denied", "request.refused")] == []
    assert len(rows) == len(errors) + len(refused_calls)


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), headers=HEADERS)
@relaxed
def test_bytes(
    connection: Connection, caplog: pytest.LogCaptureFixture, body: bytes, headers: dict[str, str]
) -> None:
    with undone():
        last = last_row()
        check(connection.send(body, **headers), rows_since(last), caplog)


@given(message=MESSAGES | JSON | st.lists(MESSAGES, max_size=4), headers=HEADERS)
@relaxed
def test_json(
    connection: Connection, caplog: pytest.LogCaptureFixture, message: Any, headers: dict[str, str]
) -> None:
    with undone():
        last = last_row()
        check(connection.send(json.dumps(message).encode(), **headers), rows_since(last), caplog)


@given(request=WELL_FORMED)
@relaxed
def test_requests_that_are_well_formed(
    connection: Connection, caplog: pytest.LogCaptureFixture, request: tuple[str, str, dict[str, Any]]
) -> None:
    connection.version, method, params = request
    if not isinstance(params.get("_meta", {}), dict):
        connection.version = HANDSHAKE[-1]
    message = connection.message(method, params)
    headers = connection.headers(message)
    if any(not value.isprintable() or not value.isascii() for value in headers.values()):
        headers = {"mcp_protocol_version": MODERN}
    with undone():
        last = last_row()
        check(connection.send(json.dumps(message).encode(), **headers), rows_since(last), caplog)


@pytest.mark.parametrize("name", ["\0", "x\0y", "\ud800"])
@pytest.mark.parametrize("place", ["capability", "method", "program", "tool", "argument"])
def test_what_a_database_refuses_is_still_refused_by_us(
    connection: Connection, place: str, name: str
) -> None:
    """PostgreSQL can't hold U+0000; a caller must not get out of the log by that."""
    capabilities = {"experimental": {name: 5}} if place == "capability" else {}
    meta: dict[str, Any] = {f"{META}clientCapabilities": capabilities}
    if place == "program":
        meta[f"{META}clientInfo"] = {"name": name, "version": {name: 1}}
    params: dict[str, Any] = {"_meta": meta}
    if place in ("tool", "argument"):
        params |= {"name": name if place == "tool" else "opsgenie_get_alert", "arguments": {name: name}}
    message = connection.message("tools/call" if "name" in params else "tools/list", params)
    headers = connection.headers(message)
    if place == "method":
        message["method"] = f"no/{name}"
    if place == "tool":
        headers = {}
        message["params"].pop("_meta")
    last = last_row()
    response = connection.send(json.dumps(message).encode(), **headers)
    assert response.status_code in (200, 400)
    (row,) = rows_since(last)
    assert row.event in ("request.refused", "call.denied")


def test_a_secret_in_a_wrong_place_is_not_recorded(connection: Connection) -> None:
    connection.send({"jsonrpc": "2.0", "id": 1, "method": "Bearer canary-secret"})
    meta = {f"{META}clientCapabilities": {"experimental": {"token=canary-secret": 5}}}
    connection.request("tools/list", {"_meta": meta})
    assert AuditRow.objects.filter(event="request.refused").count() == 2
    assert "canary-secret" not in repr(everything())
