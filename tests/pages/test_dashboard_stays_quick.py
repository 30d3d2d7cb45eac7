"""The start page costs as many queries with thousands of rows as with a few, and reads calls in an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Server
from clients.models import User
from config.overview.traffic import Period
from tests.conftest import make_server, switch_on
from tests.pages.conftest import signed_in
from tests.pages.test_lists_ask_the_database_a_fixed_number_of_times import queries_of
from tests.scale import many_audit_rows, many_tools
from tools.models import AccessProfile, Grant, Tool


def fill(server: Server, rows: int, tools: int) -> None:
    many_tools(tools, server=server)
    profile, _ = AccessProfile.objects.get_or_create(name="Reading")
    first = User.objects.count()
    people = User.objects.bulk_create(
        [User(username=f"p{number}", email=f"p{number}@x.example") for number in range(first, first + 20)]
    )
    given = Grant.objects.bulk_create(
        [Grant(profile=profile, user=person, reason="x", approver="x") for person in people]
    )
    many_audit_rows(rows, tools=list(Tool.objects.select_related("server")), people=people, grants=given)


@pytest.mark.parametrize("period", ["day", "month"])
def test_many_rows_cost_the_queries_of_few(root: User, server: Server, period: str) -> None:
    switch_on()
    browser = signed_in(root)
    fill(server, 200, 12)
    few = queries_of(browser, f"/admin/?period={period}")
    fill(make_server(name="Second", prefix="second"), 5_000, 150)
    assert queries_of(browser, f"/admin/?period={period}") == few
    assert few <= 30


def test_calls_are_counted_in_the_index(server: Server) -> None:
    fill(server, 5_000, 50)
    rows = Period.of("month", timezone.now()).endings()
    counted = rows.values_list("server_id", "tool_id", "event", "reason", "latency_ms")
    if connection.vendor == "sqlite":
        assert "USING COVERING INDEX audit_traffic (event=? AND at>?)" in counted.explain()
        return
    # What PostgreSQL chooses depends on the table's size and on when it was last vacuumed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'audit_traffic'")
        assert "(event, at, server_id, tool_id, reason, latency_ms)" in cursor.fetchone()[0]
