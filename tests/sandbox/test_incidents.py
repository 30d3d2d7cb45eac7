"""Incidents from their creation to the report."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v1/incidents"


@pytest.fixture
def service(api: Caller, people: dict[str, str]) -> str:
    """The id of a service of the team Ops."""
    members = [{"user": {"id": people["ann"]}}]
    team = api.do("POST", "/v2/teams", {"name": "Ops", "members": members})["data"]["id"]
    return api.do("POST", "/v1/services", {"name": "Shop", "teamId": team})["data"]["id"]


@pytest.fixture
def incident(api: Caller, service: str) -> str:
    """The id of an open incident."""
    body = {"message": "Shop is down", "impactedServices": [service], "priority": "P1", "note": "first"}
    fate = api.processed("POST", f"{PATH}/create", body)
    assert (fate["status"], fate["action"], fate["isSuccess"]) == ("Created incident", "Create", True)
    return fate["incidentId"]


def act(api: Caller, incident: str, action: str, body: Any = None, method: str = "POST") -> Any:
    return api.processed(method, f"{PATH}/{incident}/{action}", body or {})


def test_creation(api: Caller, incident: str, service: str) -> None:
    shown = api.get(f"{PATH}/{incident}")
    assert (shown["status"], shown["priority"]) == ("open", "P1")
    assert shown["impactedServices"] == [service]
    assert api.get(f"{PATH}/{shown['tinyId']}", identifierType="tiny") == shown
    assert "description" not in api.get(PATH)[0]


def test_the_old_way_of_naming_a_service(api: Caller, service: str) -> None:
    fate = api.processed("POST", f"{PATH}/create", {"message": "x", "serviceId": service})
    assert api.get(f"{PATH}/{fate['incidentId']}")["serviceId"] == service
    assert api.refused("POST", f"{PATH}/create", {"message": "x", "serviceId": "none"})[0] == 422


def test_states(api: Caller, incident: str) -> None:
    steps = [("resolve", "resolved"), ("reopen", "open"), ("close", "closed"), ("reopen", "open")]
    for action, status in steps:
        assert act(api, incident, action)["isSuccess"] is True
        assert api.get(f"{PATH}/{incident}")["status"] == status
    assert act(api, incident, "reopen")["isSuccess"] is False
    assert act(api, "nothing", "close")["status"] == "Incident does not exist"


def test_responders_get_alerts(api: Caller, incident: str, people: dict[str, str]) -> None:
    [first] = api.get(f"{PATH}/{incident}/responder-alert-ids")
    assert api.get(f"/v2/alerts/{first}/recipients")[0]["user"]["username"] == "ann@example.org"
    act(api, incident, "responders", {"responder": {"type": "user", "id": people["ben"]}})
    act(api, incident, "responders", {"responders": [{"type": "user", "username": "cleo@example.org"}]})
    assert len(api.get(f"{PATH}/{incident}/responder-alert-ids")) == 3
    # The alert's end isn't the incident's, but the other way round it is.
    api.processed("POST", f"/v2/alerts/{first}/close", {})
    assert api.get(f"{PATH}/{incident}")["status"] == "open"
    act(api, incident, "close")
    assert api.get("/v2/alerts/count", query="status:open") == {"count": 0}


def test_fields(api: Caller, incident: str) -> None:
    act(api, incident, "tags", {"tags": ["a", "b"]})
    act(api, incident, "details", {"details": {"k": "v", "l": "w"}})
    api.processed("DELETE", f"{PATH}/{incident}/tags", tags="a")
    api.processed("DELETE", f"{PATH}/{incident}/details", keys="k")
    act(api, incident, "message", {"message": "New"})
    act(api, incident, "description", {"description": "Why"})
    act(api, incident, "priority", {"priority": "P2"}, method="PUT")
    shown = api.get(f"{PATH}/{incident}")
    assert (shown["tags"], shown["extraProperties"]) == (["b"], {"l": "w"})
    assert (shown["message"], shown["description"], shown["priority"]) == ("New", "Why", "P2")
    act(api, incident, "priority", {"priority": "P3"})
    assert api.get(f"{PATH}/{incident}")["priority"] == "P3"


def test_notes_and_logs(api: Caller, incident: str) -> None:
    act(api, incident, "notes", {"note": "second"})
    assert [each["note"] for each in api.get(f"{PATH}/{incident}/notes")] == ["second", "first"]
    assert api.get(f"{PATH}/{incident}/logs", order="asc")[0]["log"] == "Incident created"
    assert api.refused("POST", f"{PATH}/{incident}/notes", {})[0] == 422


def test_lists(api: Caller, incident: str) -> None:
    api.processed("POST", f"{PATH}/create", {"message": "Other"})
    assert [each["message"] for each in api.get(f"{PATH}/", sort="insertedAt")] == ["Other", "Shop is down"]
    assert [each["message"] for each in api.get(PATH, query="priority: P1 AND status: open")] == [
        "Shop is down"
    ]
    assert api.refused("GET", PATH, limit=500)[0] == 422
    assert set(api.request("GET", PATH, limit=1).json["paging"]) == {"first", "next", "last"}


def test_delete(api: Caller, incident: str) -> None:
    api.processed("DELETE", f"{PATH}/{incident}")
    assert api.get(PATH) == []


def test_timeline(api: Caller, incident: str) -> None:
    path = f"/v2/incident-timelines/{incident}/entries"
    [first] = api.get(path)["entries"]
    assert first["type"] == "IncidentCreated"
    body = {"time": "2026-01-14T11:00:00Z", "description": {"content": "It began earlier"}}
    entry = api.do("POST", path, body)["data"]
    assert (entry["group"], entry["type"]) == ("custom", "CustomUserEntry")
    assert [each["id"] for each in api.get(path, order="asc")["entries"]] == [entry["id"], first["id"]]
    api.do("PUT", f"{path}/{entry['id']}", {"description": {"content": "It began at ten"}})
    api.do("PATCH", f"{path}/{entry['id']}/hide")
    shown = api.get(f"{path}/{entry['id']}")
    assert (shown["description"]["content"], shown["hidden"]) == ("It began at ten", True)
    api.do("PATCH", f"{path}/{entry['id']}/unhide")
    assert api.refused("DELETE", f"{path}/{first['id']}")[0] == 422
    api.do("DELETE", f"{path}/{entry['id']}")
    assert api.refused("GET", f"{path}/{entry['id']}")[0] == 404


def test_the_seed_has_a_report(seeded: Caller) -> None:
    [identifier] = seeded.app.state.table("postmortems")
    assert seeded.get(f"/v2/postmortem/{identifier}")["rootIncident"]["status"] == "closed"
    assert seeded.refused("GET", "/v2/postmortem/none")[0] == 404
    statuses = [each["status"] for each in seeded.get(PATH, order="asc")]
    assert statuses == ["closed", "resolved", "open"]
