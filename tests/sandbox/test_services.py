"""Services, their rules, templates and audiences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PROPERTIES = {
    "message": "Shop: {{message}}",
    "priority": "P2",
    "tags": ["auto"],
    "stakeholderProperties": {"enable": True, "message": "We look into it"},
}


@pytest.fixture
def service(api: Caller) -> str:
    """The path of a service of the team Ops."""
    team = api.do("POST", "/v2/teams", {"name": "Ops"})["data"]["id"]
    return f"/v1/services/{api.do('POST', '/v1/services', {'name': 'Shop', 'teamId': team})['data']['id']}"


def test_create_change_delete(api: Caller, service: str) -> None:
    api.do("PATCH", service, {"description": "What we sell", "visibility": "OPSGENIE-USERS"})
    shown = api.get(service)
    assert (shown["description"], shown["visibility"]) == ("What we sell", "OPSGENIE_USERS")
    assert api.get("/v1/services/") == [shown]
    assert api.get("/v1/services", query="name:sh*") == [shown]
    assert api.refused("POST", "/v1/services", {"name": "Shop", "teamId": shown["teamId"]})[0] == 409
    assert api.refused("POST", "/v1/services", {"name": "x", "teamId": "none"})[0] == 422
    api.do("DELETE", service)
    assert api.refused("GET", service)[0] == 404


def test_a_service_with_an_open_incident_stays(api: Caller, service: str) -> None:
    identifier = service.rpartition("/")[2]
    api.processed("POST", "/v1/incidents/create", {"message": "x", "impactedServices": [identifier]})
    assert api.refused("DELETE", service)[0] == 428


def test_rules_make_incidents_of_alerts(api: Caller, service: str) -> None:
    condition = {"field": "priority", "operation": "equals", "expectedValue": "P1"}
    rule = {
        "conditionMatchType": "match-all-conditions",
        "conditions": [condition],
        "incidentProperties": PROPERTIES,
    }
    identifier = api.do("POST", f"{service}/incident-rules", rule)["data"]["id"]
    alert = {"message": "down", "priority": "P1", "responders": [{"type": "team", "name": "Ops"}]}
    alert_id = api.processed("POST", "/v2/alerts", alert)["alertId"]
    api.processed("POST", "/v2/alerts", {**alert, "priority": "P3"})
    [incident] = api.get("/v1/incidents")
    assert incident["message"] == "Shop: down"
    assert api.get(f"/v1/incidents/{incident['id']}/associated-alert-ids") == [alert_id]
    api.do("PUT", f"{service}/incident-rules/{identifier}", {"incidentProperties": PROPERTIES})
    [shown] = api.get(f"{service}/incident-rules")
    assert (shown["conditionMatchType"], shown["order"]) == ("match-all", 0)
    assert "conditions" not in shown
    api.do("DELETE", f"{service}/incident-rules/{identifier}")
    assert api.get(f"{service}/incident-rules") == []


def test_templates_of_a_service(api: Caller, service: str) -> None:
    path = f"{service}/incident-templates"
    body: dict[str, Any] = {"name": "Down", "incidentProperties": PROPERTIES}
    identifier = api.do("POST", path, {"incidentTemplate": body})["data"]["id"]
    api.do("PUT", f"{path}/{identifier}", {**body, "name": "Broken"})
    [shown] = api.get(path)
    assert (shown["name"], shown["incidentProperties"]["priority"]) == ("Broken", "P2")
    # What an update takes, a creation doesn't: it wants the template one deeper.
    assert set(api.refused("POST", path, body)[1]["errors"]) >= {"incidentTemplate"}
    assert api.refused("POST", path, {"incidentTemplate": {"name": "x"}})[0] == 422
    api.do("DELETE", f"{path}/{identifier}")
    assert api.get(path) == []


def test_templates_of_the_account(api: Caller, service: str) -> None:
    path = "/v1/incident-templates"
    answer = api.do("POST", path, {"name": "Down", **PROPERTIES})
    assert answer["incidentTemplateId"] == answer["data"]["id"]
    assert api.refused("POST", path, {"name": "Down", **PROPERTIES})[0] == 409
    api.do("PUT", f"{path}/{answer['data']['id']}", {"name": "Broken", **PROPERTIES})
    assert [each["name"] for each in api.get(path)["incidentTemplates"]] == ["Broken"]
    api.do("DELETE", f"{path}/{answer['data']['id']}")
    assert api.get(path) == {"incidentTemplates": []}


def test_audience(api: Caller, service: str) -> None:
    path = f"{service}/audience-templates"
    assert api.get(path)["responder"] == {"teams": [], "individuals": []}
    condition = {"matchField": "country", "value": "Norway"}
    api.do("PATCH", path, {"responder": {"teams": ["t"]}, "stakeholder": {"conditions": [condition]}})
    shown = api.get(path)
    assert shown["responder"] == {"teams": ["t"], "individuals": []}
    assert shown["stakeholder"]["conditions"] == [condition]
    assert api.refused("PATCH", path, {"stakeholder": {"conditions": [{"matchField": "age"}]}})[0] == 422
