"""Forwarding rules."""

from __future__ import annotations

from tests.sandbox.conftest import Caller

PATH = "/v2/forwarding-rules"
RULE = {
    "fromUser": {"username": "ann@example.org"},
    "toUser": {"username": "ben@example.org"},
    "startDate": "2026-01-14T13:00:00Z",
    "endDate": "2026-01-14T15:00:00Z",
    "alias": "lunch",
}


def test_create_replace_delete(api: Caller, people: dict[str, str]) -> None:
    data = api.do("POST", PATH, RULE)["data"]
    assert data["alias"] == "lunch"
    assert api.get(f"{PATH}/lunch", identifierType="alias") == api.get(f"{PATH}/{data['id']}")
    api.do("PUT", f"{PATH}/lunch", {**RULE, "toUser": {"id": people["cleo"]}}, identifierType="alias")
    [rule] = api.get("/v2/users/ann@example.org/forwarding-rules")
    assert rule["toUser"]["username"] == "cleo@example.org"
    assert api.get("/v2/users/cleo@example.org/forwarding-rules") == []
    assert api.refused("POST", PATH, RULE)[0] == 409
    api.do("DELETE", f"{PATH}/{data['id']}")
    assert api.get(PATH) == []


def test_it_changes_who_is_on_call(api: Caller, people: dict[str, str]) -> None:
    rotation = {
        "type": "weekly",
        "startDate": "2026-01-01T00:00:00Z",
        "participants": [{"type": "user", "id": people["ann"]}],
    }
    schedule = api.do("POST", "/v2/schedules", {"name": "Duty", "rotations": [rotation]})["data"]["id"]
    api.do("POST", PATH, RULE)
    path = f"/v2/schedules/{schedule}/on-calls"
    flat = [
        api.get(path, flat="true", date=f"2026-01-14T{hour}:30:00Z")["onCallRecipients"]
        for hour in (12, 13, 15)
    ]
    assert flat == [["ann@example.org"], ["ben@example.org"], ["ann@example.org"]]
    [participant] = api.get(path, date="2026-01-14T14:00:00Z")["onCallParticipants"]
    assert (participant["name"], participant["forwardedFrom"]["name"]) == (
        "ben@example.org",
        "ann@example.org",
    )
    query = {"interval": 1, "intervalUnit": "days", "expand": "forwarding"}
    timeline = api.get(f"/v2/schedules/{schedule}/timeline", **query)
    [period] = timeline["forwardingTimeline"]["rotations"][0]["periods"]
    assert (period["type"], period["fromUser"]) == ("forwarding", "ann@example.org")


def test_refusals(api: Caller, people: dict[str, str]) -> None:
    assert api.refused("POST", PATH, {**RULE, "toUser": {"id": "nobody"}})[0] == 422
    assert api.refused("POST", PATH, {**RULE, "toUser": RULE["fromUser"]})[0] == 422
    assert api.refused("POST", PATH, {**RULE, "endDate": RULE["startDate"]})[0] == 422
    assert api.refused("POST", PATH, {})[0] == 422
