"""Answering `tools/call`: admit, forward, and put the outcome in words."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from mcp_types.jsonrpc import INVALID_PARAMS
from mcp_types.version import is_version_at_least

from audit.events import Event
from clients.caller import Caller
from tools.denials import NOT_ACTIVE, Denial, explanation_of
from tools.gateway.admission import CallRequest, Refusal, admit
from tools.gateway.forward import Outcome, OutcomeNotRecorded, forward
from tools.gateway.protocol import Message

CALL_ID_KEY = "portcullis/call_id"
DENIAL_KEY = "portcullis/denial"
FAILURE_KEY = "portcullis/failure"


def call_tool(message: Message, caller: Caller, started: float) -> dict[str, Any]:
    """The result of one call. Raises ProtocolError -32602 for a tool the caller must not know of.

    Every other refusal and failure is a result with `isError`: clients end the whole session on other HTTP
    statuses, and most frameworks abort on JSON-RPC errors, while a model can act on this.
    """
    request = CallRequest(
        caller=caller,
        tool_name=message.params["name"],
        arguments=message.params.get("arguments") or {},
        protocol_version=message.version,
        started=started,
    )
    decision = admit(request)
    if isinstance(decision, Refusal):
        if decision.denial == Denial.UNKNOWN_TOOL:
            raise _unknown_tool(message, request)
        return _denied(decision)
    try:
        outcome = forward(decision)
    except OutcomeNotRecorded:
        return _not_recorded(request)
    if outcome.error is not None:
        return _failed(request, outcome)
    return _succeeded(request, outcome, message.version)


def _unknown_tool(message: Message, request: CallRequest) -> Exception:
    explanation = explanation_of(Denial.UNKNOWN_TOOL)
    return message.error(
        INVALID_PARAMS,
        f"Unknown tool: {request.tool_name[:64]}. {explanation.message} {explanation.remedy}",
        data={"reason": Denial.UNKNOWN_TOOL.value, "call_id": str(request.call_id)},
        # Admission wrote the row already.
        reason="",
    )


def _denied(refusal: Refusal) -> dict[str, Any]:
    is_inactive = refusal.denial == Denial.GATEWAY_STOPPED and refusal.stop is None
    explanation = NOT_ACTIVE if is_inactive else explanation_of(refusal.denial)
    reasons = [f"The reason given: {refusal.stop.reason}"] if refusal.stop else []
    lines = [f"Refused: {explanation.message}", *reasons, *refusal.problems, explanation.remedy]
    call_id = str(refusal.request.call_id)
    denial = {
        "reason": refusal.denial.value,
        "message": explanation.message,
        "remedy": explanation.remedy,
        "call_id": call_id,
    }
    if refusal.denial == Denial.NOT_IN_ACCESS_PROFILE:
        denial["request_url"] = f"{settings.PORTCULLIS_PUBLIC_URL}/me/access/"
        lines.append(f"Request it at {denial['request_url']}")
    return _error_result("\n".join(lines), call_id, {DENIAL_KEY: denial})


def _failed(request: CallRequest, outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    assert error is not None  # noqa: S101 (for the type checker: the caller asked)
    lines = [error.message]
    if outcome.event == Event.CALL_UNKNOWN:
        lines.append(
            "It is not known whether this was applied. Look at the current state before you try again."
        )
    if error.remedy:
        lines.append(error.remedy)
    call_id = str(request.call_id)
    failure = {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "outcome": outcome.event.value.removeprefix("call."),
        "call_id": call_id,
    }
    return _error_result("\n".join(lines), call_id, {FAILURE_KEY: failure})


def _not_recorded(request: CallRequest) -> dict[str, Any]:
    call_id = str(request.call_id)
    text = (
        "The call was made, but its outcome could not be recorded, so it is not shown. "
        f"Look at the current state before you try again. Call id: {call_id}"
    )
    return _error_result(text, call_id, {})


def _succeeded(request: CallRequest, outcome: Outcome, version: str) -> dict[str, Any]:
    result = outcome.result
    assert result is not None  # noqa: S101 (for the type checker: there was no error)
    call_id = str(request.call_id)
    if outcome.is_withheld:
        text = (
            "The call was carried out, but the answer had an unexpected form and is not shown. "
            f"Do not repeat it. Call id: {call_id}"
        )
        return _error_result(text, call_id, {})
    content = [{"type": "text", "text": result.text}]
    reply: dict[str, Any] = {"content": content, "isError": False, "_meta": {CALL_ID_KEY: call_id}}
    if is_version_at_least(version, "2025-06-18"):
        reply["structuredContent"] = result.structured
    else:
        # Older clients know no structured content: the data goes along as text instead.
        content.append({"type": "text", "text": orjson.dumps(result.structured).decode()})
    return reply


def _error_result(text: str, call_id: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "content": [{"type": "text", "text": text}],
        "isError": True,
        "_meta": {CALL_ID_KEY: call_id, **meta},
    }
