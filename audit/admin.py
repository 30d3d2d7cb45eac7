from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    FieldTextFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display
from unfold.utils import parse_datetime_str

from audit.admin_base import ReadOnlyAdmin
from audit.events import Event
from audit.models import AuditRow
from audit.settings_admin import PortalSettingsAdmin

__all__ = ["AuditRowAdmin", "PortalSettingsAdmin"]

EVENT_COLOURS = {
    Event.CALL_SUCCEEDED.label: "success",
    Event.CALL_ADMITTED.label: "info",
    Event.CALL_DENIED.label: "danger",
    Event.CALL_FAILED.label: "warning",
    Event.CALL_UNKNOWN.label: "warning",
    Event.REQUEST_REFUSED.label: "danger",
    Event.AUTHENTICATION_FAILED.label: "danger",
}

VIEW_ARGUMENTS = "audit.view_arguments"
#: What of a row's detail repeats or may quote the arguments of a call.
TELL_ARGUMENTS = ("arguments", "problems", "error")
HIDDEN = "hidden: needs the permission “Can read the arguments of calls”"


class BoundedPaginator(Paginator):
    """Counts at most ten thousand rows: counting a log of millions would cost more than showing it."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: self.most].count()


class PersonFilter(FieldTextFilter):
    title = "person"


class ToolFilter(FieldTextFilter):
    title = "tool"


class ServerFilter(FieldTextFilter):
    title = "server"


class ReasonFilter(FieldTextFilter):
    """The whole word, not a part of it: one reason's word begins as another's."""

    title = "reason"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        (self.lookup_kwarg,) = self.expected_parameters()
        self.lookup_val = self.used_parameters.get(self.lookup_kwarg)

    def expected_parameters(self) -> list[str]:
        return [f"{self.field_path}__exact"]


class PeriodFilter(RangeDateTimeFilter):
    """From a second to another, both included, in UTC. A day without a time counts from or to its end."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for side, time in (("from", "00:00:00"), ("to", "23:59:59")):
            day = self.used_parameters.get(f"{self.parameter_name}_{side}_0")
            time = self.used_parameters.get(f"{self.parameter_name}_{side}_1") or time
            if not day or not (moment := parse_datetime_str(f"{day} {time}")):
                continue
            limit = {f"{self.parameter_name}__gte": make_aware(moment)}
            if side == "to":
                # A row is written some microseconds into its second, which belongs to the period.
                limit = {f"{self.parameter_name}__lt": make_aware(moment) + timedelta(seconds=1)}
            queryset = queryset.filter(**limit)
        return queryset


@admin.register(AuditRow)
class AuditRowAdmin(ReadOnlyAdmin):
    """The audit log: newest first, to filter and to read."""

    list_display = (
        "when", "event_label", "actor_name", "what", "server_name", "reason", "latency", "client_name",
    )  # fmt: skip
    list_display_links = ("when", "what")
    list_filter = (
        ("event", ChoicesDropdownFilter),
        ("actor_name", PersonFilter),
        ("tool_name", ToolFilter),
        ("server_name", ServerFilter),
        ("reason", ReasonFilter),
        ("at", PeriodFilter),
    )
    list_fullwidth = True
    list_per_page = 50
    paginator = BoundedPaginator
    ordering = ("-pk",)
    search_fields = ("request_id__exact", "object_name", "tool_name", "reason")
    change_form_outer_before_template = "admin/audit/row_links.html"
    # Other rooms add what they know: functions from whoever looks and a row to (text, address) of links.
    links: tuple[Callable[[Any, AuditRow], list[tuple[str, str]]], ...] = ()
    search_help_text = "Call id, request id, object, tool or reason"
    fieldsets = (
        (None, {"fields": ("at", "event", "actor_name", "actor_kind", "source_address")}),
        (
            "Call",
            {
                "fields": (
                    "call_id",
                    "tool_name",
                    "server_name",
                    "client_name",
                    "reason",
                    "latency_ms",
                    "protocol_version",
                )
            },
        ),
        ("Object", {"fields": ("object_type", "object_id", "object_name")}),
        ("Detail", {"fields": ("detail_text", "request_id")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in AuditRow._meta.fields] + ["detail_text", "detail_without_arguments"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = "detail_text" if request.user.has_perm(VIEW_ARGUMENTS) else "detail_without_arguments"
        *others, _ = self.fieldsets
        return (*others, ("Detail", {"fields": (shown, "request_id")}))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # A list filtered by the beginning of an argument would spell it out, a character at a time.
        if lookup.startswith("detail") and not (request and request.user.has_perm(VIEW_ARGUMENTS)):
            return False
        return super().lookup_allowed(lookup, value, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        links = [link for make in self.links for link in make(request.user, row)] if row else []
        return super().change_view(
            request, object_id, form_url, {"row_links": links, **(extra_context or {})}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRow], search_term: str
    ) -> tuple[QuerySet[AuditRow], bool]:
        """A call id finds its call, a request id what was done in it, however UUIDs are stored."""
        try:
            call_id = uuid.UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        # A request id is spelled with as many digits.
        return queryset.filter(Q(call_id=call_id) | Q(request_id=call_id.hex)), False

    @display(description="When (UTC)", ordering="pk")
    def when(self, row: AuditRow) -> SafeString:
        return format_html('<span class="portal-nowrap">{}</span>', date_format(row.at, "DATETIME_FORMAT"))

    @display(description="Event", label=EVENT_COLOURS, ordering="event")
    def event_label(self, row: AuditRow) -> str:
        return row.get_event_display()

    @display(description="Tool or object")
    def what(self, row: AuditRow) -> str:
        return row.tool_name or row.object_name or "–"

    @display(description="Latency", ordering="latency_ms")
    def latency(self, row: AuditRow) -> str:
        return "" if row.latency_ms is None else f"{row.latency_ms:,.0f} ms"

    @display(description="Detail")
    def detail_text(self, row: AuditRow) -> SafeString:
        return _as_code(row.detail)

    @display(description="Detail")
    def detail_without_arguments(self, row: AuditRow) -> SafeString:
        known = {key: HIDDEN if key in TELL_ARGUMENTS else value for key, value in row.detail.items()}
        return _as_code(known)


def _as_code(detail: Any) -> SafeString:
    text = json.dumps(detail, indent=2, ensure_ascii=False)
    return format_html('<pre class="portal-code" tabindex="0">{}</pre>', text)
