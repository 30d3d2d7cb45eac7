"""Deciding about many tools at once: a page that shows what would change and for whom, then the decision."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.actor import Actor
from audit.admin_base import sentences
from tools import bulk, inbox, review
from tools.admin_links import may_explain
from tools.admin_undo import reviewer_behind
from tools.bulk import Proposal
from tools.forms import DAMAGED, ApprovalForm, ClassificationForm, ReviewForm
from tools.impact import Impact
from tools.inbox import InboxFilter
from tools.models import Review, Tool
from tools.review import Shown

FORMS: dict[Review.Decision, type[ReviewForm]] = {
    Review.Decision.APPROVE: ApprovalForm,
    Review.Decision.DISABLE: ReviewForm,
    Review.Decision.CLASSIFY: ClassificationForm,
}
#: Where the page was asked for, and so where it leads back to.
FROM_LIST = "list"
_PEOPLE_LISTED = 50


def bulk_view(site: admin.AdminSite, decision: Review.Decision) -> Callable[..., HttpResponse]:
    """The page for one decision about the waiting tools that a filter names, or that a form brings."""

    def view(request: HttpRequest) -> HttpResponse:
        person = reviewer_behind(request)
        if request.method != "POST":
            ids = inbox.ids_in_order(person, InboxFilter.from_query(request.GET))
            return ask(site, request, decision, ids)
        form = FORMS[decision](request.POST)
        if not form.is_valid() and "shown" in form.errors:
            messages.error(request, DAMAGED)
            return HttpResponseRedirect(_back(request))
        shown: list[Shown] = form.cleaned_data["shown"]
        chosen = _chosen(request, shown)
        if "preview" in request.POST or not form.is_valid():
            return _ask_again(site, request, decision, form, shown, chosen)
        return _carry_out(site, request, decision, form, shown, chosen)

    return view


def ask(
    site: admin.AdminSite,
    request: HttpRequest,
    decision: Review.Decision,
    tool_ids: Collection[int],
    *,
    came_from: str = "",
) -> HttpResponse:
    """The page that asks for a decision about these tools, with all ticked that may be waved through."""
    person = reviewer_behind(request)
    if len(tool_ids) > bulk.MOST_AT_ONCE:
        messages.error(
            request,
            f"Narrow it down: these are {len(tool_ids):,} tools, "
            f"and at most {bulk.MOST_AT_ONCE:,} are decided about at once.",
        )
        return HttpResponseRedirect(_list_address() if came_from else _back(request))
    proposal = bulk.propose(person=person, tool_ids=tool_ids, decision=decision)
    form = FORMS[decision](initial={"shown": ReviewForm.shown_text(e.tool for e in proposal.entries)})
    return _page(site, request, proposal, form, proposal.ordinary_ids, came_from)


def _ask_again(
    site: admin.AdminSite,
    request: HttpRequest,
    decision: Review.Decision,
    form: ReviewForm,
    shown: list[Shown],
    chosen: frozenset[int],
) -> HttpResponse:
    """The same page with what was ticked and filled in. It shows the tools as they are now, and says so."""
    proposal = bulk.propose(
        person=reviewer_behind(request), tool_ids=[item.tool_id for item in shown], decision=decision
    )
    now = {entry.tool.pk: review.shown(entry.tool) for entry in proposal.entries}
    moved = [item.tool_id for item in shown if now.get(item.tool_id) not in (item, None)]
    if moved:
        names = ", ".join(str(entry.tool) for entry in proposal.entries if entry.tool.pk in moved)
        messages.warning(request, f"Changed while you were looking, so no longer ticked: {names}.")
    data = form.data.copy()  # type: ignore[attr-defined]
    data["shown"] = ReviewForm.shown_text(entry.tool for entry in proposal.entries)
    again = FORMS[decision](data)
    return _page(site, request, proposal, again, chosen - set(moved), request.POST.get("came_from", ""))


def _page(
    site: admin.AdminSite,
    request: HttpRequest,
    proposal: Proposal,
    form: ReviewForm,
    chosen: Collection[int],
    came_from: str,
) -> HttpResponse:
    decision = proposal.decision
    verb = {"approve": "Approve", "disable": "Disable", "classify": "Classify"}[decision.value]
    found = _impact(request, proposal, form, chosen)
    # How many they are is for everybody who decides; who they are, for those who may know who has access.
    people = (found.losing or found.gaining) if may_explain(request.user) else ()
    second = bulk.needing_a_second(person=reviewer_behind(request), entries=proposal.entries)
    context = {
        **site.each_context(request),
        "title": f"{verb} {_counted(len(proposal.entries))}",
        "opts": Tool._meta,
        "proposal": proposal,
        "decision": decision.value,
        "verb": verb,
        "form": form,
        "chosen": chosen,
        "impact": found,
        "people": people[:_PEOPLE_LISTED],
        "people_not_listed": max(0, len(people) - _PEOPLE_LISTED),
        "second_ids": {entry.tool.pk for entry in second} if decision == Review.Decision.APPROVE else (),
        "button_variant": "danger" if decision == Review.Decision.DISABLE else "primary",
        "came_from": FROM_LIST if came_from == FROM_LIST else "",
        "action_address": reverse(f"admin:tools_tool_bulk_{decision.value}")
        + InboxFilter.from_query(request.GET).query,
        "back_address": _list_address() if came_from == FROM_LIST else _back(request),
    }
    return TemplateResponse(request, "admin/tools/inbox/bulk.html", context)


def _impact(request: HttpRequest, proposal: Proposal, form: ReviewForm, chosen: Collection[int]) -> Impact:
    classification = None
    if isinstance(form, ClassificationForm) and form.is_bound and form.is_valid():
        classification = form.classification
    return bulk.impact_of(
        person=reviewer_behind(request), proposal=proposal, chosen=chosen, classification=classification
    )


def _carry_out(
    site: admin.AdminSite,
    request: HttpRequest,
    decision: Review.Decision,
    form: ReviewForm,
    shown: list[Shown],
    chosen: frozenset[int],
) -> HttpResponse:
    decisions = [item for item in shown if item.tool_id in chosen]
    if not decisions:
        messages.error(request, "Nothing was changed. Tick at least one tool.")
        return _ask_again(site, request, decision, form, shown, chosen)
    try:
        decided = _decide(Actor.from_request(request), decision, form, decisions)
    except review.ReviewRefused as error:
        messages.error(request, f"Nothing was changed. {sentences(error)}")
        return HttpResponseRedirect(_back(request))
    except ValidationError as error:
        messages.error(request, f"Nothing was changed. {sentences(error)}")
        return _ask_again(site, request, decision, form, shown, chosen)
    messages.success(request, _what_was_done(decision, decided))
    return HttpResponseRedirect(_back(request))


def _decide(actor: Actor, decision: Review.Decision, form: ReviewForm, decisions: list[Shown]) -> list[Tool]:
    comment = form.cleaned_data["comment"]
    if isinstance(form, ApprovalForm):
        return review.approve(actor=actor, decisions=decisions, comment=comment, expires_at=form.expires_at)
    if isinstance(form, ClassificationForm):
        classification = form.classification
        if classification.risk is None and classification.tightened_action is None:
            raise ValidationError("Choose a risk or an action.")
        return review.classify(
            actor=actor, decisions=decisions, comment=comment, classification=classification
        )
    return review.disable(actor=actor, decisions=decisions, comment=comment)


def _what_was_done(decision: Review.Decision, decided: list[Tool]) -> str:
    if decision != Review.Decision.APPROVE:
        return f"{_counted(len(decided))} {decision.label}."
    approved = [tool for tool in decided if tool.state == Tool.State.APPROVED]
    waiting = len(decided) - len(approved)
    parts = [f"{_counted(len(approved))} approved."] if approved else []
    if waiting:
        parts.append(f"{_counted(waiting)} approved as the first of two: somebody else must approve too.")
    return " ".join(parts)


def _chosen(request: HttpRequest, shown: list[Shown]) -> frozenset[int]:
    """The ticked ones. Raises BadRequest for a tick that the page can't have had."""
    offered = {str(item.tool_id): item.tool_id for item in shown}
    ticked = request.POST.getlist("chosen")
    if any(text not in offered for text in ticked):
        raise BadRequest("A ticked tool is none that the page showed.")
    return frozenset(offered[text] for text in ticked)


def _back(request: HttpRequest) -> str:
    if request.POST.get("came_from") == FROM_LIST:
        return _list_address()
    return reverse("admin:tools_tool_inbox") + InboxFilter.from_query(request.GET).query


def _list_address() -> str:
    return reverse("admin:tools_tool_changelist")


def _counted(number: int) -> str:
    return f"{number:,} {'tool' if number == 1 else 'tools'}"
