"""Contacts of a user."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v2/users/ann@example.org/contacts"


def test_create_change_disable_delete(api: Caller, people: dict[str, str]) -> None:
    identifier = api.do("POST", PATH, {"method": "sms", "to": "1-5551234567"})["data"]["id"]
    listed = api.get(PATH)
    assert [(each["method"], each["applyOrder"]) for each in listed] == [("email", 0), ("sms", 1)]
    api.do("PATCH", f"{PATH}/{identifier}", {"to": "44-2071234567"})
    assert api.do("POST", f"{PATH}/{identifier}/disable")["result"] == "Disabled"
    shown = api.get(f"{PATH}/{identifier}")
    assert (shown["to"], shown["status"]["enabled"]) == ("44-2071234567", False)
    assert api.do("POST", f"{PATH}/{identifier}/enable")["result"] == "Enabled"
    assert api.get(f"{PATH}/{identifier}")["status"] == {"enabled": True}
    api.do("DELETE", f"{PATH}/{identifier}")
    assert api.refused("GET", f"{PATH}/{identifier}")[0] == 404


def test_the_address_one_signs_in_with_stays(api: Caller, people: dict[str, str]) -> None:
    assert api.refused("DELETE", f"{PATH}/{api.get(PATH)[0]['id']}")[0] == 422


@pytest.mark.parametrize(
    "body", [{"method": "sms", "to": "home"}, {"method": "pigeon", "to": "x"}, {"method": "email"}]
)
def test_refusals(api: Caller, people: dict[str, str], body: dict[str, str]) -> None:
    assert api.refused("POST", PATH, body)[0] == 422


def test_a_contact_of_somebody_else(api: Caller, people: dict[str, str]) -> None:
    other = api.get("/v2/users/ben@example.org/contacts")[0]["id"]
    assert api.refused("GET", f"{PATH}/{other}")[0] == 404
    assert api.refused("POST", PATH, {"method": "email", "to": "ann@example.org"})[0] == 409
