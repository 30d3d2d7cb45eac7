"""The review inbox: what waits, the longest first, and one tool at a time beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.actor import Actor
from audit.admin_base import sentences
from clients.models import User
from tools import bulk, impact, inbox, review
from tools.admin_undo import reviewer_behind, undo_context
from tools.definition_change_display import advisories_as_html, changes_as_html
from tools.definition_display import definition_as_html, parameters_as_html
from tools.forms import OneToolForm
from tools.inbox import InboxFilter
from tools.models import Action, Review, Tool
from tools.reviewers import reviewable

PER_PAGE = 50
_DECISIONS = {
    "approve": Review.Decision.APPROVE,
    "disable": Review.Decision.DISABLE,
    "classify": Review.Decision.CLASSIFY,
}


@dataclass(frozen=True, slots=True)
class Line:
    """The waiting tools in order, and where in it one of them stands."""

    ids: list[int]
    tool_id: int | None = None

    @property
    def position(self) -> int | None:
        """1 for the first; None for a tool that doesn't wait or doesn't fit the filter."""
        return self.ids.index(self.tool_id) + 1 if self.tool_id in self.ids else None

    @property
    def following(self) -> int | None:
        """The one after the tool, the first for a tool that isn't among them."""
        at = self.position or 0
        return self.ids[at] if at < len(self.ids) else None

    @property
    def preceding(self) -> int | None:
        at = (self.position or 0) - 2
        return self.ids[at] if at >= 0 else None

    def after_deciding(self, remaining: list[int]) -> int | None:
        """Which one to show once the tool is decided about: the next that still waits, else the first."""
        still = set(remaining) - {self.tool_id}
        later = [pk for pk in self.ids[self.position or 0 :] if pk in still]
        return next(iter(later), None) or next((pk for pk in remaining if pk in still), None)

    def page(self, number: int) -> list[int]:
        return self.ids[(number - 1) * PER_PAGE : number * PER_PAGE]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.ids) // PER_PAGE))


def address_of(tool_id: int | None, narrowed: InboxFilter) -> str:
    """Where a tool is reviewed; the inbox itself for none."""
    if tool_id is None:
        return reverse("admin:tools_tool_inbox") + narrowed.query
    return reverse("admin:tools_tool_inbox_tool", args=[tool_id]) + narrowed.query


def inbox_view(site: admin.AdminSite) -> Callable[..., HttpResponse]:
    """The page that lists what waits for the person."""

    def view(request: HttpRequest) -> HttpResponse:
        person = reviewer_behind(request)
        narrowed = InboxFilter.from_query(request.GET)
        line = Line(inbox.ids_in_order(person, narrowed))
        number = _page_number(request, line)
        context = {**_shared(site, request, person, narrowed, line, number), "title": "Review inbox"}
        return TemplateResponse(request, "admin/tools/inbox/inbox.html", context)

    return view


def tool_view(site: admin.AdminSite) -> Callable[..., HttpResponse]:
    """The page of one tool that waits, with everything to decide about it by."""

    def view(request: HttpRequest, tool_id: str) -> HttpResponse:
        person = reviewer_behind(request)
        tool = _find(person, tool_id)
        narrowed = InboxFilter.from_query(request.GET)
        form = OneToolForm(request.POST if request.method == "POST" else None, tool=tool)
        line = Line(inbox.ids_in_order(person, narrowed), tool.pk)
        if request.method == "POST" and form.is_valid():
            return _decide(request, person, form, narrowed, line)
        number = ((line.position or 1) - 1) // PER_PAGE + 1
        context = {
            **_shared(site, request, person, narrowed, line, number),
            **_of_tool(person, tool),
            "title": f"Review {tool}",
            "form": form,
        }
        return TemplateResponse(request, "admin/tools/inbox/tool.html", context)

    return view


def _find(person: User, tool_id: str) -> Tool:
    """Raises Http404 for no tool, PermissionDenied for one that others review."""
    if not (tool_id.isascii() and tool_id.isdigit() and len(tool_id) < 19):
        raise Http404
    tool = Tool.objects.select_related("server", "approved_revision", "discovered_revision").filter(
        pk=int(tool_id)
    ).first()  # fmt: skip
    if tool is None:
        raise Http404
    if not reviewable(person, Tool.objects.filter(pk=tool.pk)).exists():
        raise PermissionDenied
    return tool


