"""Links between the pages of the admin, given to those who may follow them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from unfold.decorators import action

from audit.admin_base import PortalAdmin
from audit.events import Event
from audit.models import AuditRow
from clients.models import Client, User
from tools.models import Grant, Tool

EXPLAIN = ("tools.view_grant", "tools.view_tool")


def may_explain(user: Any) -> bool:
    """Whether somebody may see who can call what, and why."""
    return bool(user.has_perms(EXPLAIN))


def link_to(user: Any, about: models.Model | None) -> str:
    """The address of an object's page; empty where there is none, or none for this person.

    A grant that isn't stored is one to be given.
    """
    if about is None:
        return ""
    if isinstance(about, Grant) and about._state.adding:
        return _link_to_giving(user, about)
    label, name = about._meta.app_label, about._meta.model_name
    if not (user.has_perm(f"{label}.view_{name}") or user.has_perm(f"{label}.change_{name}")):
        return ""
    try:
        return reverse(f"admin:{label}_{name}_change", args=[about.pk])
    except NoReverseMatch:
        return ""


def _link_to_giving(user: Any, grant: Grant) -> str:
    """The form that gives this grant, filled in; the profile's page for whoever may give none."""
    if not user.has_perm("tools.add_grant"):
        return link_to(user, grant.profile)
    chosen = urlencode({"profile": grant.profile_id, "user": grant.user_id or ""})
    return f"{reverse('admin:tools_grant_add')}?{chosen}"


def address_of_explanation(
    *, person: User | None = None, tool: Tool | None = None, client: Client | None = None
) -> str:
    """The page that explains the access of this person, through this client, to this tool."""
    chosen = {
        "person": person.get_username() if person else "",
        "client": str(client.pk) if client else "",
        "tool": tool.client_name if tool else "",
    }
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('admin:tools_explain')}{'?' if query else ''}{query}"


def explanation_of_row(user: Any, row: AuditRow) -> list[tuple[str, str]]:
    """From the row of a denied call to why such a call is refused now, for those who may know."""
    if row.event != Event.CALL_DENIED or not may_explain(user):
        return []
    chosen = {"person": row.actor_name, "client": row.client_id, "tool": row.tool_name}
    return [("Explain why, as things are now", f"{reverse('admin:tools_explain')}?{urlencode(chosen)}")]


def offer_explanation(admin_class: type[PortalAdmin]) -> None:
    """Put "Explain access" on the pages of people or clients, for those who may. They don't know of tools."""

    @action(description="Explain access", icon="help_center", permissions=["explain"], url_path="explain")
    def explain(self: PortalAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
        found = self.found(request, object_id)
        address = (
            address_of_explanation(person=found.owner, client=found)
            if isinstance(found, Client)
            else address_of_explanation(person=found)
        )
        return HttpResponseRedirect(address)

    def has_explain_permission(self: PortalAdmin, request: HttpRequest, object_id: Any = None) -> bool:
        return may_explain(request.user)

    known: Any = admin_class
    known.explain, known.has_explain_permission = explain, has_explain_permission
    known.actions_detail = (*known.actions_detail, "explain")
