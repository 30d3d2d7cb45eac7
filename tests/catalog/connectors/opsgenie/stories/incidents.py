"""Services, their rules and templates, and one incident from its creation to its end."""

from __future__ import annotations

from typing import Any

from ..desk import Desk
from .company import LUKAS


def services_and_incidents(do: Desk) -> None:
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


def _service_rules(do: Desk, service: dict[str, Any]) -> None:
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
    template = do("create_service_incident_template", **service, name="down", **properties)
    one = {**service, "template_id": template["id"]}
    do("update_service_incident_template", **one, name="down", **{**properties, "message": "Slow"})
    listed = do("list_service_incident_templates", **service)["items"][0]
    assert (listed["name"], listed["message"]) == ("down", "Slow")
    do("delete_service_incident_template", **one)
    team = do("get_team", identifier="Payments")
    do("update_service_audience_template", **service, responder_teams=[team["id"]])
    assert do("get_service_audience_template", **service)["responder_teams"] == [team["id"]]


def _incident(do: Desk, service_id: str) -> None:
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
    do("add_incident_responder", **one, responder=f"user:{LUKAS}")
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
    assert do.refused("get_postmortem", postmortem_id="none") == "upstream_not_found"
    do("delete_incident", **one)


def _timeline(do: Desk, incident_id: str) -> None:
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
