"""wait_for_request against a sandbox that takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from catalog.connectors.base import Certainty
from sandbox.app import create_app

from . import contract
from .desk import ConnectorDesk, Exchange, running_sandbox
from .office import Office

NOT_YET = "Accepted, not processed yet. Ask again in a few seconds."


@pytest.fixture
def slow(settings: Any) -> Iterator[Office]:
    """An office whose sandbox does in half a second what it has accepted; the desk doesn't wait for it."""
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    app = create_app(seed=False, processing_delay=0.5)
    traffic: list[Exchange] = []
    with running_sandbox(app, traffic=traffic) as url:
        yield Office(app, ConnectorDesk(url, seconds=0.5))
    contract.require_kept(traffic)


def create(office: Office, tool: str = "create_alert", **arguments: Any) -> str:
    """The request id of a change that isn't done yet."""
    accepted = office.do(tool, **arguments)
    assert accepted["processed"] is False
    office.do.seconds = 10
    request_id: str = accepted["request_id"]
    return request_id


def test_it_waits_for_the_outcome(slow: Office) -> None:
    request_id = create(slow, message="Disk full", alias="disk")
    started = time.monotonic()
    result = slow.question("wait_for_request", request_id=request_id, kind="alert")
    assert 0.2 < time.monotonic() - started < 2
    assert (result.structured["success"], result.structured["status"]) == (True, "Created alert")
    assert result.structured["alias"] == "disk"
    assert 2 <= len(slow.asked) <= 6
    assert set(slow.asked) == {f"/v2/alerts/requests/{request_id}"}
    assert "Created alert" in result.text


def test_a_change_that_was_not_carried_out(slow: Office) -> None:
    request_id = create(slow, "close_alert", identifier="nothing")
    outcome = slow.question("wait_for_request", request_id=request_id, kind="alert").structured
    assert (outcome["processed"], outcome["success"]) == (True, False)
    assert outcome["status"] == "Alert does not exist"


def test_incidents_have_requests_of_their_own(office: Office) -> None:
    accepted = office.do("create_incident", message="Down", impacted_services=[])
    result = office.question("wait_for_request", request_id=accepted["request_id"], kind="incident")
    assert result.structured["incident_id"] == accepted["incident_id"]
    assert office.asked == [f"/v1/incidents/requests/{accepted['request_id']}"]
    assert (
        office.failure("wait_for_request", request_id=accepted["request_id"], kind="alert").code
        == "upstream_not_found"
    )


def never_done(office: Office) -> None:
    """Turn the sandbox's clock back to before it accepted anything."""
    office.app.clock.offset -= timedelta(days=1)


def test_it_gives_up_when_it_was_told_to(slow: Office) -> None:
    request_id = create(slow, message="Disk full")
    never_done(slow)
    started = time.monotonic()
    result = slow.question("wait_for_request", request_id=request_id, kind="alert", seconds=1)
    assert time.monotonic() - started < 1.2
    assert result.structured == {"processed": False, "status": NOT_YET}


def test_it_ends_before_its_deadline(slow: Office) -> None:
    request_id = create(slow, message="Disk full")
    slow.do.seconds = 0.9
    started = time.monotonic()
    result = slow.question("wait_for_request", request_id=request_id, kind="alert", seconds=20)
    assert time.monotonic() - started < 0.9
    assert result.structured == {"processed": False, "status": NOT_YET}
    assert len(slow.asked) >= 1


@pytest.mark.parametrize("kind", ["alert", "incident"])
def test_an_unknown_request(office: Office, kind: str) -> None:
    error = office.failure("wait_for_request", request_id="nothing", kind=kind)
    assert (error.code, error.certainty) == ("upstream_not_found", Certainty.REFUSED)
    assert len(office.asked) == 1


def test_the_first_question_has_to_be_answered(slow: Office) -> None:
    request_id = create(slow, message="Disk full")
    slow.spoil("/v2/alerts/requests", status=503, times=1)
    assert slow.failure("wait_for_request", request_id=request_id, kind="alert").code == "upstream_error"
    assert len(slow.asked) == 1


def later(office: Office, **fault: Any) -> None:
    """Spoil one answer after the first question."""
    path = "/v2/alerts/requests"
    take = office.app.faults.take
    asked: list[str] = []

    def take_later(method: str, path: str) -> Any:
        asked.append(path)
        return take(method, path) if len(asked) > 1 else None

    office.spoil(path, times=1, **fault)
    office.app.faults.take = take_later  # type: ignore[method-assign]


@pytest.mark.parametrize("fault", [{"status": 503}, {"kind": "garbage"}, {"kind": "timeout", "seconds": 0.2}])
def test_a_later_question_may_go_wrong(slow: Office, fault: dict[str, Any]) -> None:
    request_id = create(slow, message="Disk full")
    later(slow, **fault)
    outcome = slow.question("wait_for_request", request_id=request_id, kind="alert").structured
    assert outcome["success"] is True
    assert "problem" not in outcome


def test_a_problem_that_lasts_is_said(slow: Office) -> None:
    request_id = create(slow, message="Disk full")
    later(slow, kind="rate_limited", period=60)
    outcome = slow.question("wait_for_request", request_id=request_id, kind="alert", seconds=5).structured
    assert outcome["processed"] is False
    assert "limiting requests" in outcome["problem"]
    assert len(slow.asked) == 2


def test_a_later_refusal_is_the_error(slow: Office) -> None:
    request_id = create(slow, message="Disk full")
    later(slow, status=401)
    assert (
        slow.failure("wait_for_request", request_id=request_id, kind="alert").code == "upstream_unauthorized"
    )


def test_no_more_questions_than_it_says(slow: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 17 in 20 seconds, told with a clock of its own."""
    request_id = create(slow, message="Disk full")
    slow.do.seconds = 30
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("catalog.connectors.opsgenie.composites.waiting.time.sleep", sleep)
    monkeypatch.setattr("catalog.outbound_connection.time.monotonic", lambda: now)
    monkeypatch.setattr(
        "catalog.connectors.opsgenie.composites.waiting.random.uniform", lambda low, high: low
    )
    never_done(slow)
    result = slow.question("wait_for_request", request_id=request_id, kind="alert", seconds=20)
    assert result.structured["processed"] is False
    assert len(slow.asked) <= 17
    assert 15 < now <= 20
