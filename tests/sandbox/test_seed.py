"""The made-up company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sandbox.seed import fill_with_seed
from sandbox.state import State
from tests.sandbox.conftest import START, Caller


def test_the_same_instant_gives_the_same_company() -> None:
    first, second = State(), State()
    fill_with_seed(first, START)
    fill_with_seed(second, START)
    assert first.document() == second.document()


def test_new_ids_are_not_repeated_after_seeding(build: Callable[..., Caller]) -> None:
    one, two = build(seed=True), build(seed=True)
    created = [api.processed("POST", "/v2/alerts", {"message": "x"})["alertId"] for api in (one, two)]
    assert created[0] != created[1]


def test_there_is_something_of_everything(seeded: Caller) -> None:
    alerts = seeded.get("/v2/alerts", limit=100)
    assert len(alerts) == 60
    assert {alert["priority"] for alert in alerts} == {"P1", "P2", "P3", "P4", "P5"}
    states = Counter((alert["status"], alert["acknowledged"], alert["snoozed"]) for alert in alerts)
    assert set(states) >= {
        ("open", False, False),
        ("open", True, False),
        ("open", True, True),
        ("closed", True, False),
    }
    assert max(alert["count"] for alert in alerts) > 1
    assert min(alert["createdAt"] for alert in alerts) < "2026-01-10"
    assert max(alert["createdAt"] for alert in alerts) < "2026-01-14T12"
    assert len(seeded.get("/v2/users")) == 18
    assert len(seeded.get("/v2/teams")) == 6


def test_somebody_is_on_call_at_any_hour(seeded: Caller) -> None:
    for hours in range(0, 7 * 24, 5):
        for name in (
            "Payments_schedule",
            "Parcel Tracking_schedule",
            "Platform_schedule",
            "Incident commanders",
        ):
            found = seeded.get(f"/v2/schedules/{name}/on-calls", flat="true", scheduleIdentifierType="name")
            assert found["onCallRecipients"], (hours, name)
        seeded.hand.advance(hours=5)


def test_an_override_and_a_forwarding_rule_are_in_force(seeded: Caller) -> None:
    schedules = seeded.get("/v2/schedules/on-calls")
    participants = [each for schedule in schedules for each in schedule["onCallParticipants"]]
    assert any("forwardedFrom" in each for each in participants)
    query = {"identifierType": "name", "interval": 1, "intervalUnit": "days"}
    timeline = seeded.get("/v2/schedules/Payments_schedule/timeline", **query)
    first = timeline["finalTimeline"]["rotations"][0]["periods"][0]
    assert first["type"] == "override"
