from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from audit.actor import Actor
from audit.admin_base import ReadOnlyAdmin, ReadOnlyInline, sentences
from catalog.admin import ServerAdmin
from clients.admin import GroupAdmin
from tools import impact, review
from tools.admin_access import AccessRequestAdmin, GrantAdmin
from tools.admin_profiles import AccessProfileAdmin
from tools.admin_reviewers import ReviewersPage
from tools.admin_stops import StopAdmin, offer_stop
from tools.admin_toolsets import ToolsetAdmin
from tools.definition_display import definition_as_html, parameters_as_html
from tools.forms import ReviewForm
from tools.key_fit import fit_notes, key_notes
from tools.models import Review, Stop, Tool, ToolRevision
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

# Deleting a person or a group is the business of `clients`, what they lose by it is this room's.
for page in (GroupAdmin, ToolsetAdmin, AccessProfileAdmin):
    page.impact_of_deleting = staticmethod(lambda found: impact.what_if(found.delete))


class PartOfToolInline(ReadOnlyInline):
    """What belongs to a tool's account of itself: whoever may look at the tool may look at it."""

    def has_view_permission(self, request: HttpRequest, obj: Tool | None = None) -> bool:
        return request.user.has_perm("tools.view_tool")


class RevisionInline(PartOfToolInline):
    model = ToolRevision
    fk_name = "tool"
    verbose_name_plural = "Revisions"
    fields = readonly_fields = ("created_at", "digest", "sync_run")
    show_change_link = False


class ReviewInline(PartOfToolInline):
    model = Review
    fields = readonly_fields = ("at", "decision", "from_state", "reviewer", "comment", "revision")
    show_change_link = False


@admin.register(Tool)
class ToolAdmin(ToolLabels, ReadOnlyAdmin):
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
    actions = ("approve", "disable")
    inlines = (ReviewInline, RevisionInline)
    readonly_fields = ("definition", "parameters")
    fieldsets = (
        (None, {"fields": ("client_name", "server", "domain", "action", "risk", "state", "state_since")}),
        ("What a model reads", {"fields": ("definition",)}),
        ("Parameters", {"fields": ("parameters",)}),
    )

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tools.review_tool")

    @admin.action(description="Approve…", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse | None:
        return self._decide(request, queryset, Review.Decision.APPROVE)

    @admin.action(description="Disable…", permissions=["review"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse | None:
        return self._decide(request, queryset, Review.Decision.DISABLE)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Tool], decision: Review.Decision
    ) -> HttpResponse | None:
        """First a page that shows what is decided about, then, when that is sent, the decision."""
        tools = list(queryset.select_related("server", "discovered_revision"))
        form = ReviewForm(request.POST if "shown" in request.POST else None)
        if form.is_bound and form.is_valid():
            return self._carry_out(request, form, decision)
        form.initial["shown"] = ReviewForm.shown_text(tools)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{decision.name.title()} {len(tools)} {'tool' if len(tools) == 1 else 'tools'}",
            "opts": self.opts,
            "tools": tools,
            "form": form,
            "decision": decision,
            "action_name": request.POST["action"],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/tools/tool/decide.html", context)

    def _carry_out(self, request: HttpRequest, form: ReviewForm, decision: Review.Decision) -> HttpResponse:
        verb = review.approve if decision == Review.Decision.APPROVE else review.disable
        try:
            decided = verb(
                actor=Actor.from_request(request),
                decisions=form.cleaned_data["shown"],
                comment=form.cleaned_data["comment"],
            )
        except ValidationError as error:
            messages.error(request, f"Nothing was changed. {sentences(error)}")
        else:
            count = len(decided)
            messages.success(request, f"{count} {'tool' if count == 1 else 'tools'} {decision.label}.")
        return HttpResponseRedirect(reverse("admin:tools_tool_changelist"))

    @display(description="Definition")
    def definition(self, tool: Tool) -> str:
        return definition_as_html(tool.discovered_revision)

    @display(description="Parameters")
    def parameters(self, tool: Tool) -> str:
        return parameters_as_html(tool.discovered_revision)


offer_stop(ToolAdmin, Stop.Level.TOOL)

__all__ = [
    "AccessProfileAdmin", "AccessRequestAdmin", "GrantAdmin", "StopAdmin", "ToolAdmin", "ToolsetAdmin",
]  # fmt: skip
