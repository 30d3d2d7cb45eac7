"""Carrying out an admitted call: the only caller of a connector's tools, and the only layer that retries."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import Error as DriverError
from django.utils import timezone

from audit import log
from audit.events import Event
from audit.faults import log_fault
from catalog import credentials
from catalog.connectors.base import (
    Action,
    CallContext,
    Certainty,
    ConnectorError,
    ToolResult,
    UpstreamTrace,
)
from catalog.outbound import Deadline
from tools import policy
from tools.gateway.admission import Admission
from tools.schemas import broken_promises

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
#: Sleep before attempt n+1, in seconds, times a random 0.5 to 1.5: callers must not retry in step.
PAUSES = (0.2, 0.6)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an admitted call ended. Exactly one of `result` and `error` is set.

    `is_withheld`: it worked, but the result breaks the schema clients were promised and must not be shown.
    """

    event: Event
    attempts: int
    result: ToolResult | None = None
    error: ConnectorError | None = None
    is_withheld: bool = False


class OutcomeNotRecorded(Exception):
    """The call was made, but its outcome could not be written to the audit log."""


def forward(admission: Admission) -> Outcome:
    """Make the call, outside any transaction, and record how it ended.

    Raises OutcomeNotRecorded when the database fails after the upstream answered: the admission stays on
    record as open, and the caller must not be told of success.
    """
    outcome = _attempt(admission)
    call_id = admission.request.call_id
    try:
        _record(admission, outcome)
    except DriverError as error:
        log_fault(logger, f"The outcome of call {call_id} could not be recorded", error)
        raise OutcomeNotRecorded from error
    try:
        credentials.note_use(admission.credential)
    except DriverError as error:
        # What came of the call is on record, so it may be shown.
        log_fault(logger, f"The use of a key by call {call_id} could not be noted", error)
    return outcome


def _attempt(admission: Admission) -> Outcome:
    deadline = Deadline(settings.PORTCULLIS_CALL_SECONDS)
    reads = admission.revision.definition["action"] == Action.READ
    attempt = 1
    while True:
        try:
            result, problems = _call_once(admission, deadline)
        except ConnectorError as error:
            pause = _pause_before_retry(error, attempt, reads)
            if pause is None or pause >= deadline.remaining():
                return Outcome(_event_for(error, reads), attempt, error=error)
            time.sleep(pause)
            attempt += 1
        else:
            if problems:
                logger.error("Call %s: the result breaks its schema: %s", admission.request.call_id, problems)
            return Outcome(Event.CALL_SUCCEEDED, attempt, result=result, is_withheld=bool(problems))


def _call_once(admission: Admission, deadline: Deadline) -> tuple[ToolResult, list[str]]:
    """One attempt: the result, and where it breaks the schema that was promised."""
    request = admission.request
    person = request.caller.user.email or request.caller.user.get_username()
    context = CallContext(
        call_id=str(request.call_id),
        person=person if admission.tool.server.names_people else "",
        deadline=deadline,
        access=lambda: policy.access_to_server(request.caller, admission.tool.server_id, timezone.now()),
        probe=admission.credential.probe,
    )
    try:
        result = admission.tool.server.connector.call(
            target=admission.target,
            tool_name=admission.tool.name,
            arguments=request.arguments,
            context=context,
        )
        return result, broken_promises(admission.revision, result.structured)
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001
        # A fault of ours after admission must still end in one truthful outcome: whether anything was
        # sent isn't known here.
        log_fault(logger, f"The connector failed on call {request.call_id}", error)
        raise ConnectorError(
            "The call could not be carried out because of a fault in Portcullis.",
            code="connector_fault",
            certainty=Certainty.UNCERTAIN,
            remedy="Give the call id to whoever runs Portcullis.",
        ) from None


def _pause_before_retry(error: ConnectorError, attempt: int, reads: bool) -> float | None:
    """Seconds to wait before another attempt, None when there must not be one (design, section 6)."""
    if attempt >= MOST_ATTEMPTS:
        return None
    if error.certainty == Certainty.REFUSED and error.trace.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    if error.retry_after is not None:
        # Only a refused request may be sent again whatever it does; the upstream named the wait.
        return error.retry_after if error.certainty != Certainty.UNCERTAIN or reads else None
    if error.certainty == Certainty.NOT_SENT or (error.certainty == Certainty.UNCERTAIN and reads):
        # random is enough here: the jitter guards nothing.
        return PAUSES[attempt - 1] * random.uniform(0.5, 1.5)  # noqa: S311
    return None


def _event_for(error: ConnectorError, reads: bool) -> Event:
    if error.certainty == Certainty.UNCERTAIN and not reads:
        return Event.CALL_UNKNOWN
    return Event.CALL_FAILED


def _record(admission: Admission, outcome: Outcome) -> None:
    trace = outcome.result.trace if outcome.result else (outcome.error.trace if outcome.error else None)
    detail: dict[str, Any] = {
        "credential_id": str(admission.credential.pk),
        "credential_slot": admission.credential.slot,
        "attempts": outcome.attempts,
        **_trace_detail(trace or UpstreamTrace()),
    }
    if outcome.is_withheld:
        detail["result_withheld"] = True
    if outcome.error:
        detail["error"] = outcome.error.message
    log.record_call(
        outcome.event,
        actor=admission.request.caller.actor,
        facts=admission.facts,
        reason=outcome.error.code if outcome.error else "",
        latency_ms=admission.request.elapsed_ms(),
        detail=detail,
    )


def _trace_detail(trace: UpstreamTrace) -> dict[str, Any]:
    return {
        "upstream_status": trace.status,
        "upstream_request_id": trace.request_id,
        "received_bytes": trace.received_bytes,
    }
