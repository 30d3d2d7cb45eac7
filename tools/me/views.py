"""The pages of `/me/`: what a signed-in person may use, through what, and what became of their calls."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.actor import Actor
from clients import tokens
from clients.forms import OwnPasswordForm, recorded_as
from clients.models import Client, User
from tools.definition_display import parameters_of
from tools.hidden_characters import visible
from tools.me import calls, pages
from tools.me.connecting import guides

View = Callable[..., HttpResponse]
#: Enough to find a tool by; the rest of what somebody pastes is left out.
LONGEST_SEARCH = 100
SHORT_LIST = 3


def member_page(view: View) -> View:
    """A page for whoever is signed in, never kept by a browser or proxy. What isn't theirs isn't there."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "me/not_found.html", status=404)

    return never_cache(login_required(page))


def person_of(request: HttpRequest) -> User:
    """The signed-in person, as the model they are."""
    return cast(User, request.user)


@member_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What needs the person, what they can use, and the one thing to do next."""
    user, now = person_of(request), timezone.now()
    tools = pages.tools_of(user, now)
    connections = pages.connections_of(user, now)
    context = {
        "section": "overview",
        "tool_count": len(tools),
        "action_counts": pages.action_counts(tools),
        "obstacles": pages.obstacles(user, tools, connections, now),
        "connections": [one for one in connections if one.client.is_open][:SHORT_LIST],
        "refusals": calls.calls_of(user, outcome=calls.Outcome.REFUSED, most=SHORT_LIST).calls,
    }
    return render(request, "me/overview.html", context)


@member_page
@require_safe
def connect(request: HttpRequest) -> HttpResponse:
    """How each AI client is connected."""
    mcp_url = f"{settings.PORTCULLIS_PUBLIC_URL}{reverse('mcp').rstrip('/')}"
    return render(
        request, "me/connect.html", {"section": "connect", "mcp_url": mcp_url, "guides": guides(mcp_url)}
    )


@member_page
@require_safe
def my_tools(request: HttpRequest) -> HttpResponse:
    """Every tool the person can call, by server and domain."""
    user, now = person_of(request), timezone.now()
    tools = pages.tools_of(user, now)
    ways = pages.ways_to(user, tools, now)
    lines = [pages.tool_line(tool, ways.get(tool.pk, [])) for tool in tools]
    search = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH]
    chosen = pages.found(lines, search)
    context = {
        "section": "tools",
        "search": search,
        "tool_count": len(tools),
        "found_count": len(chosen),
        "servers": pages.by_server(chosen),
    }
    return render(request, "me/tools.html", context)


@member_page
@require_safe
def my_tool(request: HttpRequest, client_name: str) -> HttpResponse:
    """One of the person's tools: the definition that was reviewed."""
    user, now = person_of(request), timezone.now()
    tool = next((tool for tool in pages.tools_of(user, now) if tool.client_name == client_name), None)
    if tool is None or tool.approved_revision is None:
        raise Http404
    context = {
        "section": "tools",
        "line": pages.tool_line(tool, pages.ways_to(user, [tool], now).get(tool.pk, [])),
        "description": visible(tool.approved_revision.definition["description"]),
        "parameters": parameters_of(tool.approved_revision),
    }
    return render(request, "me/tool.html", context)


@member_page
@require_safe
def my_connections(request: HttpRequest) -> HttpResponse:
    """The person's AI clients and their tokens."""
    connections = pages.connections_of(person_of(request), timezone.now())
    return render(request, "me/connections.html", {"section": "connections", "connections": connections})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def close_connection(request: HttpRequest, client_id: str) -> HttpResponse:
    """Ask whether a connection is to be closed, then close it."""
    client = Client.objects.filter(owner=person_of(request), pk=_uuid(client_id)).first()
    if client is None:
        raise Http404
    if request.method == "POST":
        try:
            tokens.close_own_client(actor=Actor.from_request(request), client=client)
        except ValidationError:
            messages.info(request, f"{client} was closed already.")
        else:
            messages.success(request, f"{client} is closed: its next call is refused.")
        return redirect("me:connections")
    if not client.is_open:
        messages.info(request, f"{client} was closed already.")
        return redirect("me:connections")
    context = {
        "section": "connections",
        "client": client,
        "tokens": pages.token_lines(client, timezone.now()),
    }
    return render(request, "me/close.html", context)


@member_page
@require_safe
def my_calls(request: HttpRequest) -> HttpResponse:
    """The person's calls, newest first. Parameters that make no sense are as good as none."""
    asked = request.GET.get("outcome", "")
    outcome = calls.Outcome(asked) if asked in FILTERS else None
    page = calls.calls_of(
        person_of(request), outcome=outcome, older_than=_row_id(request.GET.get("older", ""))
    )
    context = {
        "section": "calls",
        "page": page,
        "outcome": outcome,
        "filters": [calls.Outcome(name) for name in FILTERS],
        "is_first": "older" not in request.GET,
    }
    return render(request, "me/calls.html", context)


FILTERS = [outcome.value for outcome in calls.Outcome if outcome != calls.Outcome.OPEN]


@member_page
@require_safe
def my_call(request: HttpRequest, call_id: str) -> HttpResponse:
    """One call of the person."""
    call = calls.call_of(person_of(request), _uuid(call_id))
    if call is None:
        raise Http404
    return render(request, "me/call.html", {"section": "calls", "call": call})


@member_page
def password(request: HttpRequest) -> HttpResponse:
    """A new password, on record as changed."""
    page: Any = OwnPasswordPage.as_view(form_class=recorded_as(OwnPasswordForm, Actor.from_request(request)))
    return page(request)


class OwnPasswordPage(PasswordChangeView):
    template_name = "me/password.html"
    success_url = reverse_lazy("me:overview")
    extra_context = {"section": "password"}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Your password is changed.")
        return response


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _row_id(text: str) -> int | None:
    """An audit row's id, None for what can't be one."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), 2**63 - 1)
