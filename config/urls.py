from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView

from clients.admin import change_own_password
from tools.gateway.view import MCPView

urlpatterns = [
    # Some clients add the slash and some proxies take it away: both reach the same view.
    re_path(r"^mcp/?$", MCPView.as_view(), name="mcp"),
    path("admin/password_change/", admin.site.admin_view(change_own_password, cacheable=True)),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]
