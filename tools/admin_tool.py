"""A tool's own page: what a reviewer needs, in the order they need it, and what they may do about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from audit import portal_settings
from audit.actor import Actor
from audit.admin_base import run_dialog
from audit.models import PortalSettings
from clients.models import User
from tools import tool_account, tool_settings, tool_words
from tools.admin_links import address_of_explanation, link_to, may_explain
from tools.definition_change_display import advisories_as_html, changes_as_html
from tools.definition_display import definition_as_html, parameters_as_html
from tools.hidden_characters import visible_text
from tools.models import Tool, ToolRevision
from tools.review import APPROVABLE, DISABLEABLE
from tools.reviewers import REVIEW_ALL, reviewable
from tools.second_looks import advisories_of
from tools.token_cost import token_cost

_ALL = "all"


class SettingsForm(BaseDialogForm):
    """What is set for one tool alone."""

    changed_definition = forms.ChoiceField(
        label="When its definition changes",
        required=False,
        choices=[("", "as on its server"), *PortalSettings.ChangedDefinition.choices],
        widget=UnfoldAdminSelectWidget,
        help_text="It counts from the next call on, also for a change that waits for review already.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if str(self.object_id).isdecimal() and int(str(self.object_id)) < 2**63:
            tool = Tool.objects.filter(pk=int(str(self.object_id))).first()
            self.initial["changed_definition"] = tool.changed_definition if tool else ""


class ToolPage:
    """The page's part of ToolAdmin: mixed in before it."""

    change_form_outer_before_template = "admin/tools/tool/account.html"
    actions_detail: tuple[Any, ...] = ("settings",)

    def get_fieldsets(self, request: HttpRequest, obj: Tool | None = None) -> Any:
        # The account above says all there is to see of a tool, in another order than a form could.
        return ()

    def get_urls(self) -> list[Any]:
        known: Any = self
        revision = path(
            "<str:tool_id>/revision/<str:revision_id>/",
            known.admin_site.admin_view(self.revision_view),
            name="tools_tool_revision",
        )
        return [revision, *super().get_urls()]  # type: ignore[misc]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        known: Any = self
        tool = known.get_object(request, object_id)
        account = {}
        if tool is not None and known.has_view_permission(request, tool):
            account = {"account": account_of(known, request, tool)}
        page: Any = super()
        response: HttpResponse = page.change_view(
            request, object_id, form_url, {**account, **(extra_context or {})}
        )
        return response

    def revision_view(self, request: HttpRequest, tool_id: str, revision_id: str) -> HttpResponse:
        """One revision as a model reads it, and how it differs from the one before."""
        known: Any = self
        if not known.has_view_permission(request):
            raise PermissionDenied
        tool = known.found(request, tool_id)
        revision = _revision(tool, revision_id)
        before = tool_account.revision_before(revision)
        context = {
            **known.admin_site.each_context(request),
            "title": f"{tool}: revision {revision.digest[:12]}",
            "opts": known.opts,
            "tool": tool,
            "revision": revision,
            "before": before,
            "is_approved": revision.pk == tool.approved_revision_id,
            "is_discovered": revision.pk == tool.discovered_revision_id,
            "changes": changes_as_html(before, revision, since="the revision before") if before else "",
            "advisories": advisories_as_html(advisories_of(tool, revision)),
            "definition": definition_as_html(revision),
            "parameters": parameters_as_html(revision),
        }
        return TemplateResponse(request, "admin/tools/tool/revision.html", context)

    @action(
        description="Settings…",
        icon="tune",
        permissions=["settings"],
        dialog={
            "title": "Settings of this tool",
            "description": "They count for this tool alone, before those of its server and of the portal.",
            "form_class": SettingsForm,
            "form_submit_text": "Save",
        },
    )
    def settings(self, request: HttpRequest, form: SettingsForm, object_id: str) -> HttpResponse:
        known: Any = self
        tool = known.found(request, object_id)
        return run_dialog(
            request,
            lambda: tool_settings.change(
                actor=Actor.from_request(request),
                tool=tool,
                changed_definition=form.cleaned_data["changed_definition"],
            ),
            success="Saved.",
            redirect_to=reverse("admin:tools_tool_change", args=[tool.pk]),
        )

    def has_settings_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not isinstance(request.user, User):
            return False
        if request.user.has_perm(REVIEW_ALL):
            return True
        is_an_id = str(object_id).isdecimal() and int(object_id) < 2**63
        return is_an_id and _reviews(request.user, int(object_id))


