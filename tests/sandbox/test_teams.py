"""Teams, members, what comes with them, and their routing rules."""

from __future__ import annotations

from tests.sandbox.conftest import Caller

BY_NAME = {"identifierType": "name"}


def member(name: str, **fields: str) -> dict[str, object]:
    return {"user": {"username": f"{name}@example.org"}, **fields}


def test_a_new_team_comes_with_a_schedule_an_escalation_and_a_rule(
    api: Caller, people: dict[str, str]
) -> None:
    team = api.do("POST", "/v2/teams", {"name": "Ops", "members": [member("ann", role="admin")]})["data"]
    schedule = api.get("/v2/schedules/Ops_schedule", **BY_NAME)
    assert schedule["ownerTeam"] == {"id": team["id"], "name": "Ops"}
    assert schedule["rotations"][0]["participants"][0]["id"] == people["ann"]
    assert api.get("/v2/escalations/Ops_escalation", **BY_NAME)["ownerTeam"]["name"] == "Ops"
    [rule] = api.get(f"/v2/teams/{team['id']}/routing-rules")
    assert rule["isDefault"] is True
    assert rule["notify"]["name"] == "Ops_escalation"
    assert api.get(f"/v2/teams/{team['id']}/routing-rules/{rule['id']}") == rule


def test_updates_replace_members(api: Caller, people: dict[str, str]) -> None:
    team = api.do("POST", "/v2/teams", {"name": "Ops", "members": [member("ann"), member("ben")]})["data"][
        "id"
    ]
    api.do("PATCH", f"/v2/teams/{team}", {"members": [member("cleo")]})
    shown = api.get("/v2/teams/Ops", **BY_NAME)
    assert shown["members"] == [
        {"user": {"id": people["cleo"], "username": "cleo@example.org"}, "role": "user"}
    ]
    assert api.refused("PATCH", "/v2/teams/Ops", {"name": "Dev"}, **BY_NAME)[0] == 404


def test_members_come_and_go(api: Caller, people: dict[str, str]) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    named = {"teamIdentifierType": "name"}
    api.do("POST", "/v2/teams/Ops/members", member("ann", role="admin"), **named)
    api.do("POST", "/v2/teams/Ops/members", member("ann", role="user"), **named)
    assert [each["role"] for each in api.get("/v2/teams/Ops", **BY_NAME)["members"]] == ["user"]
    assert api.get("/v2/users/ann@example.org/teams")[0]["name"] == "Ops"
    assert api.refused("POST", "/v2/teams/Ops/members", member("ann", role="king"), **named)[0] == 422
    assert api.refused("POST", "/v2/teams/Ops/members", member("zoe"), **named)[0] == 404
    api.do("DELETE", f"/v2/teams/Ops/members/{people['ann']}", **named)
    assert api.refused("DELETE", f"/v2/teams/Ops/members/{people['ann']}", **named)[0] == 404
    logs = api.get("/v2/teams/Ops/logs", order="asc", **BY_NAME)
    assert logs["logs"][0]["log"] == "Team is created"
    assert api.get("/v2/teams/Ops/logs", offset=logs["offset"], **BY_NAME)["logs"] == []


def test_deleting_takes_what_is_owned_along(api: Caller) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    api.do("DELETE", "/v2/teams/Ops", **BY_NAME)
    assert (api.get("/v2/schedules"), api.get("/v2/escalations")) == ([], [])


def test_a_team_others_rely_on_stays(api: Caller) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    rotation = {
        "type": "daily",
        "startDate": "2026-01-01T00:00:00Z",
        "participants": [{"type": "team", "name": "Ops"}],
    }
    api.do("POST", "/v2/schedules", {"name": "All", "rotations": [rotation]})
    status, answer = api.refused("DELETE", "/v2/teams/Ops", **BY_NAME)
    assert status == 428
    assert "schedule [All]" in answer["message"]


def test_lists_leave_members_out_unless_asked(api: Caller, people: dict[str, str]) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops", "members": [member("ann")]})
    assert "members" not in api.get("/v2/teams")[0]
    assert len(api.get("/v2/teams", expand="member")[0]["members"]) == 1


def test_routing_rules_decide_who_hears_of_an_alert(api: Caller, people: dict[str, str]) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops", "members": [member("ann")]})
    condition = {"field": "priority", "operation": "equals", "expectedValue": "P5"}
    rule = {
        "name": "Trifles",
        "criteria": {"type": "match-all-conditions", "conditions": [condition]},
        "notify": {"type": "none"},
    }
    named = {"teamIdentifierType": "name"}
    identifier = api.do("POST", "/v2/teams/Ops/routing-rules", rule, **named)["data"]["id"]
    assert api.get("/v2/teams/Ops/routing-rules", **named)[0]["name"] == "Trifles"

    def told(priority: str) -> int:
        alert = {"message": "x", "priority": priority, "responders": [{"type": "team", "name": "Ops"}]}
        fate = api.processed("POST", "/v2/alerts", alert)
        return len(api.get(f"/v2/alerts/{fate['alertId']}/recipients"))

    assert (told("P5"), told("P1")) == (0, 1)
    api.do("PATCH", f"/v2/teams/Ops/routing-rules/{identifier}", {"criteria": {"type": "match-all"}}, **named)
    assert told("P1") == 0
    api.do("DELETE", f"/v2/teams/Ops/routing-rules/{identifier}", **named)
    assert told("P5") == 1


def test_the_default_rule_stays_last(api: Caller) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    named = {"teamIdentifierType": "name"}
    path = "/v2/teams/Ops/routing-rules"
    ids = {
        name: api.do("POST", path, {"name": name, "notify": {"type": "none"}}, **named)["data"]["id"]
        for name in "ab"
    }
    assert [each["name"] for each in api.get(path, **named)] == ["b", "a", "Default Routing Rule"]
    api.do("POST", f"{path}/{ids['b']}/change-order", {"order": 5}, **named)
    rules = api.get(path, **named)
    assert [(each["name"], each["order"]) for each in rules] == [
        ("a", 0),
        ("b", 1),
        ("Default Routing Rule", 2),
    ]
    assert api.refused("DELETE", f"{path}/{rules[2]['id']}", **named)[0] == 422
