"""Signing in and out of the portal's own pages. The admin keeps a form of its own."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache


class SignIn(LoginView):
    template_name = "portal/sign_in.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Where the person wanted to go; empty for this very page, which would only send them on again."""
        url = super().get_redirect_url()
        return "" if url.partition("?")[0] == self.request.path else url


class SignOut(LogoutView):
    next_page = "sign-in"


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Each person's own place."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    return redirect("admin:index" if request.user.is_staff else "me:overview")