def account_of(page: Any, request: HttpRequest, tool: Tool) -> dict[str, Any]:
    """What the top of a tool's page shows, as far as whoever looks may see it."""
    now, settings = timezone.now(), portal_settings.current()
    revision = tool.discovered_revision
    is_changed = tool.state == Tool.State.CHANGED
    effect, set_where = tool_words.changed_definition_in_words(tool, settings)
    return {
        "tool": tool,
        "state": tool_words.state_in_words(tool, settings, now),
        "decisions": _decisions(page, request, tool),
        "list_url": reverse("admin:tools_tool_changelist"),
        "server_url": link_to(request.user, tool.server),
        "changes": changes_as_html(tool.approved_revision, revision) if is_changed else "",
        "advisories": advisories_as_html(advisories_of(tool, revision)) if revision else "",
        "definition": definition_as_html(revision),
        "parameters": parameters_as_html(revision),
        "request_line": _request_line(revision),
        "domain": visible_text(tool.domain),
        "upstream_name": visible_text(tool.name),
        "effective_action": tool.effective_action.label,
        "action_why": tool_words.action_in_words(tool),
        "changed_definition": effect,
        "changed_definition_where": set_where,
        "cost": token_cost(tool, revision) if revision else None,
        **_use(request, tool, now),
        **_reach(request, tool, now),
        **_history(request, tool),
    }


def _use(request: HttpRequest, tool: Tool, now: Any) -> dict[str, Any]:
    may_read = request.user.has_perm("audit.view_auditrow")
    # The name is what the list is filtered by; a part of it would find others too, so it is the whole.
    query = urlencode({"tool_name__icontains": tool.client_name})
    rows = f"{reverse('admin:audit_auditrow_changelist')}?{query}" if may_read else ""
    return {"use": tool_account.use_of(tool, now), "may_read_calls": may_read, "rows_url": rows}


def _reach(request: HttpRequest, tool: Tool, now: Any) -> dict[str, Any]:
    """Names of people are for whoever may explain access; everybody else learns how many there are."""
    user = request.user
    people = tool_account.people_of(tool, now, everyone=request.GET.get("people") == _ALL)
    placements = tool_account.placements_of(tool)
    return {
        "placements": [
            {
                "toolset": placement.toolset,
                "url": link_to(user, placement.toolset),
                "profiles": [
                    {"profile": profile, "url": link_to(user, profile), "lets_through": lets_through}
                    for profile, lets_through in placement.profiles
                ],
            }
            for placement in placements.rows
        ],
        "placements_not_shown": placements.not_shown,
        "people": people,
        "may_explain": may_explain(user),
        "explained": [
            {"person": person, "url": address_of_explanation(person=person, tool=tool)}
            for person in people.rows
        ]
        if may_explain(user)
        else [],
        "explain_url": address_of_explanation(tool=tool),
    }


def _history(request: HttpRequest, tool: Tool) -> dict[str, Any]:
    wants_all = request.GET.get("history") == _ALL
    return {
        "revisions": tool_account.revisions_of(tool, everything=wants_all),
        "reviews": tool_account.reviews_of(tool, everything=wants_all),
    }


def _decisions(page: Any, request: HttpRequest, tool: Tool) -> list[dict[str, str]]:
    """The decisions this person may take about the tool now. Each asks on a page of its own first."""
    if not isinstance(request.user, User) or not _reviews(request.user, tool.pk):
        return []
    offered = page.get_actions(request)
    fitting = {
        "approve": tool.state in APPROVABLE and tool.discovered_revision_id is not None,
        "disable": tool.state in DISABLEABLE,
        "classify": True,
    }
    variants = {"approve": "primary", "disable": "danger", "classify": "default"}
    return [
        {"name": name, "label": f"{name.title()}…", "variant": variants[name]}
        for name, fits in fitting.items()
        if fits and name in offered
    ]


def _reviews(person: User, tool_id: int) -> bool:
    return reviewable(person, Tool.objects.filter(pk=tool_id)).exists()


def _revision(tool: Tool, revision_id: str) -> ToolRevision:
    if not revision_id.isdecimal() or int(revision_id) >= 2**63:
        raise Http404
    revision = ToolRevision.objects.filter(tool=tool, pk=int(revision_id)).first()
    if revision is None:
        raise Http404
    return revision


def _request_line(revision: ToolRevision | None) -> str:
    if revision is None:
        return ""
    return visible_text(f"{revision.definition['method']} {revision.definition['path']}")
