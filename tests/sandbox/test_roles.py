"""Roles of the account and of teams."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Caller


def test_account_roles(api: Caller, people: dict[str, str]) -> None:
    body = {"name": "Night", "extendedRole": "observer", "grantedRights": ["alert-close"]}
    identifier = api.do("POST", "/v2/roles", body)["data"]["id"]
    assert api.get("/v2/roles/") == [{"id": identifier, "name": "Night", "extendedRole": "observer"}]
    api.do("PUT", "/v2/roles/Night", {"disallowedRights": ["alert-delete"]}, identifierType="name")
    shown = api.get(f"/v2/roles/{identifier}")
    assert (shown["grantedRights"], shown["disallowedRights"]) == (["alert-close"], ["alert-delete"])
    api.do("PATCH", f"/v2/users/{people['ann']}", {"role": {"name": "Night"}})
    assert api.refused("DELETE", f"/v2/roles/{identifier}")[0] == 428
    api.do("PUT", f"/v2/roles/{identifier}", {"name": "Late"})
    assert api.get(f"/v2/users/{people['ann']}")["role"]["name"] == "Late"
    api.do("PATCH", f"/v2/users/{people['ann']}", {"role": {"name": "User"}})
    api.do("DELETE", f"/v2/roles/{identifier}")
    assert api.get("/v2/roles") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "admin"}, 409),
        ({"name": "x", "extendedRole": "owner"}, 422),
        ({"name": "x", "grantedRights": ["fly"]}, 422),
        ({"name": "x", "grantedRights": ["alert-close"], "disallowedRights": ["alert-close"]}, 422),
    ],
)
def test_account_roles_that_are_refused(api: Caller, body: dict[str, object], status: int) -> None:
    assert api.refused("POST", "/v2/roles", body)[0] == status


def test_team_roles(api: Caller, people: dict[str, str]) -> None:
    team = api.do("POST", "/v2/teams", {"name": "Ops"})["data"]["id"]
    path, by_name = "/v2/teams/Ops/roles", {"teamIdentifierType": "name"}
    rights = [{"right": "manage-members", "granted": True}]
    role = api.do("POST", path, {"name": "Lead", "rights": rights}, **by_name)["data"]["id"]
    assert api.refused("POST", path, {"name": "Lead", "rights": rights}, **by_name)[0] == 409
    assert api.get(f"/v2/teams/{team}/roles/Lead", identifierType="name")["id"] == role
    assert api.get(path, **by_name) == [{"id": role, "name": "Lead", "rights": rights}]
    api.do("POST", "/v2/teams/Ops/members", {"user": {"id": people["ann"]}, "role": "Lead"}, **by_name)
    assert api.refused("DELETE", f"{path}/{role}", **by_name)[0] == 428
    api.do("PATCH", f"{path}/{role}", {"name": "Head"}, **by_name)
    assert api.get(f"/v2/teams/{team}")["members"][0]["role"] == "Head"
    api.do("DELETE", f"/v2/teams/{team}/members/{people['ann']}")
    api.do("DELETE", f"{path}/{role}", **by_name)
    assert api.get(path, **by_name) == []
    assert api.refused("POST", path, {"name": "x", "rights": [{"right": "fly"}]}, **by_name)[0] == 422
