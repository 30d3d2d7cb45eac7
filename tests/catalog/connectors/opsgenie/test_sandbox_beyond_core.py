"""The other tools against the sandbox, over HTTP, each at least once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.connectors.base import ConnectorError
from catalog.connectors.opsgenie.domains import OPERATIONS

from .desk import Desk, running_sandbox

Do = Callable[..., dict[str, Any]]
# The sandbox reads these bodies otherwise than Opsgenie's documentation and official clients write them:
# a service's template lies under `incidentTemplate`, an environment has `id` and `displayName`.
READ_OTHERWISE = {"create_service_incident_template", "create_deployment"}
ANA = "lukas.brandt@quillon.example"


@pytest.fixture
def do(settings: Any) -> Iterator[Desk]:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    with running_sandbox() as url:
        yield Desk(url)


def test_every_other_tool(do: Desk) -> None:
    _alerts(do)
    _people(do)
    _notifications(do)
    _teams(do)
    _services_and_incidents(do)
    _policies_and_maintenance(do)
    _integrations(do)
    _rest(do)
    others = {operation.name for operation in OPERATIONS.values() if not operation.core}
    assert others - do.used == READ_OTHERWISE


def _alerts(do: Do) -> None:
    created = do("create_alert", message="Disk full", actions=["restart"])
    alert = {"identifier": created["alert_id"]}
    assert do("execute_alert_action", **alert, action="restart", note="try")["success"] is True
    assert do("list_alert_attachments", **alert)["items"] == []
    for tool in ("get_alert_attachment", "delete_alert_attachment"):
        assert _code(do, tool, **alert, attachment_id="1") == "upstream_not_found"
    assert do("delete_alert", **alert)["success"] is True
    search = {"query": "status:open", "owner": ANA}
    do("create_alert_saved_search", name="open ones", teams=["Payments"], **search)
    do("update_alert_saved_search", identifier="open ones", name="open ones", **search, description="all")
    assert do("get_alert_saved_search", identifier="open ones")["query"] == "status:open"
    assert "open ones" in {one["name"] for one in do("list_alert_saved_searches")["items"]}
    do("delete_alert_saved_search", identifier="open ones")
    do("list_user_saved_searches")
    for tool in ("get_user_saved_search", "delete_user_saved_search", "delete_incident_saved_search"):
        assert _code(do, tool, identifier="nothing") == "upstream_not_found"


def _code(do: Do, tool: str, **arguments: Any) -> str:
    """The code of a refusal: the tool is used all the same."""
    with pytest.raises(ConnectorError) as caught:
        do(tool, **arguments)
    do.used.add(tool)  # type: ignore[attr-defined]
    return caught.value.code


def _people(do: Do) -> None:
    user = {"identifier": ANA}
    contact = do("create_user_contact", **user, method="sms", to="49-1511234567")
    one = {**user, "contact_id": contact["id"]}
    do("update_user_contact", **one, to="49-1517654321")
    do("disable_user_contact", **one)
    do("enable_user_contact", **one)
    assert do("get_user_contact", **one)["to"] == "49-1517654321"
    assert len(do("list_user_contacts", **user)["items"]) >= 2
    do("delete_user_contact", **one)
    span = {"start_date": "2099-01-01T00:00:00Z", "end_date": "2099-01-08T00:00:00Z"}
    people = {"from_user": ANA, "to_user": "hannah.weiss@quillon.example"}
    do("create_forwarding_rule", alias="holiday", **people, **span)
    do(
        "update_forwarding_rule",
        identifier="holiday",
        **people,
        **{**span, "end_date": "2099-01-09T00:00:00Z"},
    )
    rule = do("get_forwarding_rule", identifier="holiday")
    assert (rule["from_user"], rule["to_user"]) == (ANA, "hannah.weiss@quillon.example")
    assert do("list_forwarding_rules")["items"]
    do("delete_forwarding_rule", identifier="holiday")
    do("create_custom_role", name="Reader", extended_role="user", granted_rights=["alert-delete"])
    do("update_custom_role", identifier="Reader", name="Reader", extended_role="user")
    assert do("get_custom_role", identifier="Reader")["name"] == "Reader"
    do("list_custom_roles")
    do("delete_custom_role", identifier="Reader")


def _notifications(do: Do) -> None:
    user = {"identifier": ANA}
    step = {"method": "email", "to": ANA, "after_minutes": 1}
    created = do("create_notification_rule", **user, name="mine", action_type="create-alert", steps=[step])
    rule = {**user, "rule_id": created["id"]}
    do("update_notification_rule", **rule, name="mine too", match="match-all")
    do("disable_notification_rule", **rule)
    do("enable_notification_rule", **rule)
    do("change_notification_rule_order", **rule, order=0)
    assert do("get_notification_rule", **rule)["name"] == "mine too"
    assert do("list_notification_rules", **user)["items"]
    added = do("create_notification_rule_step", **rule, **{**step, "after_minutes": 5})
    one = {**rule, "step_id": added["id"]}
    do("update_notification_rule_step", **one, after_minutes=10)
    do("disable_notification_rule_step", **one)
    do("enable_notification_rule_step", **one)
    assert do("get_notification_rule_step", **one)["after_minutes"] == 10
    assert len(do("list_notification_rule_steps", **rule)["items"]) == 2
    do("delete_notification_rule_step", **one)
    do("copy_notification_rules", **user, to_users=["hannah.weiss@quillon.example"], rule_types=["all"])
    do("delete_notification_rule", **rule)


def _teams(do: Do) -> None:
    team = {"identifier": "Payments"}
    do("create_team_role", **team, name="Helper", rights=[{"right": "manage-members", "granted": True}])
    do("update_team_role", **team, role="Helper", rights=[{"right": "manage-members", "granted": False}])
    assert do("get_team_role", **team, role="Helper")["name"] == "Helper"
    do("list_team_roles", **team)
    do("delete_team_role", **team, role="Helper")
    conditions = [{"field": "priority", "operation": "equals", "expected_value": "P1"}]
    created = do(
        "create_team_routing_rule",
        **team,
        name="worst",
        notify="schedule:Payments_schedule",
        match="match-any-condition",
        conditions=conditions,
        active_hours=["monday 09:00-friday 17:00"],
        timezone="Europe/Berlin",
    )
    rule = {**team, "rule_id": created["id"]}
    do("update_team_routing_rule", **rule, name="the worst", notify="escalation:Payments_escalation")
    do("change_team_routing_rule_order", **rule, order=0)
    read = do("get_team_routing_rule", **rule)
    assert read["criteria"]["conditions"][0]["expected_value"] == "P1"
    assert read["active_hours"] == ["monday 09:00-friday 17:00"]
    assert read["notify"] == "escalation:Payments_escalation"
    do("delete_team_routing_rule", **rule)
    assert do("export_schedule", identifier="Payments_schedule")["events"] > 0
    do("export_user_on_calls", identifier=ANA)


def _services_and_incidents(do: Do) -> None:
    team = do("get_team", identifier="Payments")
    service = do("create_service", name="Checkout", team_id=team["id"], visibility="OPSGENIE_USERS")
    one = {"identifier": service["id"]}
    do("update_service", **one, name="Checkout", description="Where money comes in")
    assert do("get_service", **one)["description"] == "Where money comes in"
    assert do("list_services", limit=1)["items"]
    _service_rules(do, one)
    properties = {"message": "Down", "priority": "P1", "stakeholder_message": "We know"}
    do("create_incident_template", name="down", impacted_services=[service["id"]], **properties)
    template = next(each for each in do("list_incident_templates")["items"] if each["name"] == "down")
    do("update_incident_template", template_id=template["id"], name="down", **properties)
    do("delete_incident_template", template_id=template["id"])
    _incident(do, service["id"])
    do("delete_service", **one)


def _service_rules(do: Do, service: dict[str, Any]) -> None:
    properties = {"message": "Down", "priority": "P1", "stakeholder_message": "We know"}
    condition = {"field": "tags", "operation": "contains", "expected_value": "checkout"}
    rule = do(
        "create_service_incident_rule",
        **service,
        match="match-all-conditions",
        conditions=[condition],
        **properties,
    )
    do("update_service_incident_rule", **service, rule_id=rule["id"], match="match-all", **properties)
    listed = do("list_service_incident_rules", **service)["items"][0]
    assert (listed["message"], listed["stakeholder_message"]) == ("Down", "We know")
    do("delete_service_incident_rule", **service, rule_id=rule["id"])
    owner, template = _seeded_template(do)
    one = {**owner, "template_id": template["id"]}
    do("update_service_incident_template", **one, name="down", **{**properties, "message": "Slow"})
    assert do("list_service_incident_templates", **owner)["items"][0]["message"] == "Slow"
    do("delete_service_incident_template", **one)
    team = do("get_team", identifier="Payments")
    do("update_service_audience_template", **service, responder_teams=[team["id"]])
    assert do("get_service_audience_template", **service)["responder_teams"] == [team["id"]]


def _seeded_template(do: Do) -> tuple[dict[str, Any], dict[str, Any]]:
    for service in do("list_services", limit=100)["items"]:
        owner = {"identifier": service["id"]}
        if templates := do("list_service_incident_templates", **owner)["items"]:
            return owner, templates[0]
    raise AssertionError("the seed has no service with an incident template")


def _incident(do: Do, service_id: str) -> None:
    created = do(
        "create_incident",
        message="No payments",
        impacted_services=[service_id],
        responders=["team:Payments"],
        details={"region": "eu"},
    )
    one = {"identifier": created["incident_id"]}
    assert do("get_incident_request_status", request_id=created["request_id"])["success"] is True
    do("add_incident_note", **one, note="Looking")
    do("add_incident_responder", **one, responder=f"user:{ANA}")
    do("add_incident_tags", **one, tags=["money", "eu"])
    do("remove_incident_tags", **one, tags=["eu"])
    do("add_incident_details", **one, details={"cause": "dns"})
    do("remove_incident_details", **one, keys=["region"])
    do("update_incident_message", **one, message="Few payments")
    do("update_incident_description", **one, description="Only cards")
    do("update_incident_priority", **one, priority="P1")
    read = do("get_incident", **one)
    assert (read["message"], read["tags"], read["priority"]) == ("Few payments", ["money"], "P1")
    assert do("list_incidents", query="status:open")["items"]
    for tool in (
        "list_incident_logs",
        "list_incident_notes",
        "list_incident_responder_alerts",
        "list_incident_associated_alerts",
    ):
        do(tool, **one)
    _timeline(do, created["incident_id"])
    do("resolve_incident", **one)
    do("reopen_incident", **one)
    do("resolve_incident", **one)
    do("close_incident", **one, note="Over")
    assert do("get_incident", **one)["status"] == "closed"
    assert _code(do, "get_postmortem", postmortem_id="none") == "upstream_not_found"
    do("delete_incident", **one)


def _timeline(do: Do, incident_id: str) -> None:
    timeline = {"incident_id": incident_id}
    do("add_incident_timeline_entry", **timeline, content="Found it")
    entries = do("list_incident_timeline_entries", **timeline)["items"]
    entry = next(each for each in entries if each.get("text") == "Found it")
    one = {**timeline, "entry_id": entry["id"]}
    do("update_incident_timeline_entry", **one, content="Found the cause")
    do("hide_incident_timeline_entry", **one)
    assert do("get_incident_timeline_entry", **one)["hidden"] is True
    do("unhide_incident_timeline_entry", **one)
    do("delete_incident_timeline_entry", **one)


def _policies_and_maintenance(do: Do) -> None:
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


def _integrations(do: Do) -> None:
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


def _rest(do: Do) -> None:
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
        assert _code(do, "get_log_file_url", filename=name) == "upstream_not_found"
    assert _code(do, "get_deployment", identifier="none") == "upstream_not_found"
    assert _code(do, "get_deployment_request_status", request_id="none") == "upstream_not_found"
    assert _code(do, "update_deployment_state", identifier="none", state="failed") == "upstream_not_applied"
