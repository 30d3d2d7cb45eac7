"""Schedules and rotations as records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

ROTATION = {"type": "weekly", "startDate": "2026-01-05T08:00:00Z"}


@pytest.fixture
def rotation(people: dict[str, str]) -> dict[str, Any]:
    return {**ROTATION, "participants": [{"type": "user", "id": people["ann"]}]}


def test_create_read_update_delete(api: Caller, rotation: dict[str, Any]) -> None:
    answer = api.do(
        "POST", "/v2/schedules", {"name": "Duty", "timezone": "Asia/Tokyo", "rotations": [rotation]}
    )
    assert answer["result"] == "Created"
    assert set(answer["data"]) == {"id", "name", "enabled"}
    path = f"/v2/schedules/{answer['data']['id']}"
    shown = api.get(path)
    assert shown["timezone"] == "Asia/Tokyo"
    assert shown["rotations"][0]["participants"][0]["username"] == "ann@example.org"
    assert api.do("PATCH", path, {"description": "new"})["result"] == "Updated"
    assert api.get(path)["rotations"] == shown["rotations"]
    api.do("PATCH", path, {"rotations": []})
    assert api.get(path)["rotations"] == []
    assert api.do("DELETE", path)["result"] == "Deleted"
    assert api.refused("GET", path)[0] == 404


def test_lists_leave_rotations_out_unless_asked(api: Caller, rotation: dict[str, Any]) -> None:
    api.do("POST", "/v2/schedules", {"name": "Duty", "rotations": [rotation]})
    response = api.request("GET", "/v2/schedules")
    assert response.json["expandable"] == ["rotation"]
    assert response.json["data"][0]["rotations"] == []
    assert len(api.get("/v2/schedules", expand="rotation")[0]["rotations"]) == 1


def test_rotations(api: Caller, rotation: dict[str, Any]) -> None:
    schedule = api.do("POST", "/v2/schedules", {"name": "Duty"})["data"]["id"]
    path = f"/v2/schedules/{schedule}/rotations"
    first = api.do("POST", path, rotation)["data"]
    assert first["name"] == "Rot1"
    api.do("PATCH", f"{path}/{first['id']}", {"length": 2, "name": "Fortnight"})
    shown = api.get(f"{path}/{first['id']}")
    assert (shown["length"], shown["name"], shown["_parent"]["name"]) == (2, "Fortnight", "Duty")
    assert shown["startDate"] == "2026-01-05T08:00:00.000Z"
    assert len(api.get(path)) == 1
    api.do("DELETE", f"{path}/{first['id']}")
    assert api.get(path) == []
    assert api.refused("DELETE", f"{path}/{first['id']}")[0] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "yearly"}, "type"),
        ({"startDate": "soon"}, "startDate"),
        ({"endDate": "2026-01-05T08:00:00Z"}, "endDate"),
        ({"length": 0}, "length"),
        ({"participants": []}, "participants"),
        ({"participants": [{"type": "user", "id": "nobody"}]}, "participants#id"),
        ({"participants": [{"type": "robot"}]}, "participants#type"),
        ({"timeRestriction": {"type": "never"}}, "timeRestriction#type"),
        (
            {"timeRestriction": {"type": "time-of-day", "restriction": {"startHour": 25, "endHour": 3}}},
            "timeRestriction#restriction#startHour",
        ),
    ],
)
def test_rotations_that_are_refused(
    api: Caller, rotation: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    api.do("POST", "/v2/schedules", {"name": "Duty"})
    body = {**rotation, **change}
    status, answer = api.refused("POST", "/v2/schedules/Duty/rotations", body, scheduleIdentifierType="name")
    assert (status, list(answer["errors"])) == (422, [field])


def test_a_time_zone_that_does_not_exist(api: Caller) -> None:
    _, answer = api.refused("POST", "/v2/schedules", {"name": "Duty", "timezone": "Mars/Base"})
    assert list(answer["errors"]) == ["timezone"]


@pytest.mark.parametrize(
    ("path", "kind"), [("/v2/schedules", "Team"), ("/v2/escalations", "Team"), ("/v2/teams", "Team")]
)
def test_names_are_shared_with_teams_and_escalations(
    api: Caller, people: dict[str, str], path: str, kind: str
) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    rule = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 1},
        "recipient": {"type": "user", "id": people["ann"]},
    }
    status, answer = api.refused("POST", path, {"name": "Ops", "rules": [rule]})
    assert (status, answer["message"]) == (409, f"There is already one {kind} with same name")


def test_a_schedule_in_use_stays(api: Caller) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    assert api.refused("DELETE", "/v2/schedules/Ops_schedule", identifierType="name")[0] == 428
