"""Schedules, overrides, forwarding, and who comes out as on call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

BY_NAME = {"scheduleIdentifierType": "name"}


@pytest.fixture
def schedule(api: Caller, people: dict[str, str]) -> str:
    """Ann, Ben and Cleo change daily at noon, beginning with Ann now."""
    participants = [{"type": "user", "username": f"{name}@example.org"} for name in ("ann", "ben", "cleo")]
    rotation = {
        "name": "Days",
        "type": "daily",
        "startDate": "2026-01-14T12:00:00Z",
        "participants": participants,
    }
    return api.do("POST", "/v2/schedules", {"name": "Duty", "rotations": [rotation]})["data"]["id"]


def on_call(api: Caller, **query: Any) -> list[str]:
    return api.get("/v2/schedules/Duty/on-calls", flat="true", **BY_NAME, **query)["onCallRecipients"]


def override(api: Caller, user: str, start: str, end: str, **fields: Any) -> None:
    body = {"user": {"type": "user", "username": f"{user}@example.org"}, "startDate": start, "endDate": end}
    api.do("POST", "/v2/schedules/Duty/overrides", {**body, **fields}, **BY_NAME)


def test_time_decides(api: Caller, schedule: str) -> None:
    assert on_call(api) == ["ann@example.org"]
    api.hand.advance(days=1)
    assert on_call(api) == ["ben@example.org"]
    assert on_call(api, date="2026-01-16T12:00:00Z") == ["cleo@example.org"]
    assert on_call(api, date="2026-01-16T13:59:59+02:00") == ["ben@example.org"]


def test_flat_and_nested(api: Caller, schedule: str, people: dict[str, str]) -> None:
    parent = {"id": schedule, "name": "Duty", "enabled": True}
    nested = api.get(f"/v2/schedules/{schedule}/on-calls")
    participant = {"id": people["ann"], "name": "ann@example.org", "type": "user"}
    assert nested == {"_parent": parent, "onCallParticipants": [participant]}
    assert api.get("/v2/schedules/on-calls") == [nested]
    assert api.get("/v2/schedules/on-calls", flat="true") == [
        {"_parent": parent, "onCallRecipients": ["ann@example.org"]}
    ]


def test_next_swaps_the_names_of_its_fields(api: Caller, schedule: str) -> None:
    path = f"/v2/schedules/{schedule}/next-on-calls"
    flat = api.get(path, flat="true")
    assert flat["nextOnCallParticipants"] == flat["exactNextOnCallParticipants"] == ["ben@example.org"]
    nested = api.get(path)
    assert nested["nextOnCallRecipients"][0]["name"] == "ben@example.org"
    assert nested["exactNextOnCallRecipients"] == nested["nextOnCallRecipients"]


def test_an_override_takes_over_and_ends(api: Caller, schedule: str) -> None:
    override(api, "cleo", "2026-01-14T13:00:00Z", "2026-01-14T15:00:00Z", alias="dentist")
    hours = [on_call(api, date=f"2026-01-14T{hour}:00:00Z") for hour in (12, 13, 14, 15)]
    assert hours == [["ann@example.org"], ["cleo@example.org"], ["cleo@example.org"], ["ann@example.org"]]
    api.do("DELETE", "/v2/schedules/Duty/overrides/dentist", **BY_NAME)
    assert on_call(api, date="2026-01-14T13:00:00Z") == ["ann@example.org"]


def test_the_newest_override_wins(api: Caller, schedule: str) -> None:
    override(api, "ben", "2026-01-14T12:00:00Z", "2026-01-14T18:00:00Z")
    override(api, "cleo", "2026-01-14T14:00:00Z", "2026-01-14T15:00:00Z")
    hours = [on_call(api, date=f"2026-01-14T{hour}:30:00Z") for hour in (13, 14, 15)]
    assert hours == [["ben@example.org"], ["cleo@example.org"], ["ben@example.org"]]


def test_an_override_of_another_rotation_changes_nothing(
    api: Caller, schedule: str, people: dict[str, str]
) -> None:
    nights = {"name": "Nights", "type": "weekly", "startDate": "2026-01-01T00:00:00Z"}
    participants = [{"type": "user", "id": people["ben"]}]
    api.do("POST", "/v2/schedules/Duty/rotations", {**nights, "participants": participants}, **BY_NAME)
    day = {"start": "2026-01-14T12:00:00Z", "end": "2026-01-14T18:00:00Z"}
    override(api, "cleo", **day, rotations=[{"name": "Nights"}])
    assert on_call(api) == ["ann@example.org", "cleo@example.org"]


def test_overrides_are_kept_by_alias(api: Caller, schedule: str) -> None:
    override(api, "ben", "2026-01-14T12:00:00Z", "2026-01-14T18:00:00Z", alias="a/b")
    path = "/v2/schedules/Duty/overrides"
    body = {"alias": "a/b", "user": {"username": "ann@example.org"}, "startDate": "2026-01-14T12:00:00Z"}
    body["endDate"] = "2026-01-14T13:00:00Z"
    assert api.refused("POST", path, body, **BY_NAME)[0] == 409
    assert api.do("PUT", f"{path}/a%2Fb", body, **BY_NAME)["data"] == {"alias": "a/b"}
    [shown] = api.get(path, **BY_NAME)
    assert shown["user"]["username"] == "ann@example.org"
    assert shown["_parent"]["name"] == "Duty"
    assert api.get(f"{path}/a%2Fb", **BY_NAME) == shown
    assert api.refused("GET", f"{path}/other", **BY_NAME)[0] == 404


def test_timeline_layers(api: Caller, schedule: str) -> None:
    override(api, "cleo", "2026-01-14T13:00:00Z", "2026-01-14T15:00:00Z")
    query = {"interval": 2, "intervalUnit": "days", "date": "2026-01-14T12:00:00Z", "expand": "base,override"}
    response = api.request("GET", f"/v2/schedules/{schedule}/timeline", **query)
    data = response.json["data"]
    assert (data["startDate"], data["endDate"]) == ("2026-01-14T12:00:00.000Z", "2026-01-16T12:00:00.000Z")
    assert response.json["expandable"] == ["forwarding"]

    def periods(layer: str) -> list[tuple[str, str, str]]:
        [rotation] = data[f"{layer}Timeline"]["rotations"]
        return [
            (each["startDate"][8:13], each["recipient"]["name"][:4], each["type"])
            for each in rotation["periods"]
        ]

    assert periods("base") == [("14T12", "ann@", "default"), ("15T12", "ben@", "default")]
    assert periods("override") == [("14T13", "cleo", "override")]
    assert periods("final") == [
        ("14T12", "ann@", "default"),
        ("14T13", "cleo", "override"),
        ("14T15", "ann@", "default"),
        ("15T12", "ben@", "default"),
    ]
    api.hand.advance(hours=2)
    again = api.get(f"/v2/schedules/{schedule}/timeline", **query)["finalTimeline"]["rotations"][0]["periods"]
    assert [each["type"] for each in again] == ["historical", "override", "default", "default"]


@pytest.mark.parametrize(
    "query",
    [
        {"intervalUnit": "years"},
        {"interval": 0},
        {"interval": 1000},
        {"date": "today"},
        {"expand": "everything"},
    ],
)
def test_timelines_that_can_not_be_drawn(api: Caller, schedule: str, query: dict[str, Any]) -> None:
    assert api.refused("GET", f"/v2/schedules/{schedule}/timeline", **query)[0] == 422


def test_escalations_and_teams_are_opened_up(api: Caller, people: dict[str, str]) -> None:
    team = {"name": "Ops", "members": [{"user": {"username": "ben@example.org"}}]}
    api.do("POST", "/v2/teams", team)
    rule = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 5, "timeUnit": "minutes"},
        "recipient": {"type": "user", "id": people["cleo"]},
    }
    api.do("POST", "/v2/escalations", {"name": "Late", "rules": [rule]})
    rotations = [
        {"type": "weekly", "startDate": "2026-01-01T00:00:00Z", "participants": [participant]}
        for participant in ({"type": "team", "name": "Ops"}, {"type": "escalation", "name": "Late"})
    ]
    api.do("POST", "/v2/schedules", {"name": "Duty", "rotations": rotations})
    assert on_call(api) == ["ben@example.org", "cleo@example.org"]
    team_part, escalation = api.get("/v2/schedules/Duty/on-calls", **BY_NAME)["onCallParticipants"]
    assert team_part["onCallParticipants"][0]["name"] == "ben@example.org"
    assert escalation["onCallParticipants"][0]["escalationTime"] == 5


def test_circles_end(api: Caller, people: dict[str, str]) -> None:
    api.do("POST", "/v2/schedules", {"name": "Duty"})
    rule = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 0},
        "recipient": {"type": "schedule", "name": "Duty"},
    }
    api.do("POST", "/v2/escalations", {"name": "Late", "rules": [rule]})
    participants = [{"type": "escalation", "name": "Late"}]
    rotation = {"type": "weekly", "startDate": "2026-01-01T00:00:00Z", "participants": participants}
    api.do("POST", "/v2/schedules/Duty/rotations", rotation, **BY_NAME)
    assert on_call(api) == []
    api.get("/v2/schedules/Duty/on-calls", **BY_NAME)


def test_a_disabled_schedule_puts_nobody_on_call(api: Caller, schedule: str) -> None:
    api.do("PATCH", f"/v2/schedules/{schedule}", {"enabled": False})
    assert on_call(api) == []
    assert api.get("/v2/schedules/on-calls") == []


def test_calendar_exports(api: Caller, schedule: str, people: dict[str, str]) -> None:
    response = api.request("GET", f"/v2/schedules/{schedule}.ics")
    assert response.mimetype == "text/calendar"
    assert "SUMMARY:ann@example.org is on call for Duty" in response.text
    mine = api.request("GET", f"/v2/schedules/on-calls/{people['ben']}.ics").text
    assert "ben@example.org" in mine
    assert "ann@example.org" not in mine
