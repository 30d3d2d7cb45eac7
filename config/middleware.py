"""Short middlewares: a name for each request, where it came from, and what its page may load."""

from __future__ import annotations

import contextlib
import ipaddress
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]

STRICT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Unfold's pages need Alpine (unsafe-eval) and inline styles; scripts stay limited to our own files.
ADMIN_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The pages for members have no script or style of their own in them, and ask for nothing in the background.
MEMBER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# A page that says what went wrong loads how it looks, and nothing else.
ERROR_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
POLICIES = (
    ("/admin/", ADMIN_POLICY),
    ("/me/", MEMBER_POLICY),
    ("/sign-in/", MEMBER_POLICY),
    ("/sign-out/", MEMBER_POLICY),
)


def request_identifier(get_response: Handler) -> Handler:
    """Give each request an id that ties its audit rows together and returns in `X-Request-Id`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


def source_address(get_response: Handler) -> Handler:
    """Put the caller's own address in REMOTE_ADDR when proxies of ours stand in between.

    Each of them appends the address it saw to X-Forwarded-For, so ours is counted from the right: whatever a
    caller wrote there himself stands further left. A header that is too short or no address leaves the
    nearest proxy's address: wrong, but never somebody else's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if 0 < settings.PORTCULLIS_PROXIES <= len(hops):
            with contextlib.suppress(ValueError):
                address = ipaddress.ip_address(hops[-settings.PORTCULLIS_PROXIES])
                request.META["REMOTE_ADDR"] = str(address)
        return get_response(request)

    return middleware


def content_security_policy(get_response: Handler) -> Handler:
    """Send a Content-Security-Policy: that of the pages below an address, or next to nothing elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_error_page = response.status_code >= 400 and response.get("Content-Type", "").startswith(
            "text/html"
        )
        others = ERROR_POLICY if is_error_page else STRICT_POLICY
        policy = next((policy for start, policy in POLICIES if request.path.startswith(start)), others)
        response.setdefault("Content-Security-Policy", policy)
        return response

    return middleware
