"""Policies, maintenance, integrations, heartbeats, logs and deployments."""

from __future__ import annotations

from ..desk import Desk


def policies_and_maintenance(do: Desk) -> None:
    team_id = do("get_team", identifier="Payments")["id"]
    created = do(
        "create_policy", type="alert", name="tag all", message="{{message}}", tags=["x"], match="match-all"
    )
    policy = {"policy_id": created["id"]}
    do("update_policy", **policy, type="alert", name="tag most", message="{{message}}", match="match-all")
    do("enable_policy", **policy)
    do("disable_policy", **policy)
    do("change_policy_order", **policy, target_index=0)
    assert do("get_policy", **policy)["name"] == "tag most"
    assert do("list_alert_policies")["items"]
    quiet = do(
        "create_policy",
        type="notification",
        name="quiet",
        team_id=team_id,
        match="match-all",
        suppress=True,
    )
    assert do("list_notification_policies", team_id=team_id)["items"]
    do("delete_policy", policy_id=quiet["id"], team_id=team_id)
    rules = [{"entity_type": "policy", "entity_id": created["id"], "state": "disabled"}]
    window = do("create_maintenance", time_type="for-1-hour", rules=rules, description="upgrade")
    one = {"maintenance_id": window["id"]}
    span = {"start_date": "2099-01-01T00:00:00Z", "end_date": "2099-01-02T00:00:00Z"}
    do("update_maintenance", **one, time_type="schedule", rules=rules, **span)
    do("change_maintenance_end_date", **one, end_date="2099-01-03T00:00:00Z")
    assert do("get_maintenance", **one)["rules"][0]["entity_id"] == created["id"]
    assert do("list_maintenances")["items"]
    do("cancel_maintenance", **one)
    do("delete_maintenance", **one)
    do("delete_policy", **policy)


def integrations(do: Desk) -> None:
    assert do("authenticate_integration", type="API")["result"]
    created = do(
        "create_integration", type="API", name="ci", owner_team="Payments", allow_delete_access=False
    )
    one = {"integration_id": created["id"]}
    do("update_integration", **one, type="API", name="ci", enabled=True)
    do("disable_integration", **one)
    do("enable_integration", **one)
    assert do("get_integration", **one)["name"] == "ci"
    assert do("list_integrations", type="API")["items"]
    condition = {"field": "message", "operation": "contains", "expected_value": "down"}
    do(
        "create_integration_action",
        **one,
        type="create",
        name="down",
        match="match-any-condition",
        conditions=[condition],
        alias="{{alias}}",
        message="{{message}}",
        user="ci",
        note="from ci",
    )
    assert do("list_integration_actions", **one)["create"]
    action = {"name": "all", "match": "match-all", "alias": "{{alias}}", "user": "ci", "note": "n"}
    do("replace_integration_actions", **one, create=[{**action, "message": "m"}], close=[action])
    assert [each["name"] for each in do("list_integration_actions", **one)["close"]] == ["all"]
    do("delete_integration", **one)


def rest(do: Desk) -> None:
    do("create_heartbeat", name="backup", interval=1, interval_unit="days", owner_team="Platform")
    assert do("ping_heartbeat", name="backup")["accepted"] is True
    do("update_heartbeat", name="backup", interval=2)
    do("disable_heartbeat", name="backup")
    do("enable_heartbeat", name="backup")
    assert do("get_heartbeat", name="backup")["interval"] == 2
    assert do("list_heartbeats")["items"]
    do("delete_heartbeat", name="backup")
    assert do("get_request_limits")["items"]
    files = do("list_log_files", marker="2020-01-01-00-00-00")["items"]
    name = files[0]["filename"] if files else "2020-01-01-00-00-00.json"
    if files:
        assert do("get_log_file_url", filename=name)["available"] is True
    else:
        assert do.refused("get_log_file_url", filename=name) == "upstream_not_found"
    _deployments(do)


def _deployments(do: Desk) -> None:
    release = {"message": "Shop 4.2", "external_id": "shop-4.2", "started_at": "2026-03-01T09:00:00Z"}
    where = {"environment_type": "Production", "environment_id": "eu-1", "environment_name": "Europe"}
    created = do("create_deployment", **release, **where, state="started")
    known = {"identifier": "shop-4.2", "identifier_type": "api"}
    read = do("get_deployment", **known)
    assert read == do("get_deployment", identifier=created["deployment_id"])
    assert (read["state"], read["environment"], read["environment_type"]) == (
        "started",
        "Europe",
        "Production",
    )
    accepted = do("update_deployment_state", **known, state="successful")
    assert do("get_deployment", **known)["state"] == "successful"
    outcome = do("get_deployment_request_status", request_id=accepted["request_id"])
    assert (outcome["success"], outcome["deployment_id"]) == (True, created["deployment_id"])
    assert do.refused("update_deployment_state", identifier="none", state="failed") == "upstream_not_applied"
