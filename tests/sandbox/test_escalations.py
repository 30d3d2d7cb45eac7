"""Escalations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller


@pytest.fixture
def rule(people: dict[str, str]) -> dict[str, Any]:
    return {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 5, "timeUnit": "minutes"},
        "recipient": {"type": "user", "username": "ann@example.org"},
    }


def test_create_read_update_delete(api: Caller, rule: dict[str, Any], people: dict[str, str]) -> None:
    repeat = {"waitInterval": 10, "count": 2, "resetRecipientStates": True}
    identifier = api.do("POST", "/v2/escalations", {"name": "Late", "rules": [rule], "repeat": repeat})[
        "data"
    ]["id"]
    shown = api.get("/v2/escalations/Late", identifierType="name")
    recipient = {"type": "user", "id": people["ann"], "username": "ann@example.org"}
    assert shown["rules"] == [{**rule, "recipient": recipient}]
    assert shown["repeat"] == {**repeat, "closeAlertAfterAll": False}
    api.do("PATCH", f"/v2/escalations/{identifier}", {"description": "d"})
    assert api.get(f"/v2/escalations/{identifier}")["rules"] == shown["rules"]
    api.do("DELETE", f"/v2/escalations/{identifier}")
    assert api.get("/v2/escalations") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"condition": "never"}, "rules#condition"),
        ({"notifyType": "loud"}, "rules#notifyType"),
        ({"delay": {"timeAmount": -1}}, "rules#delay#timeAmount"),
        ({"recipient": {"type": "user", "id": "nobody"}}, "rules#recipient#id"),
        ({"recipient": {"type": "escalation", "name": "x"}}, "rules#recipient#type"),
    ],
)
def test_rules_that_are_refused(
    api: Caller, rule: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    status, answer = api.refused("POST", "/v2/escalations", {"name": "Late", "rules": [{**rule, **change}]})
    assert (status, list(answer["errors"])) == (422, [field])


def test_there_has_to_be_a_rule(api: Caller) -> None:
    assert api.refused("POST", "/v2/escalations", {"name": "Late", "rules": []})[0] == 422


def test_an_escalation_in_use_stays(api: Caller) -> None:
    api.do("POST", "/v2/teams", {"name": "Ops"})
    assert api.refused("DELETE", "/v2/escalations/Ops_escalation", identifierType="name")[0] == 428
