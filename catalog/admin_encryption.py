"""The page that says how many secrets are on the newest encryption key. To look at only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from catalog.encryption_status import MOST_LOOKED_AT, encryption_status

if TYPE_CHECKING:
    from catalog.admin import ServerAdmin


def encryption_keys(admin: ServerAdmin, request: HttpRequest) -> HttpResponse:
    """The page. Raises PermissionDenied without `catalog.view_credential`."""
    if not request.user.has_perm("catalog.view_credential"):
        raise PermissionDenied
    context = {
        **admin.admin_site.each_context(request),
        "title": "Encryption keys",
        "opts": admin.opts,
        "status": encryption_status(),
        "most_looked_at": MOST_LOOKED_AT,
    }
    return TemplateResponse(request, "admin/catalog/server/encryption_keys.html", context)