def _page_number(request: HttpRequest, line: Line) -> int:
    given = request.GET.get("page", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 1
    return min(max(number, 1), line.pages)


def _shared(
    site: admin.AdminSite,
    request: HttpRequest,
    person: User,
    narrowed: InboxFilter,
    line: Line,
    number: int,
) -> dict[str, Any]:
    theirs = inbox.waiting(person).order_by()
    return {
        **site.each_context(request),
        **undo_context(request),
        "opts": Tool._meta,
        "narrowed": narrowed,
        "line": line,
        "entries": inbox.entries(line.page(number)),
        "page_number": number,
        "first_number": (number - 1) * PER_PAGE + 1,
        "previous_page": number - 1 if number > 1 else None,
        "next_page": number + 1 if number < line.pages else None,
        "previous_address": address_of(line.preceding, narrowed) if line.preceding else "",
        "next_address": address_of(line.following, narrowed) if line.following else "",
        "inbox_address": address_of(None, narrowed),
        "servers": theirs.order_by("server__name").values_list("server_id", "server__name").distinct(),
        "domains": theirs.order_by("domain").values_list("domain", flat=True).distinct(),
        "actions": Action.choices,
        "states": [(state.value, state.label) for state in inbox.WAITING],
    }


def _of_tool(person: User, tool: Tool) -> dict[str, Any]:
    (entry,) = inbox.entries([tool.pk])
    endorsed_by_self = entry.endorsement is not None and entry.endorsement.reviewer_id == str(person.pk)
    needs_second = bool(bulk.needing_a_second(person=person, entries=[entry]))
    is_changed = tool.approved_revision is not None and entry.look.grade is not None
    return {
        "entry": entry,
        "tool": tool,
        "is_waiting": tool.state in inbox.WAITING,
        "changes": changes_as_html(tool.approved_revision, tool.discovered_revision) if is_changed else "",
        "definition": definition_as_html(tool.discovered_revision),
        "parameters": parameters_as_html(tool.discovered_revision),
        "advisories": advisories_as_html(entry.look.advisories),
        "needs_second": needs_second,
        "endorsed_by_self": endorsed_by_self and needs_second,
        "can_approve": tool.state in review.APPROVABLE and not (endorsed_by_self and needs_second),
        "can_disable": tool.state in review.DISABLEABLE,
        "if_approved": "" if needs_second else impact.of_approving([tool]).in_words(),
        "if_disabled": impact.of_disabling([tool]).in_words(),
        "may_open_tool": person.has_perm("tools.view_tool"),
    }


def _decide(
    request: HttpRequest, person: User, form: OneToolForm, narrowed: InboxFilter, line: Line
) -> HttpResponse:
    """Carry out what the form asks for and go to the next tool; back to the same when it is refused."""
    tool = form.tool
    decision = _DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        messages.error(request, "Nothing was changed. Choose what to decide: approve or disable.")
        return HttpResponseRedirect(address_of(tool.pk, narrowed))
    try:
        (decided,) = _carry_out(Actor.from_request(request), form, decision)
    except ValidationError as error:
        messages.error(request, f"Nothing was changed. {sentences(error)}")
        return HttpResponseRedirect(address_of(tool.pk, narrowed))
    if decision == Review.Decision.CLASSIFY:
        messages.success(request, f"{decided} classified.")
        return HttpResponseRedirect(address_of(tool.pk, narrowed))
    if decision == Review.Decision.APPROVE and decided.state != Tool.State.APPROVED:
        messages.success(
            request, f"{decided} approved as the first of two. It waits for a second reviewer's approval."
        )
    else:
        messages.success(request, f"{decided} {decision.label}.")
    remaining = inbox.ids_in_order(person, narrowed)
    return HttpResponseRedirect(address_of(line.after_deciding(remaining), narrowed))


def _carry_out(actor: Actor, form: OneToolForm, decision: Review.Decision) -> list[Tool]:
    decisions, comment = form.cleaned_data["shown"], form.cleaned_data["comment"]
    if decision == Review.Decision.DISABLE:
        return review.disable(actor=actor, decisions=decisions, comment=comment)
    if decision == Review.Decision.CLASSIFY:
        classification = form.classification
        if classification is None:
            raise ValidationError("Choose another risk or a stricter action first.")
        return review.classify(
            actor=actor, decisions=decisions, comment=comment, classification=classification
        )
    return review.approve(
        actor=actor,
        decisions=decisions,
        comment=comment,
        expires_at=form.expires_at,
        classification=form.classification,
    )
