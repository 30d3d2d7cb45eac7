"""The page on which "Add server" begins: what can be connected, and what admins have hidden."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.actor import Actor
from audit.admin_base import sentences
from catalog import entries
from catalog.connectors.base import Connector
from catalog.connectors.registry import all_connectors
from catalog.models import Server

HIDE, SHOW = "hide", "show"


def catalog_page(request: HttpRequest, model_admin: ModelAdmin[Server]) -> HttpResponse:
    """The connectors to choose from. Whoever may change the catalog also sees hidden ones, and can show them.

    A POST with `hide` or `show` and a connector's key does so.
    """
    may_change = request.user.has_perm("catalog.change_catalogentry")
    if request.method == "POST" and (HIDE in request.POST or SHOW in request.POST):
        return _change(request)
    offered = entries.offered()
    keys = {connector.key for connector in offered}
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "title": "Add server",
        "opts": model_admin.opts,
        "connectors": offered,
        "hidden": [known for known in all_connectors() if known.key not in keys] if may_change else [],
        "may_change_catalog": may_change,
    }
    return TemplateResponse(request, "admin/catalog/server/choose_connector.html", context)


def refusal_to_add(connector: Connector) -> str:
    """Why no server can be added with this connector; empty when one can."""
    try:
        entries.require_offered(connector)
    except ValidationError as error:
        return sentences(error)
    return ""


def _change(request: HttpRequest) -> HttpResponse:
    actor = Actor.from_request(request)
    hides = HIDE in request.POST
    key = request.POST[HIDE if hides else SHOW]
    connector = next((known for known in all_connectors() if known.key == key), None)
    if not request.user.has_perm("catalog.change_catalogentry"):
        raise PermissionDenied
    if connector is None:
        messages.error(request, "There is no such connector. The catalog below is as it is now.")
    elif hides:
        entries.hide(actor=actor, connector=connector)
        messages.success(
            request, f"{connector.label} is hidden: no server can be added with it. {_go_on(connector)}"
        )
    else:
        entries.show(actor=actor, connector=connector)
        messages.success(request, f"{connector.label} is offered again.")
    return HttpResponseRedirect(reverse("admin:catalog_server_add"))


def _go_on(connector: Connector) -> str:
    counted = Server.objects.filter(connector_key=connector.key).count()
    if not counted:
        return "No server uses it."
    return f"{counted} registered {'server goes' if counted == 1 else 'servers go'} on as before."
