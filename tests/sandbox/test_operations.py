"""Every operation of the API is there, and none of them falls over whatever it is given."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.app import create_app
from sandbox.clock import Clock
from sandbox.keys import parse_key
from sandbox.operations import OPERATIONS, Operation
from sandbox.rate_limits import DOMAINS
from tests.sandbox.conftest import KEY, Caller, Hand

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


words = st.sampled_from(
    [
        "",
        "P1",
        "weekly",
        "user",
        "team",
        "match-all",
        "alert",
        "time-of-day",
        "schedule",
        "email",
        "Europe/Berlin",
    ]
)
instants = st.sampled_from(
    ["2026-01-14T12:00:00Z", "2025-03-30T01:30:00Z", "1971-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]
)


def values(names: list[str]) -> st.SearchStrategy[Any]:
    """Anything JSON can say, with the given names for keys."""
    simple = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), words, instants)
    return st.recursive(
        simple,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=15,
    )


queries = st.dictionaries(
    st.sampled_from(
        ["limit", "offset", "date", "query", "sort", "order", "interval", "flat", "expand", "type", "tags"]
    ),
    st.text(max_size=6) | st.integers(-5, 10**12).map(str) | st.sampled_from(["name", "P1"]) | instants,
    max_size=4,
)


@cache
def field_names(operation: Operation) -> list[str]:
    """The words the operation's module reads from bodies."""
    source = Path(inspect.getfile(operation.handler)).read_text()
    return sorted(set(re.findall(r'"([a-z][A-Za-z]{1,30})"', source)))


@pytest.fixture(scope="module")
def company() -> Callable[[], Caller]:
    """One seeded sandbox for all examples, brought back to its beginning before each."""
    hand = Hand()
    app = create_app(keys=(parse_key(KEY),), clock=Clock(hand), processing_delay=0)
    beginning = json.dumps(app.state.document())

    def fresh() -> Caller:
        app.replace_state(json.loads(beginning))
        return Caller(app, hand)

    return fresh


def known_ids(caller: Caller, path: str) -> list[str]:
    """A few ids of the records a path is about."""
    tables = {"maintenance": "maintenances", "policies": "policies", "incident-timelines": "incidents"}
    section = path.split("/")[2]
    records = caller.app.state.table(tables.get(section, section.replace("-", "_")))
    return [*list(records)[:3], "nothing"]


@given(data=st.data(), query=queries)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_input_brings_it_down(
    company: Callable[[], Caller], data: st.DataObject, query: dict[str, str]
) -> None:
    caller = company()
    operation = data.draw(st.sampled_from(OPERATIONS))
    names = field_names(operation)
    body = data.draw(st.dictionaries(st.sampled_from(names), values(names), max_size=8))
    ids = st.sampled_from(known_ids(caller, operation.path))
    path = re.sub(r"<[^>]*>", lambda _: data.draw(ids), operation.path)
    response = caller.request(data.draw(st.sampled_from(operation.methods)), path, body, **query)
    assert response.status_code != 500, (operation.name, path, body, query)
    # Whatever was let in can be shown and worked with.
    caller.app.replace_state(json.loads(json.dumps(caller.app.state.document())))
    for follow_up in ("/v2/schedules/on-calls", "/v2/alerts", "/v2/users", "/v2/teams"):
        assert caller.request("GET", follow_up).status_code in (200, 401)
