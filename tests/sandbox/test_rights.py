"""What keys may do: kinds, rights and team scope."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.conftest import Caller

ROOT = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"
TEAM_REFUSAL = "Team API Keys are not authorized to perform this action."

Build = Callable[..., Caller]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v2/alerts", {"message": "x"}),
        ("POST", "/v2/alerts/1/acknowledge", {}),
        ("POST", "/v2/alerts/1/close", {}),
        ("POST", "/v2/alerts/1/notes", {"note": "x"}),
    ],
)
def test_account_keys_are_kept_from_four_writes(
    build: Build, method: str, path: str, body: dict[str, str]
) -> None:
    status, answer = build(f"{ROOT}:account").refused(method, path, body)
    assert status == 403
    assert answer["code"] == 40301
    assert answer["message"] == "To perform this action, use an API key from an API integration."


def test_account_keys_may_do_the_rest(build: Build) -> None:
    api = build(f"{ROOT}:account")
    api.get("/v2/alerts")
    api.do("POST", "/v2/alerts/1/unacknowledge", {})
    api.do("POST", "/v2/teams", {"name": "Ops"})


@pytest.mark.parametrize(
    ("rights", "method", "path", "missing"),
    [
        ("write+delete+configuration", "GET", "/v2/alerts", "read"),
        ("read+delete+configuration", "POST", "/v2/alerts", "write"),
        ("read+write+configuration", "DELETE", "/v2/alerts/1", "delete"),
        ("read+write+delete", "GET", "/v2/schedules", "configuration"),
        ("read+write+delete", "GET", "/v2/users", "configuration"),
    ],
)
def test_a_missing_right(build: Build, rights: str, method: str, path: str, missing: str) -> None:
    status, answer = build(f"{ROOT}:integration:{rights}").refused(method, path, {"message": "x"})
    assert (status, answer["code"]) == (403, 40301)
    assert answer["message"] == f"API Key is not granted with {missing} access."


def test_the_right_is_asked_before_the_body_is_read(build: Build) -> None:
    assert build(f"{ROOT}:integration:read").refused("POST", "/v2/alerts", {})[0] == 403


@pytest.fixture
def two_teams(build: Build) -> tuple[Caller, Caller]:
    """One who sees everything, and one confined to the team Blue."""
    root = build(ROOT, f"{OTHER}:integration::Blue")
    for name in ("Blue", "Red"):
        root.do("POST", "/v2/teams", {"name": name})
        alert = {"message": name, "alias": name, "responders": [{"type": "team", "name": name}]}
        root.processed("POST", "/v2/alerts", alert)
    return root, root.with_key(OTHER)


def test_a_team_key_lists_only_what_is_its_teams(two_teams: tuple[Caller, Caller]) -> None:
    _, blue = two_teams
    assert [team["name"] for team in blue.get("/v2/teams")] == ["Blue"]
    assert [each["name"] for each in blue.get("/v2/schedules")] == ["Blue_schedule"]
    assert [each["name"] for each in blue.get("/v2/escalations")] == ["Blue_escalation"]
    assert [alert["message"] for alert in blue.get("/v2/alerts")] == ["Blue"]
    assert blue.get("/v2/alerts/count") == {"count": 1}


@pytest.mark.parametrize(
    "path",
    [
        "/v2/teams/Red?identifierType=name",
        "/v2/schedules/Red_schedule?identifierType=name",
        "/v2/escalations/Red_escalation?identifierType=name",
        "/v2/alerts/Red?identifierType=alias",
        "/v2/account",
    ],
)
def test_a_team_key_outside_its_team(two_teams: tuple[Caller, Caller], path: str) -> None:
    status, answer = two_teams[1].refused("GET", path)
    assert (status, answer["code"], answer["message"]) == (403, 40301, TEAM_REFUSAL)


def test_a_team_key_acts_on_its_own_alerts_only(two_teams: tuple[Caller, Caller]) -> None:
    root, blue = two_teams
    fate = blue.processed("POST", "/v2/alerts/Red/close", {}, identifierType="alias")
    assert (fate["isSuccess"], fate["status"]) == (False, "Alert does not exist")
    assert blue.processed("POST", "/v2/alerts/Blue/close", {}, identifierType="alias")["isSuccess"]
    assert root.get("/v2/alerts/count", query="status:open") == {"count": 1}


def test_what_a_team_key_creates_is_its_teams(two_teams: tuple[Caller, Caller]) -> None:
    root, blue = two_teams
    blue.do("POST", "/v2/schedules", {"name": "Nights"})
    assert root.get("/v2/schedules/Nights", identifierType="name")["ownerTeam"]["name"] == "Blue"
    blue.processed("POST", "/v2/alerts", {"message": "mine", "alias": "mine"})
    assert root.get("/v2/alerts/mine", identifierType="alias")["responders"][0]["type"] == "team"
