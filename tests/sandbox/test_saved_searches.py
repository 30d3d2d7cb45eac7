"""Saved searches."""

from __future__ import annotations

from tests.sandbox.conftest import Caller

PATH = "/v2/alerts/saved-searches"


def test_alert_searches(api: Caller, people: dict[str, str]) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    body = {
        "name": "Urgent",
        "query": "priority: P1",
        "owner": {"username": "ann@example.org"},
        "teams": [{"name": "Ops"}],
    }
    identifier = api.do("POST", PATH, body)["data"]["id"]
    api.processed("POST", "/v2/alerts", {"message": "a", "priority": "P1"})
    api.processed("POST", "/v2/alerts", {"message": "b", "priority": "P2"})
    named = {"searchIdentifier": "Urgent", "searchIdentifierType": "name"}
    assert [alert["message"] for alert in api.get("/v2/alerts", **named)] == ["a"]
    assert api.get("/v2/alerts/count", searchIdentifier=identifier) == {"count": 1}
    assert api.refused("GET", "/v2/alerts", searchIdentifier="none")[0] == 404
    api.do("PATCH", f"{PATH}/Urgent", {**body, "query": "priority: P2"}, identifierType="name")
    assert api.get(f"{PATH}/{identifier}")["query"] == "priority: P2"
    assert api.get(PATH) == [{"id": identifier, "name": "Urgent"}]
    assert api.refused("POST", PATH, body)[0] == 409
    assert api.refused("POST", PATH, {**body, "name": "x", "query": "("})[0] == 422
    assert api.refused("POST", PATH, {"name": "x", "query": "y"})[0] == 422
    api.do("DELETE", f"{PATH}/{identifier}")
    assert api.get(PATH) == []


def test_user_and_incident_searches(seeded: Caller) -> None:
    [search] = seeded.get("/v2/users/saved-searches")
    assert seeded.get("/v2/users/saved-searches/On call", identifierType="name")["query"] == "tag: on-call"
    seeded.do("DELETE", f"/v2/users/saved-searches/{search['id']}")
    assert seeded.get("/v2/users/saved-searches") == []
    [identifier] = seeded.app.state.table("incident_searches")
    seeded.do("DELETE", f"/v1/incidents/saved-searches/{identifier}")
    assert seeded.refused("DELETE", f"/v1/incidents/saved-searches/{identifier}")[0] == 404
