from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from audit.admin import AuditRowAdmin
from audit.admin_base import ReadOnlyAdmin, ReadOnlyInline
from catalog.admin import ServerAdmin
from clients.admin import ClientAdmin, GroupAdmin, UserAdmin
from clients.models import User
from tools import impact
from tools.admin_access import AccessRequestAdmin, GrantAdmin
from tools.admin_bulk import FORMS, FROM_LIST, ask, bulk_view
from tools.admin_explain import ExplainPage
from tools.admin_inbox import inbox_view, tool_view
from tools.admin_links import explanation_of_row, offer_explanation
from tools.admin_profiles import AccessProfileAdmin
from tools.admin_reviewers import ReviewersPage
from tools.admin_stops import StopAdmin, offer_stop
from tools.admin_tool import ToolPage
from tools.admin_toolsets import ToolsetAdmin
from tools.admin_undo import undo_context, undo_view
from tools.key_fit import fit_notes, key_notes
from tools.models import Review, Stop, Tool
from tools.reviewers import may_review_something
from tools.server_losses import losses_of_server

STATE_COLOURS = {
    Tool.State.PENDING.label: "info",
    Tool.State.APPROVED.label: "success",
    Tool.State.CHANGED.label: "warning",
    Tool.State.DISABLED.label: "danger",
    Tool.State.REMOVED.label: "danger",
}
ACTION_COLOURS = {"read": "success", "write": "info", "destructive": "danger"}


class ToolLabels:
    """The coloured words that tool lists share."""

    @display(description="State", label=STATE_COLOURS, ordering="state")
    def state_label(self, tool: Tool) -> str:
        return tool.get_state_display()

    @display(description="Action", label=ACTION_COLOURS, ordering="action")
    def action_label(self, tool: Tool) -> str:
        return tool.get_action_display()


class ToolInline(ToolLabels, ReadOnlyInline):
    model = Tool
    fields = readonly_fields = ("client_name", "domain", "action_label", "state_label", "state_since")
    per_page = 50


# The server's page belongs to the catalog, which doesn't know of tools: their tab is brought along here.
ServerAdmin.inlines = (ToolInline, *ServerAdmin.inlines)
ServerAdmin.notes = (*ServerAdmin.notes, key_notes)
ServerAdmin.key_notes = (*ServerAdmin.key_notes, fit_notes)
ServerAdmin.losses = (*ServerAdmin.losses, losses_of_server)
ServerAdmin.pages = (*ServerAdmin.pages, ReviewersPage)
offer_explanation(UserAdmin)
offer_explanation(ClientAdmin)
AuditRowAdmin.links = (*AuditRowAdmin.links, explanation_of_row)

# Deleting a person or a group is the business of `clients`, what they lose by it is this room's.
for page in (GroupAdmin, ToolsetAdmin, AccessProfileAdmin):
    page.impact_of_deleting = staticmethod(lambda found: impact.what_if(found.delete))


@admin.register(Tool)
class ToolAdmin(ToolPage, ExplainPage, ToolLabels, ReadOnlyAdmin):
    """Tools to review: select, approve or disable, say why."""

    list_display = ("client_name", "server", "domain", "action_label", "risk", "state_label", "state_since")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("action", ChoicesDropdownFilter),
        ("server", RelatedDropdownFilter),
        "domain",
    )
    list_select_related = ("server",)
    list_per_page = 100
    search_fields = ("client_name", "name", "domain")
    actions = ("approve", "disable", "classify")
    list_before_template = "admin/tools/inbox/undo.html"

    def get_urls(self) -> list[Any]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        inbox = [
            path("inbox/", page(inbox_view(self.admin_site)), name="tools_tool_inbox"),
            path("inbox/<str:tool_id>/", page(tool_view(self.admin_site)), name="tools_tool_inbox_tool"),
            path("undo/<str:batch>/", page(undo_view), name="tools_tool_undo"),
        ]
        bulk = [
            path(
                f"bulk/{decision.value}/",
                page(bulk_view(self.admin_site, decision)),
                name=f"tools_tool_bulk_{decision.value}",
            )
            for decision in FORMS
        ]
        return [*inbox, *bulk, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {**undo_context(request), **(extra_context or {})})

    def has_review_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and may_review_something(request.user)

    @admin.action(description="Approve…", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse:
        return self._ask(request, queryset, Review.Decision.APPROVE)

    @admin.action(description="Disable…", permissions=["review"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse:
        return self._ask(request, queryset, Review.Decision.DISABLE)

    @admin.action(description="Classify…", permissions=["review"])
    def classify(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse:
        return self._ask(request, queryset, Review.Decision.CLASSIFY)

    def _ask(self, request: HttpRequest, queryset: QuerySet[Tool], decision: Review.Decision) -> HttpResponse:
        ids = list(queryset.order_by().values_list("pk", flat=True))
        return ask(self.admin_site, request, decision, ids, came_from=FROM_LIST)


offer_stop(ToolAdmin, Stop.Level.TOOL)

__all__ = [
    "AccessProfileAdmin", "AccessRequestAdmin", "GrantAdmin", "StopAdmin", "ToolAdmin", "ToolsetAdmin",
]  # fmt: skip
