"""The admin's start page: puts together what this person may see. The reads are in `config.overview`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from audit import portal_settings
from audit.events import Event
from clients.models import User
from config.overview import attention, charts, first_steps, links
from config.overview.latency import LEAST, SAMPLE, slowest_tools
from config.overview.traffic import Period, by_server_and_tool, over_time, top_denials
from config.overview.unused import UNUSED_AFTER, unused_grants, unused_tools

#: Of what nobody uses, so many are named on the page.
NAMED = 10
SEES_AUDIT = "audit.view_auditrow"


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: what the template shows, by permission. It changes nothing."""
    person: Any = request.user
    now = timezone.now()
    settings = portal_settings.current()
    period = Period.of(request.GET.get("period", ""), now)
    context |= {
        "title": "Overview",
        "now": now,
        "period": period,
        "periods": [Period.of(key, now) for key in ("day", "month")],
        "may_see_attention": attention.may_see_any(person),
        "cards": attention.cards(attention.Asked(person, now, settings)),
        "steps": [] if first_steps.is_over() else first_steps.steps(person, settings),
        "traffic": _traffic(period) if person.has_perm(SEES_AUDIT) else None,
        "unused": _unused(person, now),
    }
    context["has_nothing"] = not (context["may_see_attention"] or context["traffic"] or context["steps"])
    return context


def _traffic(period: Period) -> dict[str, Any]:
    servers, tools, nameless = by_server_and_tool(period)
    return {
        "chart": charts.time_chart(period, over_time(period)),
        "servers": charts.bars(period, servers, "server_id"),
        "tools": charts.bars(period, tools, "tool_id"),
        "nameless": nameless,
        "slowest": [
            (
                slow,
                links.to_audit(period.start, event__exact=Event.CALL_SUCCEEDED.value, tool_id=slow.tool_id),
            )
            for slow in slowest_tools(period)
        ],
        "denials": [
            (
                refused,
                links.to_audit(
                    period.start, event__exact=Event.CALL_DENIED.value, reason__exact=refused.reason
                ),
            )
            for refused in top_denials(period)
        ],
        "sample": SAMPLE,
        "least": LEAST,
    }


def _unused(person: User, now: Any) -> dict[str, Any]:
    """Tools and grants, each for who may see both them and the calls that they are judged by."""
    shown: dict[str, Any] = {"days": UNUSED_AFTER.days}
    if not person.has_perm(SEES_AUDIT):
        return shown
    if person.has_perm("tools.view_tool"):
        shown["tools"] = _first_few(unused_tools(), "tools.tool")
    if person.has_perm("tools.view_grant"):
        shown["grants"] = _first_few(unused_grants(now), "tools.grant")
    return shown


def _first_few(rows: list[Any], model: str) -> dict[str, Any]:
    return {
        "count": len(rows),
        "first": rows[:NAMED],
        "more": max(0, len(rows) - NAMED),
        "address": links.to_rows(model, (row.pk for row in rows)),
    }
