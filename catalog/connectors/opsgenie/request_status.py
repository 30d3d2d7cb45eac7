"""After a 202: ask for the outcome, for a few seconds.

Opsgenie accepts changes to alerts and incidents before it looks at them. An action on an alert that doesn't
exist is accepted too, and fails out of sight; a model that isn't told acts twice.
"""

from __future__ import annotations

import random
import time
from typing import Any
from urllib.parse import quote

from catalog.connectors.base import ConnectorError, Target, UpstreamTrace
from catalog.connectors.opsgenie import errors
from catalog.connectors.opsgenie.exchange import Answer, exchange
from catalog.connectors.opsgenie.paging import Window
from catalog.connectors.opsgenie.request import PreparedRequest
from catalog.connectors.opsgenie.results import Requested, RequestOutcome, UnreadableAnswerError
from catalog.outbound import Deadline

POLLING_SECONDS = 5.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
# Left for recording the outcome and answering: a call that ends exactly at its deadline has no result.
RESERVE = 0.5


def follow(
    result: Requested, accepted: dict[str, Any], trace: UpstreamTrace, *, target: Target, deadline: Deadline
) -> tuple[dict[str, Any], UpstreamTrace]:
    """The result of an accepted request, with its outcome if that comes in time.

    Not finding out is no failure: the change was accepted, and the result says how to ask later.
    Raises ConnectorError only when Opsgenie says that it did not carry it out.
    """
    if not result.status_path:
        return accepted, trace
    answer, reason = _poll(result, accepted["request_id"], target, deadline)
    outcome = _outcome(result, answer)
    if answer is None or outcome is None:
        return {**accepted, "status": _how_to_ask(result, reason)}, trace
    if outcome["success"] is False:
        raise errors.not_applied(outcome.get("status", "no reason given"), answer.trace)
    facts = {
        name: outcome[name] for name in ("success", "status", "alias", *result.subjects) if name in outcome
    }
    return {**accepted, "processed": True, **facts}, answer.trace


def _poll(
    result: Requested, request_id: str, target: Target, deadline: Deadline
) -> tuple[Answer | None, str]:
    """The first answer with an outcome, or None and why there is none."""
    request = PreparedRequest("GET", result.status_path + quote(request_id, safe=""), {}, None, Window())
    ends = Deadline(min(POLLING_SECONDS, deadline.remaining() - RESERVE))
    pause, reason = _FIRST_PAUSE, ""
    # Jittered, so that calls accepted together don't ask together.
    while (wait := pause * random.uniform(0.5, 1.5)) < ends.remaining():  # noqa: S311
        time.sleep(wait)
        pause = min(pause * 2, _LONGEST_PAUSE)
        try:
            answer = exchange(target, request, deadline=ends)
        except ConnectorError as error:
            reason = error.message
            continue
        if _outcome(result, answer) is not None:
            return answer, ""
        if not answer.is_not_processed_yet and not answer.is_success and answer.status < 500:
            return None, f"Opsgenie answered the question with HTTP {answer.status}"
    return None, reason


def _outcome(result: Requested, answer: Answer | None) -> dict[str, Any] | None:
    """A decided outcome (`success` is there), else None."""
    if answer is None or not answer.is_success or not isinstance(answer.body, dict):
        return None
    try:
        outcome = RequestOutcome(result.subjects).project(answer.body, Window())
    except UnreadableAnswerError:
        return None
    return outcome if "success" in outcome else None


def _how_to_ask(result: Requested, reason: str) -> str:
    because = f" ({reason.rstrip('.')})" if reason else ""
    return f"Accepted, outcome not known yet{because}. Ask {result.status_tool}; don't repeat the change."
