"""Every operation of the API is there, and none of them falls over whatever it is given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.operations import OPERATIONS, Operation
from sandbox.rate_limits import DOMAINS
from tests.sandbox.conftest import Caller, Hand

EXPECTED = [line.split() for line in (Path(__file__).parent / "operations.txt").read_text().splitlines()]


def shape(path: str) -> str:
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", path).rstrip("/")


@pytest.mark.parametrize(("name", "method", "path"), EXPECTED)
def test_every_operation_has_its_method_and_path(name: str, method: str, path: str) -> None:
    [operation] = [each for each in OPERATIONS if each.name == name]
    assert method in operation.methods
    assert shape(operation.path) == shape(path)
    assert operation.domain in DOMAINS


def test_there_are_no_others() -> None:
    assert {operation.name for operation in OPERATIONS} == {name for name, _, _ in EXPECTED}
    assert max(Counter((verb, each.path) for each in OPERATIONS for verb in each.methods).values()) == 1


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_there_and_nothing_sent(api: Caller, operation: Operation) -> None:
    path = re.sub(r"<[^>]*>", "nothing", operation.path)
    for method in operation.methods:
        response = api.request(method, path)
        assert response.status_code in (200, 202, 404, 415, 422), response.text


@pytest.mark.parametrize("content", ["{", "[1]", '"text"', "\x00", "[" * 100_000])
def test_bodies_that_are_no_json_object(api: Caller, content: str) -> None:
    response = api.raw("POST", "/v2/teams", content, "application/json")
    assert response.status_code == 400
    assert set(response.json) == {"message", "took", "requestId"}


def test_content_types(api: Caller) -> None:
    assert api.raw("POST", "/v2/teams", "name=x", "application/x-www-form-urlencoded").status_code == 415
    assert api.raw("POST", "/v2/teams", '{"name": "x"}', "").status_code == 201
    assert api.raw("POST", "/v2/teams", '{"name": "y"}', "application/json; charset=utf-8").status_code == 201


def test_methods_that_are_not_there(api: Caller) -> None:
    response = api.request("PUT", "/v2/alerts")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


FIELD_NAMES = sorted(
    set(
        re.findall(
            r'"([a-z][A-Za-z]{2,30})"', "".join(path.read_text() for path in Path("sandbox").glob("*.py"))
        )
    )
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False),
        st.sampled_from(
            ["", "P1", "weekly", "user", "team", "match-all", "2026-01-14T12:00:00Z", "9999-12-31T00:00:00Z"]
        ),
        st.sampled_from(
            ["alert", "time-of-day", "minutes", "schedule", "create-alert", "email", "Europe/Berlin"]
        ),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(FIELD_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(FIELD_NAMES), values, max_size=8)
queries = st.dictionaries(
    st.sampled_from(
        ["limit", "offset", "date", "query", "sort", "order", "interval", "flat", "expand", "type", "tags"]
    ),
    st.one_of(
        st.text(max_size=6),
        st.integers(-5, 10**12).map(str),
        st.sampled_from(["name", "9999-12-31T23:59:59Z"]),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def company() -> Callable[[], Caller]:
    """One seeded sandbox for all examples, brought back to its beginning before each."""
    from sandbox.app import create_app
    from sandbox.clock import Clock
    from sandbox.keys import parse_key
    from tests.sandbox.conftest import KEY

    hand = Hand()
    app = create_app(keys=(parse_key(KEY),), clock=Clock(hand), processing_delay=0)
    caller = Caller(app, hand)
    saved = app.state.document()
    import json

    text = json.dumps(saved)

    def fresh() -> Caller:
        app.replace_state(json.loads(text))
        return caller

    return fresh


def identifiers(caller: Caller, operation: Operation, choice: Callable[[list[str]], str]) -> str:
    """The operation's path with ids that exist in the seeded company where there are any."""
    state = caller.app.state
    tables = [
        name for name in ("alerts", "schedules", "escalations", "teams", "users", "incidents", "services")
    ]
    table = next((name for name in tables if f"/{name}" in operation.path), None)
    known = [*state.table(table)][:3] if table else []
    for other in ("integrations", "heartbeats", "maintenances", "policies", "notification_rules", "contacts"):
        if other.removesuffix("s").replace("_", "-") in operation.path:
            known = [*known, *[*state.table(other)][:3]]
    return re.sub(r"<[^>]*>", lambda _: choice([*known, "nothing"]), operation.path)


@given(data=st.data(), body=bodies, query=queries)
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_input_brings_it_down(
    company: Callable[[], Caller], data: st.DataObject, body: dict[str, Any], query: dict[str, str]
) -> None:
    caller = company()
    operation = data.draw(st.sampled_from(OPERATIONS))
    path = identifiers(caller, operation, lambda options: data.draw(st.sampled_from(options)))
    response = caller.request(data.draw(st.sampled_from(operation.methods)), path, body, **query)
    assert response.status_code != 500, (operation.name, path, body, query)
    # Whatever was let in can be shown and worked with.
    for follow_up in ("/v2/schedules/on-calls", "/v2/alerts", "/v2/users", "/v2/teams"):
        assert caller.request("GET", follow_up).status_code == 200
