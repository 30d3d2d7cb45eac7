"""One operation from its arguments to its structured answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.connectors.base import CallContext, Target, UpstreamTrace
from catalog.connectors.opsgenie import errors
from catalog.connectors.opsgenie.exchange import Answer, exchange
from catalog.connectors.opsgenie.operation import Operation
from catalog.connectors.opsgenie.request import PreparedRequest, prepare
from catalog.connectors.opsgenie.request_status import follow
from catalog.connectors.opsgenie.results import (
    Requested,
    RequestOutcome,
    TextResult,
    UnreadableAnswerError,
)


def carry_out(
    operation: Operation, arguments: Mapping[str, Any], *, target: Target, context: CallContext
) -> tuple[dict[str, Any], UpstreamTrace]:
    """Send the operation's request once and, after a 202, ask for its outcome.

    Raises ConnectorError for everything that isn't a result.
    """
    request = prepare(operation, arguments, context)
    answer = exchange(target, request, deadline=context.deadline)
    structured = _structured(operation, request, answer, target)
    if isinstance(operation.result, Requested):
        return follow(operation.result, structured, answer.trace, target=target, deadline=context.deadline)
    return structured, answer.trace


def _structured(
    operation: Operation, request: PreparedRequest, answer: Answer, target: Target
) -> dict[str, Any]:
    result = operation.result
    if isinstance(result, RequestOutcome) and answer.is_not_processed_yet:
        return result.not_yet()
    if not answer.is_success:
        raise errors.refused(
            operation,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            slot=target.slot,
            trace=answer.trace,
        )
    try:
        if isinstance(result, TextResult):
            return result.project_text(answer.text)
        if not isinstance(answer.body, Mapping):
            raise errors.garbage(answer.trace)
        return result.project(answer.body, request.window)
    except UnreadableAnswerError as error:
        raise errors.garbage(answer.trace) from error
