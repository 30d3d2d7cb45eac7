"""An alert from its creation to its end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller


@pytest.fixture
def alert(api: Caller) -> str:
    """The alias of an open alert."""
    api.processed("POST", "/v2/alerts", {"message": "Disk full", "alias": "disk"})
    return "disk"


def act(api: Caller, action: str, body: Any = None, alias: str = "disk") -> Any:
    return api.processed("POST", f"/v2/alerts/{alias}/{action}", body or {}, identifierType="alias")


def read(api: Caller, alias: str = "disk") -> Any:
    return api.get(f"/v2/alerts/{alias}", identifierType="alias")


def test_creation_is_told_by_the_request_status(api: Caller) -> None:
    fate = api.processed("POST", "/v2/alerts", {"message": "Disk full", "source": "probe"})
    assert fate["success"] is True
    assert fate["isSuccess"] is True
    assert (fate["action"], fate["status"]) == ("Create", "Created alert")
    # Without an alias given, the id is the alias.
    assert fate["alias"] == fate["alertId"]
    created = api.get(f"/v2/alerts/{fate['alertId']}")
    assert (created["status"], created["priority"], created["count"]) == ("open", "P3", 1)
    assert created["source"] == "probe"
    assert created["integration"]["id"] == fate["integrationId"]


def test_the_id_ends_with_the_time(api: Caller) -> None:
    fate = api.processed("POST", "/v2/alerts", {"message": "x"})
    assert fate["alertId"].rpartition("-")[2].isdigit()
    assert len(fate["alertId"]) == 36 + 1 + 13


def test_the_source_defaults_to_the_callers_address(api: Caller) -> None:
    fate = api.processed("POST", "/v2/alerts", {"message": "x"})
    assert api.get(f"/v2/alerts/{fate['alertId']}")["source"] == "127.0.0.1"


def test_the_same_alias_counts_up_while_open(api: Caller, alert: str) -> None:
    first = read(api)
    fate = api.processed("POST", "/v2/alerts", {"message": "Again", "alias": "disk"})
    assert fate["alertId"] == first["id"]
    after = read(api)
    assert (after["count"], after["message"]) == (2, "Disk full")
    assert after["lastOccurredAt"] > first["lastOccurredAt"]


def test_the_same_alias_is_a_new_alert_once_closed(api: Caller, alert: str) -> None:
    first = read(api)["id"]
    act(api, "close")
    assert api.refused("GET", "/v2/alerts/disk", identifierType="alias")[0] == 404
    fate = api.processed("POST", "/v2/alerts", {"message": "Again", "alias": "disk"})
    assert fate["alertId"] != first
    assert read(api)["count"] == 1


def test_tiny_ids(api: Caller, alert: str) -> None:
    tiny = read(api)["tinyId"]
    assert api.get(f"/v2/alerts/{tiny}", identifierType="tiny")["alias"] == "disk"
    assert api.refused("GET", f"/v2/alerts/{tiny}", identifierType="number")[0] == 422


def test_acknowledge_and_back(api: Caller, alert: str) -> None:
    assert (
        act(api, "acknowledge", {"user": "ann@example.org", "note": "mine"})["status"] == "Acknowledged alert"
    )
    after = read(api)
    assert after["acknowledged"] is True
    assert after["owner"] == after["report"]["acknowledgedBy"] == "ann@example.org"
    assert act(api, "acknowledge")["isSuccess"] is False
    act(api, "unacknowledge")
    after = read(api)
    assert (after["acknowledged"], after["owner"]) == (False, "")


def test_close_is_the_end(api: Caller, alert: str) -> None:
    identifier = read(api)["id"]
    act(api, "close", {"user": "ben@example.org"})
    closed = api.get(f"/v2/alerts/{identifier}")
    assert closed["status"] == "closed"
    assert closed["report"]["closedBy"] == "ben@example.org"
    fate = api.processed("POST", f"/v2/alerts/{identifier}/acknowledge", {})
    assert fate["isSuccess"] is False
    assert (
        api.processed("POST", f"/v2/alerts/{identifier}/notes", {"note": "post mortem"})["isSuccess"] is True
    )


def test_snooze_ends_by_itself(api: Caller, alert: str) -> None:
    act(api, "snooze", {"endTime": "2026-01-14T13:00:00Z"})
    assert read(api)["snoozed"] is True
    assert read(api)["snoozedUntil"] == "2026-01-14T13:00:00.000Z"
    api.hand.advance(hours=1)
    after = read(api)
    assert after["snoozed"] is False
    assert "snoozedUntil" not in after


def test_a_second_snooze_outlasts_the_first(api: Caller, alert: str) -> None:
    act(api, "snooze", {"endTime": "2026-01-14T13:00:00Z"})
    act(api, "snooze", {"endTime": "2026-01-14T15:00:00Z"})
    api.hand.advance(hours=2)
    assert read(api)["snoozed"] is True


def test_snooze_has_to_end_two_seconds_ahead(api: Caller, alert: str) -> None:
    status, answer = api.refused("POST", "/v2/alerts/disk/snooze", {"endTime": "2026-01-14T12:00:00Z"})
    assert (status, list(answer["errors"])) == (422, ["endTime"])


def test_assign(api: Caller, alert: str, people: dict[str, str]) -> None:
    act(api, "assign", {"owner": {"username": "ann@example.org"}})
    assert read(api)["owner"] == "ann@example.org"
    assert read(api)["acknowledged"] is True
    assert act(api, "assign", {"owner": {"id": "nobody"}})["status"] == "User does not exist"


def test_responders_and_teams(api: Caller, alert: str, people: dict[str, str]) -> None:
    team = api.do("POST", "/v2/teams", {"name": "Ops", "members": [{"user": {"id": people["ben"]}}]})["data"][
        "id"
    ]
    act(api, "responders", {"responder": {"type": "user", "id": people["ann"]}})
    act(api, "teams", {"team": {"name": "Ops"}})
    after = read(api)
    assert after["responders"] == [{"type": "user", "id": people["ann"]}, {"type": "team", "id": team}]
    assert (after["teams"], after["ownerTeamId"]) == ([{"id": team}], team)
    recipients = api.get("/v2/alerts/disk/recipients", identifierType="alias")
    assert {each["user"]["username"] for each in recipients} == {"ann@example.org", "ben@example.org"}
    assert act(api, "teams", {"team": {"name": "Nobody"}})["isSuccess"] is False


def test_escalate(api: Caller, alert: str, people: dict[str, str]) -> None:
    rule = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 0},
        "recipient": {"type": "user", "id": people["cleo"]},
    }
    api.do("POST", "/v2/escalations", {"name": "Late", "rules": [rule]})
    assert act(api, "escalate", {"escalation": {"name": "Late"}})["isSuccess"] is True
    assert len(api.get("/v2/alerts/disk/recipients", identifierType="alias")) == 1
    assert act(api, "escalate", {"escalation": {"name": "None"}})["isSuccess"] is False


def test_tags_and_details(api: Caller, alert: str) -> None:
    path = "/v2/alerts/disk"
    by_alias = {"identifierType": "alias"}
    api.processed("POST", f"{path}/tags", {"tags": ["a", "b", "a"]}, **by_alias)
    api.processed("POST", f"{path}/details", {"details": {"host": "db1", "n": 1}}, **by_alias)
    api.processed("POST", f"{path}/details", {"details": {"host": "db2"}}, **by_alias)
    assert read(api)["tags"] == ["a", "b"]
    assert read(api)["details"] == {"host": "db2", "n": "1"}
    api.processed("DELETE", f"{path}/tags", tags="a,zzz", **by_alias)
    api.processed("DELETE", f"{path}/details", keys="host", **by_alias)
    assert read(api)["tags"] == ["b"]
    assert read(api)["details"] == {"n": "1"}


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(("field", "value"), [("priority", "P1"), ("message", "New"), ("description", "Why")])
def test_updates_take_both_verbs(api: Caller, alert: str, method: str, field: str, value: str) -> None:
    api.processed(method, f"/v2/alerts/disk/{field}", {field: value}, identifierType="alias")
    assert read(api)[field] == value


def test_custom_actions_have_to_be_the_alerts_own(api: Caller) -> None:
    api.processed("POST", "/v2/alerts", {"message": "x", "alias": "disk", "actions": ["Restart"]})
    assert act(api, "actions/Restart")["isSuccess"] is True
    assert act(api, "actions/Explode")["isSuccess"] is False


def test_delete(api: Caller, alert: str) -> None:
    identifier = read(api)["id"]
    api.processed("DELETE", f"/v2/alerts/{identifier}")
    assert api.refused("GET", f"/v2/alerts/{identifier}")[0] == 404
    assert api.processed("POST", "/v2/alerts", {"message": "x", "alias": "disk"})["alertId"] != identifier


def test_an_unknown_responder_does_not_lose_the_alert(api: Caller) -> None:
    alert = {"message": "x", "alias": "disk", "responders": [{"type": "team", "name": "Gone"}]}
    assert api.processed("POST", "/v2/alerts", alert)["isSuccess"] is True
    assert read(api)["responders"] == []


def test_an_action_on_no_alert_is_accepted_and_fails_later(api: Caller) -> None:
    fate = act(api, "close", alias="nothing")
    assert fate["success"] is False
    assert fate["isSuccess"] is False
    assert (fate["status"], fate["alertId"], fate["alias"]) == ("Alert does not exist", "", "")
