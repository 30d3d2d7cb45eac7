"""New people, their team, its schedule and its escalation; and their end."""

from __future__ import annotations

from ..desk import Desk


def look_around(do: Desk) -> None:
    assert do("get_account")["plan"] == "Enterprise"
    open_alerts = do("list_alerts", query="status:open", limit=2)
    assert open_alerts["has_more"] is True
    assert len(open_alerts["items"]) == 2
    following = do("list_alerts", query="status:open", limit=2, offset=open_alerts["next_offset"])
    assert following["items"][0]["id"] not in {alert["id"] for alert in open_alerts["items"]}
    assert do("count_alerts", query="status:open")["count"] > 2
    assert do("list_users", limit=1)["total"] > 10
    teams = do("list_teams", limit=2)
    assert (len(teams["items"]), teams["has_more"]) == (2, True)
    on_calls = do("list_on_calls")["items"]
    assert any(schedule["on_call"] for schedule in on_calls)
    assert do("list_schedules", include_rotations=True)["items"][0]["rotations"]
    assert do("list_escalations")["items"][0]["rules"]


def hire(do: Desk) -> None:
    for name in ("ana", "ben"):
        do("create_user", username=f"{name}@example.com", full_name=name.title(), role="User")
    do("update_user", identifier="ana@example.com", time_zone="Europe/Berlin")
    user = do("get_user", identifier="ana@example.com", include_contacts=True)
    assert (user["full_name"], user["time_zone"]) == ("Ana", "Europe/Berlin")
    team = do("create_team", name="night", members=[{"user": "ana@example.com", "role": "admin"}])
    do("update_team", identifier=team["id"], description="Those awake")
    do("add_team_member", identifier="night", user="ben@example.com")
    members = do("get_team", identifier="night")["members"]
    assert {(member["user"], member["role"]) for member in members} == {
        ("ana@example.com", "admin"),
        ("ben@example.com", "user"),
    }
    do("remove_team_member", identifier="night", member="ben@example.com")
    assert do("list_team_logs", identifier="night")["items"]
    rule = do("list_team_routing_rules", identifier="night")["items"][0]
    assert do("get_team_routing_rule", identifier="night", rule_id=rule["id"])["is_default"] is True
    assert [one["name"] for one in do("list_user_teams", identifier="ana@example.com")["items"]] == ["night"]


def plan(do: Desk) -> None:
    weekly = {
        "name": "weekly",
        "type": "weekly",
        "start_date": "2026-01-05T08:00:00Z",
        "participants": ["user:ana@example.com", "none"],
    }
    do("create_schedule", name="nights", timezone="Europe/Berlin", owner_team="night", rotations=[weekly])
    do("update_schedule", identifier="nights", description="From eight to eight")
    assert do("get_schedule", identifier="nights")["description"] == "From eight to eight"
    hours = ["monday 20:00-tuesday 08:00"]
    extra = {**weekly, "name": "extra", "participants": ["user:ben@example.com"], "active_hours": hours}
    rotation = do("create_schedule_rotation", identifier="nights", **extra)
    do("update_schedule_rotation", identifier="nights", rotation_id=rotation["id"], length=2)
    read = do("get_schedule_rotation", identifier="nights", rotation_id=rotation["id"])
    assert (read["length"], read["active_hours"]) == (2, hours)
    assert read["participants"] == ["user:ben@example.com"]
    names = {one["name"] for one in do("list_schedule_rotations", identifier="nights")["items"]}
    assert names == {"weekly", "extra"}
    _cover(do)
    timeline = do("get_schedule_timeline", identifier="nights", interval=1, expand=["base", "override"])
    assert timeline["final"]
    assert do("get_on_calls", identifier="nights", date="2026-03-02T10:00:00Z")["on_call"][0] == {
        "recipient": "user:ben@example.com"
    }
    do("get_on_calls", identifier="nights", flat=False)
    do("get_next_on_calls", identifier="nights")
    do("delete_schedule_rotation", identifier="nights", rotation_id=rotation["id"])
    do("create_escalation", name="ladder", rules=[{"after_minutes": 5, "notify": "schedule:nights"}])
    do("update_escalation", identifier="ladder", repeat_wait_minutes=10, repeat_count=2)
    ladder = do("get_escalation", identifier="ladder")
    assert ladder["rules"][0]["notify"] == "schedule:nights"
    assert ladder["repeat"]["wait_minutes"] == 10
    for tool in ("list_user_schedules", "list_user_escalations", "list_user_forwarding_rules"):
        do(tool, identifier="ana@example.com")


def _cover(do: Desk) -> None:
    swap = {"identifier": "nights", "alias": "swap", "on_call": "user:ben@example.com"}
    swap["start_date"] = "2026-03-02T08:00:00Z"
    do("create_schedule_override", **swap, end_date="2026-03-02T12:00:00Z")
    do("update_schedule_override", **swap, end_date="2026-03-02T16:00:00Z")
    override = do("get_schedule_override", identifier="nights", alias="swap")
    assert override["on_call"] == "user:ben@example.com"
    assert override["end_date"].startswith("2026-03-02T16:00:00")
    assert len(do("list_schedule_overrides", identifier="nights")["items"]) == 1


def clear_up(do: Desk) -> None:
    assert do.refused("delete_schedule", identifier="nights") == "upstream_in_use"
    do("delete_escalation", identifier="ladder")
    do("delete_schedule_override", identifier="nights", alias="swap")
    do("delete_schedule", identifier="nights")
    do("delete_team", identifier="night")
    do("delete_user", identifier="ben@example.com")
