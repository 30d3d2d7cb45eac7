"""Heartbeats: hearing them, and missing them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.conftest import KEY, Caller

PATH = "/v2/heartbeats"
BODY = {"name": "backup", "interval": 10, "intervalUnit": "minutes", "enabled": True}


@pytest.fixture
def heartbeat(api: Caller) -> str:
    api.do("POST", PATH, BODY)
    return f"{PATH}/backup"


def ping(api: Caller, method: str = "GET") -> None:
    api.do(method, f"{PATH}/backup/ping")
    api.hand.advance(seconds=1)


def test_create_change_disable_delete(api: Caller, heartbeat: str) -> None:
    assert api.get(heartbeat)["expired"] is False
    api.do("PATCH", heartbeat, {"interval": 2, "intervalUnit": "hours"})
    assert api.do("POST", f"{heartbeat}/disable")["data"] == {
        "name": "backup",
        "enabled": False,
        "expired": False,
    }
    [shown] = api.get(PATH)["heartbeats"]
    assert (shown["interval"], shown["intervalUnit"], shown["enabled"]) == (2, "hours", False)
    api.do("POST", f"{heartbeat}/enable")
    assert api.refused("POST", PATH, BODY)[0] == 409
    assert api.refused("POST", PATH, {"name": "x", "interval": 1, "intervalUnit": "years"})[0] == 422
    api.do("DELETE", heartbeat)
    assert api.refused("GET", heartbeat)[0] == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_any_verb_is_a_ping(api: Caller, heartbeat: str, method: str) -> None:
    response = api.request(method, f"{heartbeat}/ping")
    assert (response.status_code, response.json["result"]) == (202, "PONG - Heartbeat received")
    assert "lastPingTime" not in api.get(heartbeat)
    api.hand.advance(seconds=1)
    assert api.get(heartbeat)["lastPingTime"] == "2026-01-14T12:00:00.050Z"


def test_pinging_nothing_succeeds_and_changes_nothing(api: Caller) -> None:
    response = api.request("GET", f"{PATH}/nothing/ping")
    assert (response.status_code, response.json["result"]) == (202, "PONG - Heartbeat received")
    assert api.get(PATH) == {"heartbeats": []}


def test_a_ping_is_a_write(build: Callable[..., Caller]) -> None:
    assert build(f"{KEY}:integration:read").refused("GET", f"{PATH}/backup/ping")[0] == 403


def test_silence_raises_an_alert_and_a_ping_ends_it(api: Caller, heartbeat: str) -> None:
    ping(api)
    api.hand.advance(minutes=9)
    assert api.get(heartbeat)["expired"] is False
    api.hand.advance(minutes=2)
    assert api.get(heartbeat)["expired"] is True
    [alert] = api.get("/v2/alerts", query="status:open")
    assert "backup" in alert["message"]
    ping(api)
    assert api.get(heartbeat)["expired"] is False
    assert api.get("/v2/alerts/count", query="status:open") == {"count": 0}


def test_regular_pings_keep_it_quiet(api: Caller, heartbeat: str) -> None:
    for _ in range(10):
        ping(api)
        api.hand.advance(minutes=8)
    assert api.get("/v2/alerts/count") == {"count": 0}


def test_what_was_never_heard_is_not_missed(api: Caller, heartbeat: str) -> None:
    api.hand.advance(days=2)
    assert api.get(heartbeat)["expired"] is False
