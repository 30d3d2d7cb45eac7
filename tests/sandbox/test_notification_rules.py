"""Notification rules and their steps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v2/users/ann@example.org/notification-rules"
STEP = {
    "contact": {"method": "email", "to": "ann@example.org"},
    "sendAfter": {"timeAmount": 5, "timeUnit": "minutes"},
    "enabled": True,
}


@pytest.fixture
def rule(api: Caller, people: dict[str, str]) -> str:
    """The id of a rule with one step."""
    return create(api, "First", steps=[STEP])


def create(api: Caller, name: str, **fields: Any) -> str:
    return api.do("POST", PATH, {"name": name, "actionType": "create-alert", "enabled": True, **fields})[
        "data"
    ]["id"]


def test_create_change_disable_delete(api: Caller, rule: str) -> None:
    shown = api.get(f"{PATH}/{rule}")
    assert shown["steps"][0]["contact"] == STEP["contact"]
    assert "userId" not in shown
    api.do("PATCH", f"{PATH}/{rule}", {"criteria": {"type": "match-all"}, "repeat": {"loopAfter": 3}})
    assert api.get(f"{PATH}/{rule}")["repeat"] == {"loopAfter": 3, "enabled": True}
    api.do("POST", f"{PATH}/{rule}/disable")
    assert api.get(PATH)[0]["enabled"] is False
    api.do("POST", f"{PATH}/{rule}/enable")
    assert set(api.get(PATH)[0]) == {"id", "name", "actionType", "order", "enabled"}
    api.do("DELETE", f"{PATH}/{rule}")
    assert api.get(PATH) == []


def test_order(api: Caller, rule: str) -> None:
    create(api, "Second")
    third = create(api, "Third", order=0)
    assert [each["name"] for each in api.get(PATH)] == ["Third", "First", "Second"]
    api.do("POST", f"{PATH}/{third}/change-order", {"order": 2})
    assert [(each["name"], each["order"]) for each in api.get(PATH)] == [
        ("First", 0),
        ("Second", 1),
        ("Third", 2),
    ]


def test_steps(api: Caller, rule: str) -> None:
    path = f"{PATH}/{rule}/steps"
    step = api.do("POST", path, STEP)["data"]["id"]
    assert len(api.get(path)) == 2
    api.do("PATCH", f"{path}/{step}", {"sendAfter": {"timeAmount": 9}})
    api.do("POST", f"{path}/{step}/disable")
    shown = api.get(f"{path}/{step}")
    assert shown["_parent"] == {"id": rule, "name": "First"}
    assert (shown["sendAfter"]["timeAmount"], shown["enabled"]) == (9, False)
    api.do("POST", f"{path}/{step}/enable")
    assert api.get(f"{path}/{step}")["enabled"] is True
    api.do("DELETE", f"{path}/{step}")
    assert api.refused("GET", f"{path}/{step}")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_copying(api: Caller, rule: str, method: str) -> None:
    create(api, "Closed", actionType="closed-alert")
    body = {"toUsers": ["ben@example.org"], "ruleTypes": ["new-alert"]}
    api.do(method, f"{PATH}/copy-to", body)
    api.do(method, f"{PATH}/copy-to", body)
    copied = api.get("/v2/users/ben@example.org/notification-rules")
    assert [each["name"] for each in copied] == ["First"]
    assert copied[0]["id"] != rule
    api.do(method, f"{PATH}/copy-to", {"toUsers": ["all"], "ruleTypes": ["all"]})
    assert len(api.get("/v2/users/cleo@example.org/notification-rules")) == 2
    assert len(api.get(PATH)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"actionType": "never"},
        {"actionType": "schedule-start"},
        {"notificationTime": ["some-day"]},
        {"steps": [{"enabled": True}]},
        {"name": ""},
    ],
)
def test_refusals(api: Caller, people: dict[str, str], change: dict[str, Any]) -> None:
    body = {"name": "x", "actionType": "create-alert", "enabled": True}
    assert api.refused("POST", PATH, {**body, **change})[0] == 422


def test_copying_to_nobody(api: Caller, rule: str) -> None:
    assert api.refused("POST", f"{PATH}/copy-to", {"toUsers": [], "ruleTypes": ["all"]})[0] == 422
    assert api.refused("POST", f"{PATH}/copy-to", {"toUsers": ["zoe"], "ruleTypes": ["all"]})[0] == 404
