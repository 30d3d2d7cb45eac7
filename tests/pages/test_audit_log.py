"""The audit log's pages: filters and search find the right rows, and nothing there can be changed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from clients.models import User
from tests.conftest import SYSTEM, make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database

LIST = "/admin/audit/auditrow/"
NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def calls(mia: User, otto: User, time_machine: Any) -> dict[str, uuid.UUID]:
    """Three calls, an hour apart: an answered one, a denied one and one whose outcome isn't known."""
    ids = {}
    steps = [
        ("answered", mia, "opsgenie_list_alerts", "Opsgenie", Event.CALL_SUCCEEDED, ""),
        ("denied", otto, "opsgenie_close_alert", "Opsgenie", Event.CALL_DENIED, "tool_not_approved"),
        ("unknown", mia, "staging_create_alert", "Staging", Event.CALL_UNKNOWN, "upstream_timeout"),
    ]
    for hour, (name, person, tool, server, event, reason) in enumerate(steps):
        time_machine.move_to(NOON + timedelta(hours=hour), tick=False)
        ids[name] = uuid.uuid4()
        facts = log.CallFacts(
            call_id=ids[name], client_id="c1", client_name="Claude", tool_name=tool, server_name=server,
            protocol_version="2025-06-18", detail={"arguments": {"query": "status: open"}},
        )  # fmt: skip
        actor = Actor.person(person, source_address="192.0.2.7", request_id=f"{hour}" * 32)
        if event != Event.CALL_DENIED:
            log.record_call(Event.CALL_ADMITTED, actor=actor, facts=facts)
        log.record_call(event, actor=actor, facts=facts, reason=reason, latency_ms=12.5)
    time_machine.move_to(NOON + timedelta(hours=5), tick=False)
    log.record(Event.SYNC_SUCCEEDED, actor=SYSTEM, detail={"sync_run": 1})
    return ids


def found(browser: Client, **parameters: str) -> list[tuple[str, str]]:
    """The events and tools that the list shows, newest first."""
    response = browser.get(LIST, parameters)
    assert response.status_code == 200
    rows = response.context["cl"].result_list
    return [(row.event, row.tool_name) for row in rows]


ANSWERED = [("call.succeeded", "opsgenie_list_alerts"), ("call.admitted", "opsgenie_list_alerts")]
DENIED = [("call.denied", "opsgenie_close_alert")]
UNKNOWN = [("call.unknown", "staging_create_alert"), ("call.admitted", "staging_create_alert")]
SYNC = [("sync.succeeded", "")]


