"""What a person reads when a page can't be shown. At `/mcp` the same is JSON: a client program reads it.

The pages ask nothing of the database or the session: either may be what failed. They don't tell an address
that doesn't exist from one that is somebody else's.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from mcp_types.jsonrpc import INTERNAL_ERROR, INVALID_REQUEST

_MCP = re.compile(r"^/mcp/?$")
_ASK_OPERATIONS = "If it happens again, tell the operations staff the time and the request id below."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request is broken, or names a host that isn't the portal's."""
    return _answer(
        request,
        400,
        "This request can't be answered",
        ["The address or the form that was sent is broken, or it named another host than the portal's.",
         "Nothing was changed."],
        ["Check the address, go back, and try again.", _ASK_OPERATIONS],
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but without the permission. A verb's own words say which one is missing."""
    return _answer(
        request,
        403,
        "Your account may not do this",
        [text for text in (str(exception), "Nothing was changed.") if text],
        ["Do you need it for your work? Ask a superuser of Portcullis for the role that includes it.",
         "Are you signed in with the right account? If not, sign out and in again."],
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that this page didn't give out, mostly one that was open during another sign-in."""
    return _answer(
        request,
        403,
        "This form is out of date",
        ["You signed in or out since it was opened, or the browser keeps no cookies for this portal.",
         "What it held was not carried out: nothing was changed."],
        ["Go back, reload the page, and send it again. Copy longer texts first: reloading empties the form.",
         "If that doesn't help, allow cookies for this portal and sign in again."],
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or none that the person may know of."""
    return _answer(
        request,
        404,
        "There is no such page",
        ["The address may be mistyped, what it showed may be gone, or your account may not see it."],
        ["Check the address.", "Look for it from the start page."],
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. What went wrong is in the log, never on the page."""
    return _answer(
        request,
        500,
        "Something went wrong in Portcullis",
        ["The fault is ours, and it is in the portal's log. What you sent may not have been carried out."],
        ["Try again in a moment, and look first whether your change is there already.", _ASK_OPERATIONS],
    )


def _answer(
    request: HttpRequest, status: int, title: str, happened: list[str], remedies: list[str]
) -> HttpResponse:
    if _MCP.match(request.path):
        code = INTERNAL_ERROR if status == 500 else INVALID_REQUEST
        error: dict[str, Any] = {"code": code, "message": f"{title}. {' '.join(happened)}"}
        return JsonResponse({"jsonrpc": "2.0", "id": None, "error": error}, status=status)
    context = {
        "title": title,
        "happened": happened,
        "remedies": remedies,
        "request_id": getattr(request, "request_id", "") if status in (400, 500) else "",
    }
    # Without the request: what fills in banners and accounts would ask the database for them.
    return HttpResponse(render_to_string("portal/error.html", context), status=status)
