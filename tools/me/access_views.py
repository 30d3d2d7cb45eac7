"""The pages on which people see what access they hold and ask for more."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actor import Actor
from audit.admin_base import sentences
from tools import access_requests
from tools.me import access
from tools.me.views import member_page, person_of
from tools.models import AccessRequest

LARGEST_ID = 2**63 - 1


@member_page
@require_safe
def my_access(request: HttpRequest) -> HttpResponse:
    """What the person holds, what they asked for, and what they can ask for."""
    user, now = person_of(request), timezone.now()
    context = {
        "section": "access",
        "grants": access.grants_of(user, now),
        "offers": access.offers_to(user, now),
        "requests": access.requests_of(user),
    }
    return render(request, "me/access.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Ask why somebody needs a profile, then hand the request in."""
    user = person_of(request)
    offer = access.offer_of(user, min(profile_id, LARGEST_ID), timezone.now())
    if offer is None:
        raise Http404
    problem = ""
    reason = request.POST.get("reason", "").replace("\0", "")
    if request.method == "POST":
        try:
            access_requests.ask(
                actor=Actor.from_request(request), person=user, profile=offer.profile, reason=reason
            )
        except ValidationError as error:
            problem = sentences(error)
        else:
            messages.success(request, f"You asked for {offer.profile}. The answer appears here.")
            return redirect("me:access")
    context = {
        "section": "access",
        "offer": offer,
        "problem": problem,
        "reason": reason,
        "longest": access_requests.LONGEST_TEXT,
    }
    return render(request, "me/ask.html", context)


@member_page
@require_POST
def withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take an open request back."""
    mine = AccessRequest.objects.filter(person=person_of(request), pk=min(request_id, LARGEST_ID)).first()
    if mine is None:
        raise Http404
    try:
        access_requests.withdraw(actor=Actor.from_request(request), request=mine)
    except ValidationError as error:
        messages.info(request, sentences(error))
    else:
        messages.success(request, f"You took your request for {mine.profile} back.")
    return redirect("me:access")
