"""From one decoded message to its answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db import Error as DriverError
from mcp_types.jsonrpc import INTERNAL_ERROR, METHOD_NOT_FOUND

from audit import log
from audit.arguments import redacted
from audit.events import Event
from audit.faults import log_fault
from clients import tokens
from clients.caller import Caller
from tools.gateway import listing
from tools.gateway.calls import call_tool
from tools.gateway.protocol import Message, ProtocolError, read_message

logger = logging.getLogger(__name__)


def answer(decoded: Any, headers: Mapping[str, str], caller: Caller, started: float) -> dict[str, Any] | None:
    """The JSON-RPC response to one message, None when it gets none. Raises ProtocolError."""
    message = read_message(decoded, headers)
    if message is None:
        return None
    tokens.note_use(caller.token, software=message.software)
    try:
        return listing.completed(message, _result(message, caller, started))
    except (ProtocolError, DriverError):
        raise
    except Exception as error:  # noqa: BLE001
        request_id = caller.actor.request_id
        log_fault(logger, f"Request {request_id} failed", error)
        # With the request's id: a client would wait for it until it gives up.
        raise message.error(
            INTERNAL_ERROR, f"A fault in Portcullis. Request id: {request_id}", reason="fault"
        ) from None


def answer_batch(
    items: list[Any], headers: Mapping[str, str], caller: Caller, started: float
) -> list[dict[str, Any]]:
    """The responses to a batch, each message on its own; empty when none gets an answer."""
    responses = []
    for item in items:
        try:
            response = answer(item, headers, caller, started)
        except ProtocolError as error:
            record_refusal(error, caller)
            response = error.as_message()
        if response is not None:
            responses.append(response)
    return responses


def record_refusal(error: ProtocolError, caller: Caller) -> None:
    """Write the audit row of a request the protocol forbids; a refused call has its own already."""
    if error.reason:
        log.record(
            Event.REQUEST_REFUSED,
            actor=caller.actor,
            reason=error.reason,
            detail={"client": caller.client.name, "code": error.code, "message": redacted(error.message)},
        )


def _result(message: Message, caller: Caller, started: float) -> dict[str, Any]:
    match message.method:
        case "tools/call":
            return call_tool(message, caller, started)
        case "tools/list":
            return listing.tools_list(message, caller)
        case "initialize":
            return listing.initialize(message, caller)
        case "server/discover":
            return listing.discover(message, caller)
        case "ping":
            return {}
    # In the protocol, but not a thing this server offers: its capabilities say so.
    raise message.error(
        METHOD_NOT_FOUND, f"This server does not offer {message.method}.", reason="unknown_method"
    )
