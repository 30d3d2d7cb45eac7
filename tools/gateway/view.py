"""`POST /mcp`: HTTP in, HTTP out. Knows the transport's rules, and nothing of policy or upstreams."""

from __future__ import annotations

import logging
import time
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DriverError
from django.http import HttpRequest, HttpResponse
from mcp_types.jsonrpc import INTERNAL_ERROR, INVALID_REQUEST
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.faults import log_fault
from clients.authentication import BearerTokenAuthentication
from tools.gateway import dispatch
from tools.gateway.origins import cors_headers, origin_is_allowed
from tools.gateway.protocol import ProtocolError, batch_items, parse_body

logger = logging.getLogger(__name__)

METHODS = ("POST", "OPTIONS")


class AlwaysJSON(BaseContentNegotiation):
    """The answer is JSON whatever was asked for; `initial` refuses clients that can't take it."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return JSONRenderer(), "application/json"


class MCPView(APIView):
    """The one endpoint AI clients talk to. Stateless: any worker answers any request."""

    authentication_classes = [BearerTokenAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes: list[Any] = []
    content_negotiation_class = AlwaysJSON
    http_method_names = ["post", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The checks in order: method, Origin (before authentication, as the transport rules ask), caller."""
        self.started = time.monotonic()
        if request.method not in METHODS:
            raise MethodNotAllowed(request.method or "")
        if not origin_is_allowed(request.headers.get("Origin")):
            raise ProtocolError(INVALID_REQUEST, "This Origin is not allowed.", status=403)
        if request.method == "POST":
            super().initial(request, *args, **kwargs)

    def post(self, request: Request) -> HttpResponse:
        """One JSON-RPC message, or a batch for revision 2025-03-26."""
        caller: Any = request.user
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            decoded = parse_body(_body_of(request._request))
            items = batch_items(decoded, headers)
            if items is None:
                response: Any = dispatch.answer(decoded, headers, caller, self.started)
            else:
                response = dispatch.answer_batch(items, headers, caller, self.started) or None
        except ProtocolError as error:
            dispatch.record_refusal(error, caller)
            return _json(error.as_message(), error.status)
        return HttpResponse(status=202) if response is None else _json(response, 200)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """A browser's preflight. Says nothing that needs a caller."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Whatever went wrong before or outside dispatch, as a JSON-RPC error without an id."""
        if isinstance(exc, ProtocolError):
            return _json(exc.as_message(), exc.status)
        if isinstance(exc, MethodNotAllowed):
            response = _error(405, INVALID_REQUEST, "Send POST. This endpoint has no stream and no session.")
            response["Allow"] = ", ".join(METHODS)
            return response
        if isinstance(exc, NotAuthenticated | AuthenticationFailed):
            response = _error(401, INVALID_REQUEST, str(exc.detail))
            response["WWW-Authenticate"] = self.get_authenticate_header(self.request) or "Bearer"
            return response
        request_id = getattr(self.request._request, "request_id", "")
        log_fault(logger, f"Request {request_id} failed", exc)
        if isinstance(exc, DriverError):
            return _error(503, INTERNAL_ERROR, "Portcullis can't reach its database. Try again in a moment.")
        return _error(200, INTERNAL_ERROR, f"A fault in Portcullis. Request id: {request_id}")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The CORS headers, and a word to caches: an answer is for one caller only."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in cors_headers(request.headers.get("Origin")).items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response


def _body_of(request: HttpRequest) -> bytes:
    """The body of an acceptable request. Raises ProtocolError 406, 413 or 415."""
    if request.content_type != "application/json":
        raise ProtocolError(
            INVALID_REQUEST, "Send Content-Type: application/json.", status=415, reason="not_json"
        )
    accept = request.headers.get("Accept", "*/*")
    if not any(kind in accept for kind in ("application/json", "application/*", "*/*", "text/event-stream")):
        raise ProtocolError(
            INVALID_REQUEST, "Accept application/json.", status=406, reason="json_not_accepted"
        )
    limit = settings.PORTCULLIS_MCP_MAX_BODY_BYTES
    too_large = ProtocolError(
        INVALID_REQUEST, f"The body is larger than {limit:,} bytes.", status=413, reason="body_too_large"
    )
    # The length header first: a body that is too large is then never read.
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise ProtocolError(INVALID_REQUEST, "Content-Length is not a number.")
    if int(length) > limit:
        raise too_large
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large from None
    if len(body) > limit:
        raise too_large
    return body


def _error(status: int, code: int, message: str) -> HttpResponse:
    return _json(ProtocolError(code, message).as_message(), status)


def _json(message: Any, status: int) -> HttpResponse:
    return HttpResponse(orjson.dumps(message), status=status, content_type="application/json")
