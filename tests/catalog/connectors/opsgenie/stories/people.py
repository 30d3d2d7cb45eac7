"""Contacts, absences, rights and notifications of a person, and what a team has of its own."""

from __future__ import annotations

from ..desk import Desk
from .company import HANNAH, LUKAS


def people(do: Desk) -> None:
    user = {"identifier": LUKAS}
    contact = do("create_user_contact", **user, method="sms", to="49-1511234567")
    one = {**user, "contact_id": contact["id"]}
    do("update_user_contact", **one, to="49-1517654321")
    do("disable_user_contact", **one)
    do("enable_user_contact", **one)
    assert do("get_user_contact", **one)["to"] == "49-1517654321"
    assert len(do("list_user_contacts", **user)["items"]) >= 2
    do("delete_user_contact", **one)
    span = {"start_date": "2099-01-01T00:00:00Z", "end_date": "2099-01-08T00:00:00Z"}
    people = {"from_user": LUKAS, "to_user": HANNAH}
    do("create_forwarding_rule", alias="holiday", **people, **span)
    do(
        "update_forwarding_rule",
        identifier="holiday",
        **people,
        **{**span, "end_date": "2099-01-09T00:00:00Z"},
    )
    rule = do("get_forwarding_rule", identifier="holiday")
    assert (rule["from_user"], rule["to_user"]) == (LUKAS, HANNAH)
    assert do("list_forwarding_rules")["items"]
    do("delete_forwarding_rule", identifier="holiday")
    do("create_custom_role", name="Reader", extended_role="user", granted_rights=["alert-delete"])
    do("update_custom_role", identifier="Reader", name="Reader", extended_role="user")
    assert do("get_custom_role", identifier="Reader")["name"] == "Reader"
    do("list_custom_roles")
    do("delete_custom_role", identifier="Reader")


def notifications(do: Desk) -> None:
    user = {"identifier": LUKAS}
    step = {"method": "email", "to": LUKAS, "after_minutes": 1}
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
    do("copy_notification_rules", **user, to_users=[HANNAH], rule_types=["all"])
    do("delete_notification_rule", **rule)


def teams(do: Desk) -> None:
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
    do("export_user_on_calls", identifier=LUKAS)
