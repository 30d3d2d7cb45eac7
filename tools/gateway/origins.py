"""Which web pages may talk to `/mcp`. Programs send no Origin header and are not concerned."""

from __future__ import annotations

from django.conf import settings

_ALLOWED_HEADERS = (
    "authorization, content-type, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id"
)


def origin_is_allowed(origin: str | None) -> bool:
    """Whether a request with this Origin header may go on; `null` and unknown origins may not."""
    return origin is None or origin in settings.PORTCULLIS_ALLOWED_ORIGINS


def cors_headers(origin: str | None) -> dict[str, str]:
    """The CORS headers for an allowed browser origin, none for anything else."""
    if origin is None or not origin_is_allowed(origin):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Expose-Headers": "www-authenticate",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
