"""Deleting a server: what goes, what stays, and its name typed by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from audit.actor import Actor
from audit.models import AuditRow
from catalog import servers
from catalog.admin_pages import ServerPage
from catalog.models import Server

#: Counting further would cost more than it tells.
MOST_COUNTED = 10_000


class DeletionForm(forms.Form):
    """The server's name, typed as it is spelled."""

    typed_name = forms.CharField(
        label="Type the server's name to delete it",
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the server's name: deleting can't be undone."},
    )


class DeletionPage(ServerPage):
    """Takes the place of the admin's own page of deletion, at the same address."""

    path = "delete"
    name = "delete"
    title = "delete"
    template = "admin/catalog/server/delete.html"
    may_look = ("catalog.delete_server",)
    may_send = "catalog.delete_server"

    def show(self, request: HttpRequest, server: Server) -> HttpResponse:
        return self._page(request, server, DeletionForm())

    def send(self, request: HttpRequest, server: Server) -> HttpResponse:
        form = DeletionForm(request.POST)
        if form.is_valid():
            name = str(server)
            try:
                servers.delete(actor=Actor.from_request(request), server=server, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, f"{name} is deleted, with its keys and tools. Its audit rows stay.")
                return HttpResponseRedirect(reverse("admin:catalog_server_changelist"))
        return self._page(request, server, form)

    def _page(self, request: HttpRequest, server: Server, form: Any) -> HttpResponse:
        kept = AuditRow.objects.filter(server_id=server.pk).order_by()[: MOST_COUNTED + 1].count()
        return self.rendered(
            request,
            server,
            form=form,
            losses=[loss for find in self.admin.losses for loss in find(server)],
            rows_kept=f"More than {MOST_COUNTED:,}" if kept > MOST_COUNTED else f"{kept:,}",
        )
