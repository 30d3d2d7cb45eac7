"""Taking back the last decision, for a minute."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit.actor import Actor
from audit.admin_base import sentences
from clients.models import User
from tools import inbox, review
from tools.inbox import InboxFilter
from tools.models import Review
from tools.reviewers import may_review_something


def reviewer_behind(request: HttpRequest) -> User:
    """The signed-in person. Raises PermissionDenied unless they may review something."""
    if not isinstance(request.user, User) or not may_review_something(request.user):
        raise PermissionDenied
    return request.user


def undo_context(request: HttpRequest) -> dict[str, Any]:
    """What `admin/tools/inbox/undo.html` needs."""
    is_reviewer = isinstance(request.user, User) and may_review_something(request.user)
    return {"undoable": inbox.undoable(request.user) if is_reviewer else None}  # type: ignore[arg-type]


def undo_view(request: HttpRequest, batch: str) -> HttpResponse:
    """Undo the decisions of one batch, when sent; looked at, it leads to the inbox."""
    reviewer_behind(request)
    try:
        wanted = uuid.UUID(batch)
    except ValueError:
        raise Http404 from None
    if not Review.objects.filter(batch=wanted).exists():
        raise Http404
    back = reverse("admin:tools_tool_inbox") + InboxFilter.from_query(request.GET).query
    if request.method != "POST":
        return HttpResponseRedirect(back)
    try:
        undone = review.undo(actor=Actor.from_request(request), batch=wanted)
    except ValidationError as error:
        messages.error(request, f"Nothing was undone. {sentences(error)}")
        return HttpResponseRedirect(back)
    if len(undone) > 1:
        messages.success(request, f"Undone: {len(undone):,} tools are again as they were.")
        return HttpResponseRedirect(back)
    tool = undone[0]
    messages.success(request, f"Undone: {tool} is {tool.get_state_display()} again.")
    if tool.state not in inbox.WAITING:
        return HttpResponseRedirect(back)
    address = reverse("admin:tools_tool_inbox_tool", args=[tool.pk])
    return HttpResponseRedirect(address + InboxFilter.from_query(request.GET).query)
