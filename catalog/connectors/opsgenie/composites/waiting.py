"""Waiting for what Opsgenie accepted and does later."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from catalog.connectors.base import Certainty, ConnectorError
from catalog.connectors.opsgenie.composite import Composite, Inquiry, composite
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.parameters import choice, text, whole_number
from catalog.connectors.opsgenie.rendering import status_first
from catalog.connectors.opsgenie.results import OUTCOME_RECORD
from catalog.connectors.opsgenie.shapes import FLAG, field, texts
from catalog.outbound import Deadline

_STATUS_OF = {
    "alert": OPERATIONS["get_alert_request_status"],
    "incident": OPERATIONS["get_incident_request_status"],
}
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 2.0
# A question that hangs must not use up the time for the others.
_LONGEST_QUESTION = 4.0

OUTCOME = OUTCOME_RECORD.but(
    also=(
        field("processed", FLAG),
        *texts("alert_id", "incident_id", "alias", "problem"),
    )
)


def _wait(inquiry: Inquiry, values: Mapping[str, Any]) -> dict[str, Any]:
    """At most 17 requests in 20 seconds: at once, then after 0.25, 0.5, 1 and ever 2 seconds, jittered.

    The first question's failure is the call's, and so is any later refusal. A later question that merely gets
    no answer is asked again; `problem` tells of it if the waiting ends with it.
    """
    operation, question = _STATUS_OF[values["kind"]], {"request_id": values["request_id"]}
    ends = Deadline(min(values["seconds"], inquiry.seconds_left))
    outcome, problem = inquiry.ask(operation, within=_LONGEST_QUESTION, **question), ""
    pause = _FIRST_PAUSE
    # Jittered, so that calls accepted together don't ask together.
    while not outcome["processed"] and (wait := pause * random.uniform(0.75, 1.25)) < ends.remaining():  # noqa: S311
        time.sleep(wait)
        pause = min(pause * 2, _LONGEST_PAUSE)
        try:
            outcome, problem = inquiry.ask(operation, within=_LONGEST_QUESTION, **question), ""
        except ConnectorError as error:
            if error.certainty is Certainty.REFUSED and error.retry_after is None:
                raise
            pause, problem = max(pause, error.retry_after or 0.0), error.message
    return {**outcome, **({"problem": problem} if problem else {})}


WAIT_FOR_REQUEST: Composite = composite(
    name="wait_for_request",
    title="Wait for a request's outcome",
    description=(
        "Wait for the outcome of a change to an alert or incident that Opsgenie accepted but has not done "
        "yet. Use it after `processed: false`, in place of repeating the change."
    ),
    parameters=(
        text(
            "request_id",
            "The request_id of the accepted change.",
            max_length=100,
            pattern=r"[^.\s]",
            required=True,
        ),
        choice("kind", "What was changed.", ("alert", "incident"), required=True),
        whole_number("seconds", "How long to wait at most.", minimum=1, maximum=20, default=10),
    ),
    asks=tuple(_STATUS_OF.values()),
    record=OUTCOME,
    always=("processed",),
    answer=_wait,
    render=lambda outcome: status_first(OUTCOME, outcome),
)
