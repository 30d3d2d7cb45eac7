"""Alert and notification policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v2/policies"


@pytest.fixture
def team(api: Caller) -> str:
    return api.do("POST", "/v2/teams", {"name": "Ops"})["data"]["id"]


def alert_policy(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "alert",
        "name": name,
        "message": "{{message}}",
        "filter": {"type": "match-all"},
        **fields,
    }


def test_of_the_account(api: Caller) -> None:
    first = api.do("POST", PATH, alert_policy("First", enabled=True, tags=["a"]))["data"]
    assert set(first) == {"id", "name", "type", "order", "enabled"}
    second = api.do("POST", PATH, alert_policy("Second"))["data"]["id"]
    api.do("POST", f"{PATH}/{second}/change-order", {"targetIndex": 0})
    assert [(each["name"], each["order"]) for each in api.get(f"{PATH}/alert")] == [
        ("Second", 0),
        ("First", 1),
    ]
    api.do("POST", f"{PATH}/{second}/enable")
    api.do("POST", f"{PATH}/{first['id']}/disable")
    assert [each["enabled"] for each in api.get(f"{PATH}/alert")] == [True, False]
    api.do("PUT", f"{PATH}/{first['id']}", alert_policy("Changed", priority="P5"))
    shown = api.get(f"{PATH}/{first['id']}")
    assert (shown["name"], shown["priority"]) == ("Changed", "P5")
    assert "tags" not in shown
    api.do("DELETE", f"{PATH}/{second}")
    assert [each["order"] for each in api.get(f"{PATH}/alert")] == [0]


def test_of_a_team(api: Caller, team: str) -> None:
    body = {
        "type": "notification",
        "name": "Quiet",
        "filter": {"type": "match-all"},
        "suppress": True,
        "autoCloseAction": {"duration": {"timeAmount": 3, "timeUnit": "hours"}},
    }
    assert api.refused("POST", PATH, body)[0] == 422
    identifier = api.do("POST", PATH, body, teamId=team)["data"]["id"]
    assert len(api.get(f"{PATH}/notification", teamId=team)) == 1
    assert api.refused("GET", f"{PATH}/notification")[0] == 422
    assert api.refused("GET", f"{PATH}/{identifier}")[0] == 404
    shown = api.get(f"{PATH}/{identifier}", teamId=team)
    assert shown["autoCloseAction"]["duration"]["timeUnit"] == "hours"
    assert api.refused("GET", f"{PATH}/alert", teamId="none")[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        {"type": "weather"},
        {"name": ""},
        {"filter": {"type": "match-any-condition"}},
        {"filter": {"type": "match-all-conditions", "conditions": [{"field": "age", "operation": "equals"}]}},
        {"priority": "P0"},
    ],
)
def test_refusals(api: Caller, change: dict[str, Any]) -> None:
    assert api.refused("POST", PATH, {**alert_policy("x"), **change})[0] == 422
