"""Integrations: their keys really work, and stop working."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v2/integrations"


@pytest.fixture
def integration(api: Caller) -> dict[str, Any]:
    """What creating an integration answered."""
    return api.do("POST", PATH, {"type": "API", "name": "Probe"})["data"]


def test_a_new_key_works_at_once(api: Caller, integration: dict[str, Any]) -> None:
    probe = api.with_key(integration["apiKey"])
    fate = probe.processed("POST", "/v2/alerts", {"message": "x"})
    assert fate["integrationId"] == integration["id"]
    assert api.get("/v2/alerts")[0]["integration"] == {
        "id": integration["id"],
        "name": "Probe",
        "type": "API",
    }
    assert probe.refused("GET", "/v2/teams")[0] == 403


def test_a_disabled_integrations_key_is_unknown(api: Caller, integration: dict[str, Any]) -> None:
    probe = api.with_key(integration["apiKey"])
    assert api.do("POST", f"{PATH}/{integration['id']}/disable")["result"] == "Disabled"
    assert probe.refused("GET", "/v2/alerts")[0] == 401
    api.do("POST", f"{PATH}/{integration['id']}/enable")
    probe.get("/v2/alerts")
    api.do("DELETE", f"{PATH}/{integration['id']}")
    assert probe.refused("GET", "/v2/alerts")[0] == 401


def test_one_can_lock_oneself_out(api: Caller) -> None:
    [own] = api.get(PATH)
    api.do("POST", f"{PATH}/{own['id']}/disable")
    assert api.refused("GET", PATH)[0] == 401


def test_rights_can_be_changed(api: Caller, integration: dict[str, Any]) -> None:
    body = {"type": "API", "name": "Probe", "allowReadAccess": False, "allowConfigurationAccess": True}
    api.do("PUT", f"{PATH}/{integration['id']}", body)
    probe = api.with_key(integration["apiKey"])
    assert probe.refused("GET", "/v2/alerts")[0] == 403
    probe.do("POST", "/v2/teams", {"name": "New"})


def test_get_tells_the_key_and_lists_do_not(api: Caller, integration: dict[str, Any]) -> None:
    assert api.get(f"{PATH}/{integration['id']}")["apiKey"] == integration["apiKey"]
    assert all("apiKey" not in each for each in api.get(PATH))


def test_lists_by_type_and_team(api: Caller, integration: dict[str, Any]) -> None:
    team = api.do("POST", "/v2/teams", {"name": "Ops"})["data"]["id"]
    api.do("POST", PATH, {"type": "Prometheus", "name": "Metrics", "ownerTeam": {"name": "Ops"}})
    for query in ({"type": "Prometheus"}, {"teamId": team}, {"teamName": "Ops"}):
        assert [each["name"] for each in api.get(PATH, **query)] == ["Metrics"]


def test_a_replacement_keeps_what_is_unknown_to_us(api: Caller, integration: dict[str, Any]) -> None:
    path = f"{PATH}/{integration['id']}"
    api.do(
        "PUT",
        path,
        {"type": "API", "name": "Probe 2", "webhookUrl": "https://x", "apiKey": "mine", "id": "1"},
    )
    shown = api.get(path)
    assert (shown["name"], shown["webhookUrl"], shown["apiKey"]) == (
        "Probe 2",
        "https://x",
        integration["apiKey"],
    )
    assert api.refused("PUT", path, {"type": "Email", "name": "x"})[0] == 422
    assert api.refused("POST", PATH, {"type": "API", "name": "Probe 2"})[0] == 409


def test_authenticate(api: Caller, integration: dict[str, Any]) -> None:
    probe = api.with_key(integration["apiKey"])
    assert probe.do("POST", f"{PATH}/authenticate", {"type": "API"})["result"] == "Authenticated"
    assert probe.refused("POST", f"{PATH}/authenticate", {"type": "Email"})[0] == 422


def test_actions(api: Caller, integration: dict[str, Any]) -> None:
    path = f"{PATH}/{integration['id']}/actions"
    action = {
        "type": "create",
        "name": "Make",
        "filter": {"conditionMatchType": "match-all"},
        "message": "{{text}}",
    }
    shown = api.do("POST", path, action)["data"]
    assert shown["create"][0]["message"] == "{{text}}"
    assert shown["close"] == []
    assert api.refused("POST", path, action)[0] == 409
    assert api.refused("POST", path, {"type": "dance"})[0] == 422
    api.do("PUT", path, {"close": [{**action, "type": "close"}]})
    shown = api.get(path)
    assert (len(shown["create"]), len(shown["close"]), shown["_parent"]["name"]) == (0, 1, "Probe")
    assert "actions" not in api.get(f"{PATH}/{integration['id']}")
