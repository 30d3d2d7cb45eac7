"""Authentication of `/mcp`: a bearer token in the Authorization header, and nothing else."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from audit.actor import Actor
from clients import tokens
from clients.authentication_failures import failures
from clients.caller import Caller

REALM = "Portcullis"


class InvalidToken(AuthenticationFailed):
    """A bearer token that is not good. `reason` is the stable word for the audit row."""

    def __init__(self, description: str, reason: str) -> None:
        super().__init__(description)
        self.description = description
        self.reason = reason


class BearerTokenAuthentication(BaseAuthentication):
    """RFC 6750 bearer tokens, in the header only. Cookies and query parameters are never looked at."""

    def authenticate(self, request: Request) -> tuple[Caller, Any]:
        """The caller. Raises InvalidToken, or NotAuthenticated when there is no bearer token."""
        source = request.META.get("REMOTE_ADDR") or None
        scheme, _, credentials = get_authorization_header(request).partition(b" ")
        try:
            if scheme.lower() != b"bearer" or not credentials.strip():
                failures.record(actor=Actor.anonymous(source), reason="token_missing")
                raise NotAuthenticated("Send a personal access token: Authorization: Bearer <token>.")
            text = credentials.strip().decode("ascii", errors="replace")
            caller = _caller(text, source, getattr(request, "request_id", ""))
        except InvalidToken as error:
            request._request.bearer_error = error  # type: ignore[attr-defined]
            raise
        return caller, caller.token

    def authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate challenge (RFC 6750 section 3): an error code only if a token was sent."""
        error = getattr(request._request, "bearer_error", None)
        if error is None:
            return f'Bearer realm="{REALM}"'
        return f'Bearer realm="{REALM}", error="invalid_token", error_description="{error.description}"'


def _caller(text: str, source: str | None, request_id: str) -> Caller:
    token = tokens.find(text)
    if token is None:
        failures.record(actor=Actor.anonymous(source), reason="token_unknown")
        raise InvalidToken("The token is not known here. Check it, or create a new one.", "token_unknown")
    actor = Actor.person(token.client.owner, source_address=source, request_id=request_id)
    problem = _problem_with(token)
    if problem is not None:
        failures.record(actor=actor, reason=problem.reason, token=str(token))
        raise problem
    return Caller(user=token.client.owner, client=token.client, token=token, actor=actor)


def _problem_with(token: Any) -> InvalidToken | None:
    if token.revoked_at is not None:
        return InvalidToken("The token was revoked. Ask for a new one.", "token_revoked")
    if not token.is_valid(timezone.now()):
        return InvalidToken("The token has expired. Create a new one.", "token_expired")
    return None
