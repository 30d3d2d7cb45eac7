"""Pages of their own about one server, beside its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from catalog.models import Server

if TYPE_CHECKING:
    from catalog.admin import ServerAdmin


class ServerPage:
    """One page at `/admin/catalog/server/<id>/<path>/`. Other rooms bring theirs along.

    Whoever has one of `may_look` opens it, whoever has `may_send` sends its forms.
    """

    path: ClassVar[str]
    name: ClassVar[str]
    #: What the link on the server's page says; none without.
    label: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    title: ClassVar[str]
    template: ClassVar[str]
    may_look: ClassVar[tuple[str, ...]]
    may_send: ClassVar[str]

    def __init__(self, admin: ServerAdmin) -> None:
        self.admin = admin

    def pattern(self) -> URLPattern:
        """Its address, for the site's."""
        site: Any = self.admin.admin_site
        return path(
            f"<path:object_id>/{self.path}/", site.admin_view(self.open), name=f"catalog_server_{self.name}"
        )

    def url_for(self, server: Server) -> str:
        """Its address for this server."""
        return reverse(f"admin:catalog_server_{self.name}", args=[server.pk])

    def is_open_to(self, request: HttpRequest) -> bool:
        """Whether this person may look at it."""
        return any(request.user.has_perm(permission) for permission in self.may_look)

    def may_change(self, request: HttpRequest) -> bool:
        """Whether this person may send its forms."""
        return request.user.has_perm(self.may_send)

    def open(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The view. Raises PermissionDenied, Http404."""
        is_sent = request.method == "POST"
        if not self.is_open_to(request) or (is_sent and not self.may_change(request)):
            raise PermissionDenied
        server = self.admin.found(request, object_id)
        return self.send(request, server) if is_sent else self.show(request, server)

    def show(self, request: HttpRequest, server: Server) -> HttpResponse:
        """The page itself."""
        raise NotImplementedError

    def send(self, request: HttpRequest, server: Server) -> HttpResponse:
        """What one of its forms asks for."""
        raise NotImplementedError

    def rendered(self, request: HttpRequest, server: Server, **context: Any) -> TemplateResponse:
        """The page's template with what every page of the admin needs."""
        return TemplateResponse(
            request,
            self.template,
            {
                **self.admin.admin_site.each_context(request),
                "title": f"{server}: {self.title}",
                "opts": self.admin.opts,
                "server": server,
                "may_change": self.may_change(request),
                "server_url": reverse("admin:catalog_server_change", args=[server.pk]),
                **context,
            },
        )
