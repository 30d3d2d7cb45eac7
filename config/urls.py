from typing import Any, cast

from django.contrib import admin
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from clients.admin import change_own_password
from clients.sign_in import SignIn, SignOut, home
from tools.gateway.view import MCPView


def search(request: HttpRequest) -> HttpResponse:
    """Unfold's search among the pages; a page of results that is none is not found instead of a fault."""
    try:
        return cast(Any, admin.site).search(request)
    except (InvalidPage, ValueError):
        raise Http404 from None


urlpatterns = [
    # Some clients add the slash and some proxies take it away: both reach the same view.
    re_path(r"^mcp/?$", MCPView.as_view(), name="mcp"),
    path("admin/search/", admin.site.admin_view(search)),
    path("admin/password_change/", admin.site.admin_view(change_own_password, cacheable=True)),
    path("admin/", admin.site.urls),
    path("me/", include("tools.me.urls")),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("", home, name="home"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
