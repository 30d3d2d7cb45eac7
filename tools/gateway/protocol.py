"""MCP on the wire: telling the two eras apart and refusing what neither allows.

Handshake era: revisions up to 2025-11-25, which begin with `initialize`. Envelope era: 2026-07-28 and later,
where each request carries its version in `params._meta` and in headers. See the specification's pages
"Base protocol" and "Transports" of each revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from mcp.shared.inbound import ERROR_CODE_HTTP_STATUS, InboundLadderRejection, classify_inbound_request
from mcp_types import CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.jsonrpc import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
)
from mcp_types.methods import validate_client_request
from mcp_types.version import (
    HANDSHAKE_PROTOCOL_VERSIONS,
    LATEST_HANDSHAKE_VERSION,
    MODERN_PROTOCOL_VERSIONS,
)
from pydantic import ValidationError

VERSION_HEADER = "mcp-protocol-version"
# What a request without the header speaks (2025-06-18, Transports, "Protocol version header").
ASSUMED_VERSION = "2025-03-26"
BATCH_VERSION = "2025-03-26"
LARGEST_BATCH = 50
# Newest first, both eras: clients choose what to fall back to from this list.
SUPPORTED_VERSIONS = (*reversed(MODERN_PROTOCOL_VERSIONS), *reversed(HANDSHAKE_PROTOCOL_VERSIONS))

RequestId = str | int | None


class ProtocolError(Exception):
    """A JSON-RPC error with the HTTP status it travels under. `reason` is the audit row's stable word."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        data: Any = None,
        request_id: RequestId = None,
        reason: str = "invalid_request",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data
        self.request_id = request_id
        self.reason = reason

    def as_message(self) -> dict[str, Any]:
        """The JSON-RPC error response."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return {"jsonrpc": "2.0", "id": self.request_id, "error": error}


@dataclass(frozen=True, slots=True)
class Message:
    """One request of a client, valid for its protocol version."""

    id: RequestId
    method: str
    params: Mapping[str, Any]
    version: str

    @property
    def is_modern(self) -> bool:
        """Whether it is of the envelope era."""
        return self.version in MODERN_PROTOCOL_VERSIONS

    @property
    def software(self) -> str:
        """What the client says it is, as `name version`; empty when it doesn't say. Never trusted."""
        info = (
            self.params.get("clientInfo")
            if self.method == "initialize"
            else (self.params.get("_meta") or {}).get(CLIENT_INFO_META_KEY)
        )
        if not isinstance(info, Mapping):
            return ""
        said = f"{info.get('name', '')} {info.get('version', '')}"
        return "".join(character for character in said if character.isprintable()).strip()[:120]

    def error(self, code: int, message: str, *, data: Any = None, reason: str) -> ProtocolError:
        """An error in answer to this request. The handshake era sends all of them under HTTP 200."""
        status = ERROR_CODE_HTTP_STATUS.get(code, 200) if self.is_modern else 200
        return ProtocolError(code, message, status=status, data=data, request_id=self.id, reason=reason)


def parse_body(body: bytes) -> Any:
    """The decoded JSON. Raises ProtocolError -32700 where it is none, -32600 where it is too deep."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProtocolError(PARSE_ERROR, "The body is not JSON.", reason="malformed_json") from None
    try:
        # It reads deeper than it writes, and what can't be written can't be recorded.
        orjson.dumps(decoded)
    except orjson.JSONEncodeError:
        raise ProtocolError(
            INVALID_REQUEST, "The body is nested too deeply.", reason="nested_too_deeply"
        ) from None
    return decoded


def batch_items(decoded: Any, headers: Mapping[str, str]) -> list[Any] | None:
    """The messages of a batch, None when the body is a single message.

    Batches exist in revision 2025-03-26 only. Raises ProtocolError for one elsewhere, empty or too long.
    """
    if not isinstance(decoded, list):
        return None
    if headers.get(VERSION_HEADER, BATCH_VERSION) != BATCH_VERSION:
        raise ProtocolError(INVALID_REQUEST, "Send one message a request: this version has no batches.")
    if not 0 < len(decoded) <= LARGEST_BATCH:
        raise ProtocolError(INVALID_REQUEST, f"A batch holds 1 to {LARGEST_BATCH} messages.")
    return decoded


def read_message(decoded: Any, headers: Mapping[str, str]) -> Message | None:
    """The request in a decoded body, None for a notification or a response, which get no answer.

    `headers` has lower-case names. Raises ProtocolError for everything the protocol forbids.
    """
    if not isinstance(decoded, dict) or decoded.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'The body must be a JSON-RPC 2.0 object ("jsonrpc": "2.0").')
    method, request_id = decoded.get("method"), decoded.get("id")
    if method is None and ("result" in decoded or "error" in decoded):
        return None
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, 'The message has no "method".')
    if "id" not in decoded:
        return None
    if isinstance(request_id, bool) or not isinstance(request_id, str | int):
        raise ProtocolError(INVALID_REQUEST, 'The "id" must be a string or an integer.')
    params = decoded.get("params")
    if _is_modern(params, headers):
        version = _modern_version(decoded, headers, request_id)
    else:
        version = _handshake_version(method, params, headers)
    message = Message(
        id=request_id, method=method, params=params if isinstance(params, dict) else {}, version=version
    )
    _check_shape(message, params)
    return message


def _is_modern(params: Any, headers: Mapping[str, str]) -> bool:
    header = headers.get(VERSION_HEADER)
    if header is not None and header not in HANDSHAKE_PROTOCOL_VERSIONS:
        return True
    meta = params.get("_meta") if isinstance(params, dict) else None
    # An envelope with an old or missing header is a mismatch to be told, never a silent step back.
    return isinstance(meta, dict) and PROTOCOL_VERSION_META_KEY in meta


def _modern_version(decoded: dict[str, Any], headers: Mapping[str, str], request_id: RequestId) -> str:
    route = classify_inbound_request(decoded, headers=headers)
    if not isinstance(route, InboundLadderRejection):
        return route.protocol_version
    data, reason = route.data, "invalid_envelope"
    if route.code == UNSUPPORTED_PROTOCOL_VERSION:
        # The Python client gives up when no version of the handshake era is offered.
        data = {**route.data, "supported": list(SUPPORTED_VERSIONS)}
        reason = "unsupported_version"
    raise ProtocolError(
        route.code,
        route.message,
        status=ERROR_CODE_HTTP_STATUS.get(route.code, 400),
        data=data,
        request_id=request_id,
        reason=reason,
    )


def _handshake_version(method: str, params: Any, headers: Mapping[str, str]) -> str:
    if method == "initialize":
        asked = params.get("protocolVersion") if isinstance(params, dict) else None
        return asked if asked in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION
    return headers.get(VERSION_HEADER, ASSUMED_VERSION)


def _check_shape(message: Message, params: Any) -> None:
    try:
        validate_client_request(message.method, message.version, params)
    except KeyError:
        raise message.error(
            METHOD_NOT_FOUND, f"There is no method {message.method[:80]!r}.", reason="unknown_method"
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise message.error(
            INVALID_PARAMS, f"Invalid parameters: {where}: {first['msg']}."[:300], reason="invalid_params"
        ) from None
