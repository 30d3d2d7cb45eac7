"""The start page's figures are those of real calls, and each leads to exactly the rows it counts."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit import log
from audit.events import Event
from catalog.models import Server
from clients.models import User
from config.overview.latency import percentile
from tests.catalog.connectors.opsgenie.upstream import Reply, Upstream
from tests.conftest import SYSTEM, disable
from tests.gateway.conftest import Gateway, _upstream, connector, gateway, quick_retries, upstream
from tests.pages.overview import Overview, rows_behind
from tests.scale import many_tools
from tools import grants
from tools.denials import Denial, explanation_of
from tools.models import Grant, Tool

__all__ = ["_upstream", "connector", "gateway", "quick_retries", "upstream"]

NOON = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
def called(gateway: Gateway, upstream: Upstream, quick_retries: None) -> Gateway:
    """Two answered calls, two denied for different reasons, one of no tool, and two that failed."""
    mia = gateway.connect()
    for _ in range(2):
        mia.call("opsgenie_get_alert", {"identifier": "1"})
    mia.call("opsgenie_list_alerts")  # one alert is no list of them
    mia.call("opsgenie_get_alert", {"identifier": 5})
    disable("opsgenie_count_alerts")
    mia.call("opsgenie_count_alerts")
    mia.request("tools/call", {"name": "opsgenie_no_such_tool", "arguments": {}})
    upstream.answer(Reply(404, body=b'{"message": "There is no such alert."}'))
    mia.call("opsgenie_get_alert", {"identifier": "2"})
    return gateway


def test_calls_are_counted_by_how_they_ended(called: Gateway, root: User) -> None:
    for period in ("day", "month"):
        page = Overview(root, period)
        assert page.legend() == {"answered": 2, "denied": 3, "failed": 2, "outcome unknown": 0}
        assert page.traffic["chart"]["total"] == 7
        newest = page.traffic["chart"]["rows"][-1]
        assert [cell["count"] for cell in newest["cells"]] == [2, 3, 2, 0]
        drawn = json.loads(page.traffic["chart"]["data"])
        assert [series["data"][-1] for series in drawn["datasets"]] == [2, 3, 2, 0]
        assert len(drawn["labels"]) == {"day": 24, "month": 30}[period]


def test_every_figure_leads_to_its_rows(called: Gateway, root: User) -> None:
    page = Overview(root)
    followed = 0
    chart = page.traffic["chart"]
    cells = [*chart["legend"], *(cell for row in chart["rows"] for cell in row["cells"] if cell["count"])]
    for thing in (*page.traffic["servers"], *page.traffic["tools"]):
        assert len(page.rows_of(thing["address"])) == thing["total"]
        cells += thing["parts"]
    for cell in cells:
        rows = page.rows_of(cell["address"])
        assert len(rows) == cell["count"]
        assert {row.event for row in rows} <= {f"call.{cell['kind']}"}
        followed += 1
    for refused, address in page.traffic["denials"]:
        rows = page.rows_of(address)
        assert [row.reason for row in rows] == [refused.reason] * refused.count
        followed += 1
    assert followed > 15


def test_a_bar_of_the_chart_leads_where_its_cell_does(called: Gateway, root: User) -> None:
    chart = Overview(root).traffic["chart"]
    bars = json.loads(chart["addresses"])
    cells = [[cell["address"] for cell in row["cells"]] for row in chart["rows"]]
    assert [[series[number] for series in bars] for number in range(24)] == cells


def test_servers_and_tools_are_counted_without_calls_of_no_tool(called: Gateway, root: User) -> None:
    page = Overview(root)
    assert {bar["name"]: bar["total"] for bar in page.traffic["servers"]} == {"Opsgenie": 6}
    assert {bar["name"]: bar["total"] for bar in page.traffic["tools"]} == {
        "opsgenie_get_alert": 4, "opsgenie_list_alerts": 1, "opsgenie_count_alerts": 1,
    }  # fmt: skip
    assert page.traffic["tools"][0]["name"] == "opsgenie_get_alert"
    assert page.traffic["nameless"] == 1
    assert "1 call named no tool that there is" in page.text


def test_reasons_come_with_what_to_do(called: Gateway, root: User) -> None:
    page = Overview(root)
    counts = {refused.reason: refused.count for refused, _ in page.traffic["denials"]}
    assert counts == {"arguments_invalid": 1, "tool_not_approved": 1, "unknown_tool": 1}
    for reason in counts:
        assert explanation_of(Denial(reason)).remedy in page.text


def at(moment: datetime, time_machine: Any, tool: Tool, event: Event, **fields: Any) -> None:
    """One row that closes a call of a tool at a moment."""
    time_machine.move_to(moment, tick=False)
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id="c1", client_name="Claude", tool_name=tool.client_name,
        server_id=tool.server_id, server_name=tool.server.name, tool_id=tool.pk,
        protocol_version="2025-06-18",
    )  # fmt: skip
    log.record_call(event, actor=SYSTEM, facts=facts, **{"latency_ms": 10.0, **fields})


@pytest.fixture
def tool(server: Server) -> Tool:
    (tool,) = many_tools(1, server=server)
    return tool


def test_a_period_is_whole_hours_or_days_and_no_row_between_two_is_lost(
    root: User, tool: Tool, time_machine: Any
) -> None:
    edge = datetime(2026, 5, 4, 11, 59, 59, 999_999, tzinfo=UTC)
    moments = [
        edge, edge + timedelta(microseconds=1), NOON, NOON.replace(hour=0, minute=0),
        datetime(2026, 5, 3, 13, 0, tzinfo=UTC), datetime(2026, 5, 3, 12, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 4, 5, 0, 0, tzinfo=UTC), datetime(2026, 4, 4, 23, 59, 59, 999_999, tzinfo=UTC),
    ]  # fmt: skip
    for moment in moments:
        at(moment, time_machine, tool, Event.CALL_SUCCEEDED)
    time_machine.move_to(NOON + timedelta(minutes=1), tick=False)
    day, month = Overview(root), Overview(root, "month")
    assert (day.traffic["chart"]["total"], month.traffic["chart"]["total"]) == (5, 7)
    for page, expected in ((day, {"13:00": 1, "00:00": 1, "11:00": 1, "12:00": 2}),
                           (month, {"05 Apr": 1, "03 May": 2, "04 May": 4})):  # fmt: skip
        cells = {row["label"]: row["cells"][0] for row in page.traffic["chart"]["rows"]}
        assert {label: cell["count"] for label, cell in cells.items() if cell["count"]} == expected
        for cell in cells.values():
            assert len(rows_behind(page.browser, cell["address"])) == cell["count"]


@pytest.mark.parametrize("asked", ["", "year", "month ", "'", "\0"])
def test_an_unknown_period_is_the_day(root: User, asked: str) -> None:
    assert Overview(root, asked).context["period"].key == "day"


def test_the_slowest_tool_is_the_one_with_the_longest_median(
    root: User, server: Server, time_machine: Any
) -> None:
    slow, quick, rare, broken = many_tools(4, server=server)
    for latency in (100, 200, 300, 400, 5_000):
        at(NOON, time_machine, slow, Event.CALL_SUCCEEDED, latency_ms=float(latency))
        at(NOON, time_machine, quick, Event.CALL_SUCCEEDED, latency_ms=latency / 100)
        at(NOON, time_machine, broken, Event.CALL_FAILED, latency_ms=60_000.0)
    for _ in range(4):
        at(NOON, time_machine, rare, Event.CALL_SUCCEEDED, latency_ms=9_000.0)
    page = Overview(root)
    found = [(one.name, one.calls, one.median, one.p95) for one, _ in page.traffic["slowest"]]
    assert found == [
        (slow.client_name, 5, 300, pytest.approx(4_080)),
        (quick.client_name, 5, 3, pytest.approx(40.8)),
    ]
    assert {row.tool_id for row in page.rows_of(page.traffic["slowest"][0][1])} == {slow.pk}


def test_only_the_newest_answers_are_measured(
    root: User, tool: Tool, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.overview.latency.SAMPLE", 6)
    for second in range(12):
        latency = 1.0 if second < 6 else 100.0
        at(NOON + timedelta(seconds=second), time_machine, tool, Event.CALL_SUCCEEDED, latency_ms=latency)
    ((slow, _),) = Overview(root).traffic["slowest"]
    assert (slow.calls, slow.median) == (6, 100)


@pytest.mark.parametrize(
    ("values", "fraction", "expected"),
    [([7], 0.95, 7), ([4, 1], 0.5, 2.5), ([3, 1, 2], 0.5, 2), ([0, 10], 0.95, 9.5), ([1, 2, 3, 4, 5], 1, 5)],
)
def test_a_percentile_lies_between_two_values(values: list[float], fraction: float, expected: float) -> None:
    assert percentile(values, fraction) == pytest.approx(expected)


def test_a_deleted_tool_is_still_counted(root: User, tool: Tool, time_machine: Any) -> None:
    at(NOON, time_machine, tool, Event.CALL_SUCCEEDED)
    number = tool.pk
    Tool.objects.update(approved_revision=None, discovered_revision=None, state="removed")
    tool.delete()
    page = Overview(root)
    assert [bar["name"] for bar in page.traffic["tools"]] == [f"deleted tool {number}"]
    assert [row.tool_name for row in page.rows_of(page.traffic["tools"][0]["address"])] == [tool.client_name]


def test_what_nobody_uses_is_named(called: Gateway, root: User, otto: User, time_machine: Any) -> None:
    unused = Tool.objects.filter(state="approved").exclude(
        client_name__in=("opsgenie_get_alert", "opsgenie_list_alerts")
    )
    old = grants.give(actor=SYSTEM, grant=Grant(profile=called.grant.profile, user=otto, reason="For later."))
    page = Overview(root)
    assert page.context["unused"]["tools"]["count"] == unused.count() == 3
    assert set(page.rows_of(page.context["unused"]["tools"]["address"])) == set(unused)
    assert page.context["unused"]["grants"]["count"] == 0
    time_machine.move_to(datetime.now(UTC) + timedelta(days=29), tick=True)
    called.grant.refresh_from_db()
    Grant.objects.update(starts_at=datetime.now(UTC) - timedelta(days=31))
    page = Overview(root)
    assert page.rows_of(page.context["unused"]["grants"]["address"]) == [old]
    assert f"{old}</a>, since" in page.text
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2), tick=True)
    assert Overview(root).context["unused"]["grants"]["count"] == 2


def test_a_tool_approved_anew_counts_as_unused_until_it_is_called(called: Gateway, root: User) -> None:
    Tool.objects.filter(client_name="opsgenie_get_alert").update(state_since=datetime.now(UTC))
    names = [tool.client_name for tool in Overview(root).context["unused"]["tools"]["first"]]
    assert "opsgenie_get_alert" in names
    assert "opsgenie_list_alerts" not in names


def test_without_a_call_it_says_so(root: User, server: Server) -> None:
    for period, words in (
        ("day", "No calls in the last 24 hours."),
        ("month", "No calls in the last 30 days."),
    ):
        page = Overview(root, period)
        assert words in page.text
        assert "<canvas" not in page.text


def test_a_reason_is_filtered_by_the_whole_word(root: User, tool: Tool, time_machine: Any) -> None:
    for reason in ("client_type_not_allowed", "client_type_not_allowed_for_tool"):
        at(NOON, time_machine, tool, Event.CALL_DENIED, reason=reason)
    page = Overview(root)
    rows = rows_behind(page.browser, "/admin/audit/auditrow/?reason__exact=client_type_not_allowed")
    assert [row.reason for row in rows] == ["client_type_not_allowed"]
    shown = page.browser.get("/admin/audit/auditrow/?reason__exact=client_type_not_allowed").content.decode()
    assert 'value="client_type_not_allowed"' in shown
