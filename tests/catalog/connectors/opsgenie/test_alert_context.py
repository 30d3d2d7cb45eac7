"""get_alert_context against a sandbox: all of an alert in four requests, and what is missing is said."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.connectors.base import Certainty
from sandbox.alert_records import add_log, add_note

from .office import Office

ALIAS = "disk/db-1"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENCODED = "disk%2Fdb-1"


@pytest.fixture
def alert(office: Office) -> str:
    """The id of an alert with a note, of which somebody was notified."""
    office.do("create_user", username="ben@example.com", full_name="Ben Example", role="User")
    responders = ["user:ben@example.com"]
    created = office.do("create_alert", message="Disk full", alias=ALIAS, responders=responders)
    office.do("add_alert_note", identifier=ALIAS, note="Looks like logs\n- 2026 · nobody · all fine")
    identifier: str = created["alert_id"]
    return identifier


def record(office: Office, alert: str) -> dict[str, Any]:
    """The alert as the sandbox keeps it, for what would take a hundred calls."""
    return office.app.state.table("alerts")[alert]


@pytest.mark.parametrize("how", ["alias", "id", "tiny id"])
def test_an_alert_in_four_requests(office: Office, alert: str, how: str) -> None:
    tiny_id = office.do("get_alert", identifier=ALIAS)["tiny_id"]
    named = {"alias": ALIAS, "id": alert, "tiny id": tiny_id}[how]
    result = office.question("get_alert_context", identifier=named)
    # Whatever it was asked by, the rest goes by the id: an alias ends with the alert.
    assert office.asked == [
        f"/v2/alerts/{ENCODED if how == 'alias' else named}",
        f"/v2/alerts/{alert}/notes",
        f"/v2/alerts/{alert}/logs",
        f"/v2/alerts/{alert}/recipients",
    ]
    context = result.structured
    assert (context["alert"]["id"], context["alert"]["message"]) == (alert, "Disk full")
    assert [note["note"] for note in context["notes"]] == ["Looks like logs\n- 2026 · nobody · all fine"]
    assert "Alert created" in [entry["log"] for entry in context["logs"]]
    assert [one["user"] for one in context["recipients"]] == ["ben@example.com"]
    assert not {"cut", "problems"} & set(context)


def test_its_text_has_a_line_for_everything(office: Office, alert: str) -> None:
    text = office.question("get_alert_context", identifier=alert).text
    notes, logs, notified = (text.index(heading) for heading in ("\nNotes, new", "\nLog, new", "\nNotified:"))
    assert notes < logs < notified
    # What somebody wrote can't pass for lines of ours.
    assert "ana@example.com · Looks like logs - 2026 · nobody · all fine\n" in text
    assert "\n- ben@example.com · notactive" in text


def test_a_bare_alert_says_what_it_has_none_of(office: Office) -> None:
    office.do("create_alert", message="Quiet", alias="quiet")
    text = office.question("get_alert_context", identifier="quiet").text
    assert "No notes." in text
    assert "No recipients." in text


def test_what_is_cut_is_said(office: Office, alert: str) -> None:
    for number in range(22):
        note = f"{number} " + "x" * 1500 * (number > 20)
        add_note(office.app.state, record(office, alert), note, "ben", NOW)
    result = office.question("get_alert_context", identifier=alert)
    assert len(office.asked) == 4
    assert len(result.structured["notes"]) == 20
    first = result.structured["notes"][0]["note"]
    assert (first[:3], len(first), first[-1]) == ("21 ", 1000, "…")
    assert result.structured["cut"][:2] == [
        "notes: the newest 20; list_alert_notes has the rest.",
        "notes: 1 shortened to 1000 characters; list_alert_notes has them whole.",
    ]
    assert "Cut: notes: the newest 20" in result.text


def test_long_logs_and_many_recipients_are_cut(office: Office) -> None:
    people = [f"p{number}@example.com" for number in range(51)]
    for person in people:
        office.do("create_user", username=person, full_name="P", role="User")
    office.do("create_team", name="all", members=[{"user": person} for person in people])
    rules = [{"after_minutes": 0, "notify": "team:all"}]
    office.do("create_escalation", name="everybody", rules=rules)
    office.do("create_alert", message="Fire", alias="fire", responders=["escalation:everybody"])
    fire = record(office, office.do("get_alert", identifier="fire")["id"])
    for number in range(31):
        add_log(office.app.state, fire, "system", f"Entry {number}", "System", NOW)
    context = office.question("get_alert_context", identifier="fire").structured
    assert (len(context["logs"]), len(context["recipients"])) == (30, 50)
    assert context["cut"] == [
        "logs: the newest 30; list_alert_logs has the rest.",
        "recipients: 50 of 51; list_alert_recipients has the rest.",
    ]


def test_what_fails_on_the_side_is_said(office: Office, alert: str) -> None:
    office.spoil(f"/v2/alerts/{alert}/logs", status=500)
    result = office.question("get_alert_context", identifier=ALIAS)
    assert len(office.asked) == 4
    assert "logs" not in result.structured
    assert {"notes", "recipients"} <= set(result.structured)
    [problem] = result.structured["problems"]
    assert problem.startswith("logs: Opsgenie failed while handling the request.")
    assert f"Missing: {problem}" in result.text
    assert "Log, newest" not in result.text


def test_once_limited_it_asks_no_more(office: Office, alert: str) -> None:
    office.spoil(f"/v2/alerts/{alert}/notes", kind="rate_limited")
    result = office.question("get_alert_context", identifier=ALIAS)
    assert len(office.asked) == 2
    assert [one.partition(":")[0] for one in result.structured["problems"]] == ["notes", "logs", "recipients"]


def test_without_the_alert_there_is_no_context(office: Office, alert: str) -> None:
    office.do("close_alert", identifier=ALIAS)
    error = office.failure("get_alert_context", identifier=ALIAS)
    assert (error.code, error.certainty) == ("upstream_not_found", Certainty.REFUSED)
    assert "identifier_type" in error.remedy
    assert len(office.asked) == 1
    assert office.question("get_alert_context", identifier=alert).structured["alert"]["status"] == "closed"


def test_it_answers_before_its_deadline(office: Office, alert: str) -> None:
    office.app.latency = 0.6
    office.do.seconds = 1.6
    started = time.monotonic()
    result = office.question("get_alert_context", identifier=ALIAS)
    assert time.monotonic() - started < 1.6
    assert result.structured["alert"]["id"] == alert
    assert [one.partition(":")[0] for one in result.structured["problems"]] == ["notes", "logs", "recipients"]
