"""Deciding about one call and recording the decision, in one transaction, before anything is sent."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DriverError
from django.utils import timezone

from audit import log
from audit.arguments import arguments_digest, kept, redacted
from audit.events import Event
from audit.faults import log_fault
from audit.governance import admitting
from catalog import credentials
from catalog.connectors.base import Target
from catalog.fields import SecretUnreadable
from catalog.models import Credential
from clients.caller import Caller
from tools import policy
from tools.denials import Denial
from tools.models import Stop, Tool, ToolRevision
from tools.schemas import argument_problems

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What was asked. `started` is the monotonic time of arrival, in seconds."""

    caller: Caller
    tool_name: str
    arguments: Mapping[str, Any]
    protocol_version: str
    started: float
    call_id: uuid.UUID = field(default_factory=uuid.uuid4)

    def elapsed_ms(self) -> float:
        """Milliseconds since arrival."""
        return round((time.monotonic() - self.started) * 1000, 1)


@dataclass(frozen=True, slots=True)
class Admission:
    """A recorded yes, with all that forwarding needs. Whoever holds one must record an outcome."""

    request: CallRequest
    facts: log.CallFacts
    tool: Tool
    revision: ToolRevision
    target: Target
    credential: Credential


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recorded no; only AUDIT_UNAVAILABLE stands for one that could not be recorded."""

    request: CallRequest
    denial: Denial
    problems: tuple[str, ...] = ()
    stop: Stop | None = None


def admit(request: CallRequest) -> Admission | Refusal:
    """Say yes or no to a call. When this returns, the answer is in the audit log and committed."""
    try:
        with admitting():
            return _decide(request)
    except DriverError as error:
        # What can't be audited doesn't happen. The process log learns that it failed, but not the driver's
        # words, which may quote the row.
        log_fault(logger, f"Call {request.call_id} could not be recorded and was refused", error)
        return Refusal(request, Denial.AUDIT_UNAVAILABLE)


def _decide(request: CallRequest) -> Admission | Refusal:
    decision = policy.decide(request.caller, request.tool_name, timezone.now())
    facts = _facts(request, decision)
    if decision.denial is not None:
        return _refuse(request, facts, decision.denial, stop=decision.stop)
    tool = decision.tool
    if tool is None or tool.approved_revision is None:
        return _refuse(request, facts, Denial.TOOL_NOT_APPROVED)
    problems = argument_problems(tool.approved_revision, request.arguments)
    if problems:
        return _refuse(request, facts, Denial.ARGUMENTS_INVALID, problems)
    decision = policy.within_limits(decision, request.arguments)
    facts = _facts(request, decision)
    if decision.denial is not None:
        return _refuse(request, facts, decision.denial)
    try:
        target, credential = credentials.target_for(tool.server, tool.name)
    except credentials.CredentialMissing:
        return _refuse(request, facts, Denial.CREDENTIAL_MISSING)
    except SecretUnreadable:
        return _refuse(request, facts, Denial.CREDENTIAL_UNREADABLE)
    used = {"credential_id": str(credential.pk), "credential_slot": credential.slot}
    log.record_call(Event.CALL_ADMITTED, actor=request.caller.actor, facts=facts, detail=used)
    return Admission(request, facts, tool, tool.approved_revision, target, credential)


def _refuse(
    request: CallRequest,
    facts: log.CallFacts,
    denial: Denial,
    problems: list[str] | None = None,
    stop: Stop | None = None,
) -> Refusal:
    detail: dict[str, Any] = {}
    if problems:
        detail["problems"] = redacted(problems)
    if stop is not None:
        detail["stop"] = {"id": stop.pk, "reason": stop.reason}
    log.record_call(
        Event.CALL_DENIED,
        actor=request.caller.actor,
        facts=facts,
        reason=denial.value,
        latency_ms=request.elapsed_ms(),
        detail=detail,
    )
    return Refusal(request, denial, tuple(problems or ()), stop)


def _facts(request: CallRequest, decision: policy.Decision) -> log.CallFacts:
    caller, tool, rule = request.caller, decision.tool, decision.rule
    detail: dict[str, Any] = {
        "token": caller.token.public_id,
        **kept(request.arguments, decision.argument_verbosity),
        "arguments_digest": arguments_digest(request.arguments),
    }
    if decision.drills:
        detail["drills"] = [{"id": stop.pk, "reason": stop.reason} for stop in decision.drills]
    if tool is not None and tool.approved_revision is not None:
        detail |= {
            "revision_digest": tool.approved_revision.digest,
            "action": tool.effective_action.value,
        }
    if rule is not None:
        detail |= {
            "grant_id": rule.grant.pk,
            "access_profile": rule.grant.profile.name,
            "toolset": rule.toolset.name,
        }
    return log.CallFacts(
        call_id=request.call_id,
        client_id=str(caller.client.pk),
        client_name=caller.client.name,
        tool_name=tool.client_name if tool else redacted(request.tool_name),
        protocol_version=request.protocol_version,
        server_id=tool.server_id if tool else None,
        server_name=tool.server.name if tool else "",
        tool_id=tool.pk if tool else None,
        detail=detail,
    )
