"""However many calls, tools, connections and grants somebody has."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditRow
from clients.models import Client, Token, User
from tests.me.conftest import Gateway, last_call_id, signed_in
from tests.tools.test_decisions_ask_the_database_a_fixed_number_of_times import build

#: Session and person; what the policy asks (settings, stops, person, tools, grants, sets, what they hold) and
#: the ways to the tools; connections, their tokens and stops, and the settings; calls and their steps;
#: for the banners, the stops, and whether the portal is on, which the overview asks anyway.
MOST = {"/me/": 19, "/me/tools/": 14, "/me/connections/": 8, "/me/calls/": 6, "/me/connect/": 4}


def make_calls(person: User, count: int) -> None:
    """So many calls, half of them refused, past the log: this many rows would take it a minute."""
    rows = []
    for number in range(count):
        ending = ["call.denied"] if number % 2 else ["call.admitted", "call.succeeded"]
        call_id = uuid.uuid4()
        rows += [
            AuditRow(
                at=timezone.now(), event=event, actor_kind="person", actor_id=str(person.pk),
                actor_name=person.username, tool_name="opsgenie_get_alert", call_id=call_id,
                reason="rate_limited" if event == "call.denied" else "", latency_ms=1.0,
            )
            for event in ending
        ]  # fmt: skip
    models.QuerySet(AuditRow).bulk_create(rows, batch_size=2_000)


def make_connections(person: User, count: int) -> None:
    clients = Client.objects.bulk_create([Client(name=f"Client {n}", owner=person) for n in range(count)])
    later = timezone.now() + timedelta(days=30)
    Token.objects.bulk_create(
        [
            Token(public_id=uuid.uuid4().hex[:12], hash="0", client=client, created_by="x", expires_at=later)
            for client in clients
            for _ in range(2)
        ]
    )


def queries(browser: Browser, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response: Any = browser.get(path)
    assert response.status_code == 200
    return len(captured)


def test_the_lists(gateway: Gateway, mia: User) -> None:
    gateway.connect().call("opsgenie_count_alerts")
    make_calls(mia, 2)
    one_call = f"/me/calls/{last_call_id(mia)}/"
    browser = signed_in(mia)
    few = {path: queries(browser, path) for path in [*MOST, one_call]}
    make_calls(mia, 300)
    make_connections(mia, 60)
    build(mia, servers=4, grants=12)
    assert {path: queries(browser, path) for path in [*MOST, one_call]} == few
    assert {path: few[path] for path in MOST if few[path] > MOST[path]} == {}


def test_a_tool(gateway: Gateway, mia: User) -> None:
    browser = signed_in(mia)
    few = queries(browser, "/me/tools/opsgenie_get_alert/")
    build(mia, servers=4, grants=12)
    assert queries(browser, "/me/tools/opsgenie_get_alert/") == few


@pytest.mark.parametrize("query", ["", "?outcome=refused", "?outcome=succeeded", "?outcome=unknown"])
def test_calls_are_found_by_person_and_not_by_reading_the_log(mia: User, otto: User, query: str) -> None:
    """What the database does for a page, as it says itself: it goes through an index of the log."""
    make_calls(mia, 20)
    make_calls(otto, 20)
    browser = signed_in(mia)
    with CaptureQueriesContext(connection) as captured:
        browser.get(f"/me/calls/{query}")
    asked = [one["sql"] for one in captured if "audit_auditrow" in one["sql"]]
    assert len(asked) == (1 if query == "?outcome=unknown" else 2)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # It would read so small a table whole, and rightly.
            cursor.execute("SET LOCAL enable_seqscan TO off")
        for sql in asked:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
            plan = [str(row[-1]) for row in cursor.fetchall()]
            steps = [step for step in plan if re.search(r"\b(SCAN|SEARCH|Scan)\b", step)]
            assert steps, plan
            assert all(
                re.search(r"(?i)(using|index scan on)( index)? audit_", step)
                for step in steps
                if "Bitmap Heap" not in step
            ), plan
