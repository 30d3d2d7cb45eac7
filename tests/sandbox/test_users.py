"""Users and what hangs on them."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Caller

NEW = {"username": "dora@example.org", "fullName": "Dora", "role": {"name": "Admin"}}


def test_create_read_update_delete(api: Caller) -> None:
    answer = api.do("POST", "/v2/users", {**NEW, "timezone": "Europe/Paris", "invitationDisabled": True})
    assert answer["data"]["name"] == "Dora"
    user = api.get("/v2/users/dora@example.org")
    assert user["id"] == answer["data"]["id"]
    assert (user["timeZone"], user["role"]["name"]) == ("Europe/Paris", "Admin")
    api.do("PATCH", f"/v2/users/{user['id']}", {"timeZone": "Asia/Tokyo", "details": {"floor": ["3"]}})
    changed = api.get(f"/v2/users/{user['id']}", expand="contact")
    assert (changed["timeZone"], changed["details"]) == ("Asia/Tokyo", {"floor": ["3"]})
    assert changed["userContacts"][0]["to"] == "dora@example.org"
    api.do("DELETE", f"/v2/users/{user['id']}")
    assert api.refused("GET", f"/v2/users/{user['id']}")[0] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "dora"}, "username"),
        ({"fullName": ""}, "fullName"),
        ({"role": {"name": "King"}}, "role#name"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"details": {"a": [1]}}, "details"),
    ],
)
def test_refusals(api: Caller, change: dict[str, object], field: str) -> None:
    status, answer = api.refused("POST", "/v2/users", {**NEW, **change})
    assert (status, list(answer["errors"])) == (422, [field])


def test_usernames_are_unique(api: Caller, people: dict[str, str]) -> None:
    assert api.refused("POST", "/v2/users", {**NEW, "username": "ANN@example.org"})[0] == 409
    assert api.refused("PATCH", f"/v2/users/{people['ann']}", {"username": "ben@example.org"})[0] == 409


def test_lists_are_paged_and_searched(api: Caller, people: dict[str, str]) -> None:
    response = api.request("GET", "/v2/users", limit=2)
    assert [user["fullName"] for user in response.json["data"]] == ["Ann", "Ben"]
    assert response.json["totalCount"] == 3
    rest = api.request("GET", response.json["paging"]["next"]).json
    assert [user["fullName"] for user in rest["data"]] == ["Cleo"]
    found = api.get("/v2/users", query="username:ben*")
    assert [user["fullName"] for user in found] == ["Ben"]
    assert api.get("/v2/users", sort="fullName", order="desc")[0]["fullName"] == "Cleo"
    assert len(api.get("/v2/users/")) == 3


def test_a_user_who_goes_leaves_everything(api: Caller, people: dict[str, str]) -> None:
    api.do(
        "POST",
        "/v2/teams",
        {"name": "Ops", "members": [{"user": {"id": people[name]}} for name in ("ann", "ben")]},
    )
    for path in ("teams", "schedules", "escalations"):
        assert len(api.get(f"/v2/users/{people['ann']}/{path}")) == 1
    assert api.get(f"/v2/users/{people['cleo']}/schedules") == []
    api.do("DELETE", f"/v2/users/{people['ann']}")
    assert [each["user"]["id"] for each in api.get("/v2/teams/Ops", identifierType="name")["members"]] == [
        people["ben"]
    ]
    [rotation] = api.get("/v2/schedules/Ops_schedule", identifierType="name")["rotations"]
    # Ben's turn doesn't move: Ann's place is kept, empty.
    assert [each["type"] for each in rotation["participants"]] == ["none", "user"]


def test_account(api: Caller, people: dict[str, str]) -> None:
    account = api.get("/v2/account")
    assert account["userCount"] == 3
    assert account["plan"]["name"] == "Enterprise"
