"""Maintenance windows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Caller

PATH = "/v1/maintenance"
RULES = [{"state": "disabled", "entity": {"id": "some-id", "type": "integration"}}]
TOMORROW = {"type": "schedule", "startDate": "2026-01-15T12:00:00Z", "endDate": "2026-01-15T14:00:00Z"}


def create(api: Caller, time: dict[str, Any]) -> dict[str, Any]:
    return api.do("POST", PATH, {"description": "Works", "time": time, "rules": RULES})["data"]


def status(api: Caller, identifier: str) -> str:
    return api.get(f"{PATH}/{identifier}")["status"]


def test_it_runs_its_course(api: Caller) -> None:
    identifier = create(api, TOMORROW)["id"]
    seen = []
    for _ in range(4):
        seen.append(status(api, identifier))
        api.hand.advance(hours=12.5)
    assert seen == ["planned", "planned", "active", "past"]


@pytest.mark.parametrize(("kind", "minutes"), [("5-minutes", 5), ("for-30-minutes", 30), ("1-hour", 60)])
def test_fixed_spans(api: Caller, kind: str, minutes: int) -> None:
    identifier = create(api, {"type": kind})["id"]
    api.hand.advance(minutes=minutes - 1)
    assert status(api, identifier) == "active"
    api.hand.advance(minutes=1)
    assert status(api, identifier) == "past"
    # Whatever it was called when it was made.
    assert api.get(f"{PATH}/{identifier}")["time"]["type"] == f"for-{kind.removeprefix('for-')}"


def test_for_ever(api: Caller) -> None:
    identifier = create(api, {"type": "indefinitely"})["id"]
    api.hand.advance(days=1000)
    assert status(api, identifier) == "active"


def test_lists_by_type(api: Caller) -> None:
    create(api, {"type": "5-minutes"})
    create(api, TOMORROW)
    api.hand.advance(hours=1)
    counts = [len(api.get(PATH, type=kind)) for kind in ("all", "past", "non-expired")]
    assert counts == [2, 1, 1]
    assert "rules" not in api.get(PATH)[0]
    assert api.refused("GET", PATH, type="some")[0] == 422


def test_changes(api: Caller) -> None:
    identifier = create(api, {"type": "indefinitely"})["id"]
    path = f"{PATH}/{identifier}"
    api.do("POST", f"{path}/change-end-date", {"endDate": "2026-01-14T13:00:00Z"})
    assert api.get(path)["time"]["endDate"] == "2026-01-14T13:00:00.000Z"
    assert api.refused("POST", f"{path}/change-end-date", {"endDate": "2026-01-13T13:00:00Z"})[0] == 422
    api.do("PUT", path, {"description": "Later", "time": TOMORROW, "rules": RULES})
    assert (status(api, identifier), api.get(path)["rules"]) == ("planned", RULES)
    assert api.do("POST", f"{path}/cancel")["result"] == "Cancelled"
    assert status(api, identifier) == "cancelled"
    assert api.refused("POST", f"{path}/cancel")[0] == 422
    api.do("DELETE", path)
    assert api.refused("GET", path)[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {"time": {"type": "2-days"}, "rules": RULES},
        {"time": {"type": "schedule"}, "rules": RULES},
        {"time": {**TOMORROW, "endDate": "2026-01-15T11:00:00Z"}, "rules": RULES},
        {"time": TOMORROW, "rules": []},
        {"time": TOMORROW, "rules": [{"entity": {"id": "x", "type": "cable"}}]},
    ],
)
def test_refusals(api: Caller, body: dict[str, Any]) -> None:
    assert api.refused("POST", PATH, body)[0] == 422
