"""The control surface."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import KEY, Caller


@pytest.fixture
def api(build: Callable[..., Caller]) -> Caller:
    return build(control=True)


def control(api: Caller, method: str, path: str, body: Any = None) -> Any:
    response = api.request(method, f"/_control/{path}", body)
    assert response.status_code == 200, response.text
    return response.json


def test_it_is_off_unless_asked_for(build: Callable[..., Caller]) -> None:
    assert build().request("GET", "/_control/state").status_code == 404


def test_state_can_be_taken_and_given_back(api: Caller) -> None:
    api.processed("POST", "/v2/alerts", {"message": "kept", "alias": "kept"})
    api.do("POST", "/v2/alerts", {"message": "pending", "alias": "pending"})
    saved = control(api, "GET", "state")
    control(api, "POST", "reset")
    assert api.get("/v2/alerts") == []
    control(api, "POST", "state", saved)
    api.hand.advance(seconds=1)
    assert [alert["alias"] for alert in api.get("/v2/alerts")] == ["pending", "kept"]


def test_what_is_no_state_is_refused(api: Caller) -> None:
    assert api.request("POST", "/_control/state", {"tables": 3}).status_code == 422
    assert api.request("POST", "/_control/state", {"tables": {}}).status_code == 422


def test_saving_needs_a_file(api: Caller, build: Callable[..., Caller], tmp_path: Path) -> None:
    assert api.request("POST", "/_control/state").status_code == 422
    path = tmp_path / "state.json"
    first = build(control=True, state_file=path)
    first.processed("POST", "/v2/alerts", {"message": "kept"})
    control(first, "POST", "state")
    assert build(state_file=path).get("/v2/alerts")[0]["message"] == "kept"


def test_the_clock_moves(api: Caller) -> None:
    api.do("POST", "/v2/alerts", {"message": "x"})
    assert control(api, "POST", "clock", {"offset_seconds": 3600})["now"] == "2026-01-14T13:00:00.000Z"
    assert len(api.get("/v2/alerts")) == 1
    assert control(api, "POST", "clock", {"now": "2030-05-01T00:00:00Z"})["now"] == "2030-05-01T00:00:00.000Z"
    api.processed("POST", "/v2/alerts", {"message": "y"})
    assert api.get("/v2/alerts")[0]["createdAt"].startswith("2030-05-01")
    control(api, "POST", "clock", {"offset_seconds": -60})
    assert control(api, "GET", "clock")["offset_seconds"] == -60
    assert api.request("POST", "/_control/clock", {"now": "later"}).status_code == 422


def test_requests_are_remembered_without_keys(api: Caller) -> None:
    api.request("POST", "/v2/alerts", {"message": "x"}, a="b")
    [entry] = control(api, "GET", "requests")["requests"]
    assert (entry["method"], entry["path"], entry["query"]) == ("POST", "/v2/alerts", "a=b")
    assert entry["body"] == '{"message": "x"}'
    assert KEY not in str(entry)
    assert len(entry["key"]) == 64
    control(api, "DELETE", "requests")
    assert control(api, "GET", "requests")["requests"] == []


def test_the_witness_file_has_a_line_per_request(build: Callable[..., Caller], tmp_path: Path) -> None:
    path = tmp_path / "witness"
    api = build(witness=path, control=True)
    api.request("GET", "/v2/alerts")
    api.request("GET", "/_control/clock")
    api.request("POST", "/v2/nothing", {"a": 1})
    assert len(path.read_text().splitlines()) == 2
    assert KEY not in path.read_text()


def test_unknown_controls(api: Caller) -> None:
    assert api.request("GET", "/_control/nothing").status_code == 404
    assert api.request("POST", "/_control/latency", {"seconds": "long"}).status_code == 422