def test_the_newest_row_is_first(browser: Client, calls: Any) -> None:
    assert found(browser) == SYNC + UNKNOWN + DENIED + ANSWERED


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"actor_name__icontains": "mia"}, UNKNOWN + ANSWERED),
        ({"actor_name__icontains": "OTT"}, DENIED),
        ({"actor_name__icontains": "nobody"}, []),
        ({"tool_name__icontains": "alert"}, UNKNOWN + DENIED + ANSWERED),
        ({"tool_name__icontains": "close"}, DENIED),
        ({"tool_name__icontains": "%"}, []),
        ({"tool_name__icontains": "_"}, UNKNOWN + DENIED + ANSWERED),
        ({"server_name__icontains": "staging"}, UNKNOWN),
        ({"event__exact": "call.denied"}, DENIED),
        ({"event__exact": "call.unknown"}, UNKNOWN[:1]),
        ({"event__exact": "sync.succeeded"}, SYNC),
        ({"actor_name__icontains": "mia", "event__exact": "call.succeeded"}, ANSWERED[:1]),
        ({"actor_name__icontains": "mia", "event__exact": "call.denied"}, []),
    ],
    ids=str,
)
def test_a_filter_shows_its_rows_and_no_other(
    browser: Client, calls: Any, parameters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert found(browser, **parameters) == expected


def test_a_day_without_a_time_is_all_of_it(browser: Client, calls: Any) -> None:
    everything = SYNC + UNKNOWN + DENIED + ANSWERED
    assert found(browser, at_from_0="2026-05-04", at_to_0="2026-05-04") == everything
    assert found(browser, at_from_0="2026-05-05") == []
    assert found(browser, at_to_0="2026-05-03") == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("12:00:00", "12:00:00", ANSWERED),
        ("12:00:01", None, SYNC + UNKNOWN + DENIED),
        (None, "13:00:00", DENIED + ANSWERED),
        ("12:30:00", "13:30:00", DENIED),
        ("13:00:01", "13:59:59", []),
    ],
)
def test_a_period_shows_its_rows_and_no_other(
    browser: Client, calls: Any, start: str | None, end: str | None, expected: list[tuple[str, str]]
) -> None:
    parameters = {}
    if start:
        parameters |= {"at_from_0": "2026-05-04", "at_from_1": start}
    if end:
        parameters |= {"at_to_0": "2026-05-04", "at_to_1": end}
    assert found(browser, **parameters) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1" * 32, DENIED),
        ("close_alert", DENIED),
        ("CLOSE", DENIED),
        ("upstream_timeout", UNKNOWN[:1]),
        ("nothing like it", []),
        ("status: open", []),
    ],
)
def test_search_finds_by_request_tool_and_reason(
    browser: Client, calls: Any, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(browser, q=text) == expected


def test_search_finds_a_call_by_its_id_in_any_spelling(browser: Client, calls: dict[str, uuid.UUID]) -> None:
    call_id = calls["unknown"]
    for spelling in (str(call_id), call_id.hex, str(call_id).upper(), f"  {call_id} ", f"{{{call_id}}}"):
        assert found(browser, q=spelling) == UNKNOWN
    assert found(browser, q=str(uuid.uuid4())) == []


def test_a_row_shows_everything_it_holds(calls: dict[str, uuid.UUID]) -> None:
    reads = ("audit.view_auditrow", "audit.view_arguments")
    browser = signed_in(make_person("vera", *reads, is_staff=True))
    row = AuditRow.objects.get(event="call.denied")
    page = browser.get(f"{LIST}{row.pk}/change/").content.decode()
    for text in ("Call denied", "otto", "192.0.2.7", str(calls["denied"]), "opsgenie_close_alert", "Opsgenie",
                 "Claude", "tool_not_approved", "2025-06-18", "status: open", "1" * 32):  # fmt: skip
        assert text in page, text


def test_a_row_can_not_be_changed_deleted_or_added(browser: Client, root: User, calls: Any) -> None:
    row = AuditRow.objects.latest("pk")
    page = f"{LIST}{row.pk}/change/"
    shown = browser.get(page).content.decode()
    for name in ("_save", "_continue", "_addanother"):
        assert f'name="{name}"' not in shown
    assert f"{LIST}{row.pk}/delete/" not in shown
    before = whole_database()
    for visitor in (browser, signed_in(root)):
        data = {"actor_name": "somebody else", "event": "call.denied"}
        assert visitor.post(page, data).status_code == 403
        assert visitor.post(f"{LIST}add/", data).status_code == 403
        assert visitor.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert whole_database() == before


def test_what_is_done_in_a_request_carries_its_id_and_address(browser: Client, mia: User) -> None:
    response = browser.post(
        "/admin/clients/token/add/",
        {"owner": mia.pk, "client_name": "Claude", "life_days": "30"},
        REMOTE_ADDR="198.51.100.4",
    )
    rows = list(AuditRow.objects.filter(event__in=("client.created", "token.issued")))
    assert len(rows) == 2
    assert {(row.request_id, row.source_address, row.actor_name) for row in rows} == {
        (response["X-Request-Id"], "198.51.100.4", "sam")
    }
    assert len(found(browser, q=response["X-Request-Id"])) == 2


def test_a_very_long_log_is_paged_without_counting_all_of_it(browser: Client) -> None:
    """The count stops at ten thousand; the newest rows are still on the first page."""
    row = log.record(Event.SYNC_SUCCEEDED, actor=SYSTEM)
    copies = [
        AuditRow(at=NOON, event="sync.succeeded", actor_kind="system", actor_name="tests", detail={})
        for _ in range(10_020)
    ]
    super(type(AuditRow.objects.all()), AuditRow.objects.all()).bulk_create(copies)
    newest = log.record(Event.SYNC_FAILED, actor=SYSTEM)
    response = browser.get(LIST)
    assert response.context["cl"].paginator.count == 10_000
    assert next(iter(response.context["cl"].result_list)).pk == newest.pk > row.pk
