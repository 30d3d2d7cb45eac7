"""Work that Opsgenie does after it has answered 202 (Opsgenie docs, asynchronous requests).

There is no background thread: whatever is due is done, in order, before the next request is looked at.
Nobody can tell the difference from outside, and tests need not wait for anything but the clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.answers import Answer, accepted
from sandbox.calls import Call
from sandbox.errors import ApiError
from sandbox.state import Record, State
from sandbox.times import parse_instant


@dataclass(frozen=True)
class Work:
    """One piece of accepted work, at the moment it is done."""

    state: State
    now: datetime
    arguments: Record
    integration_id: str


class WorkFailed(Exception):
    """The work can't be done; the sentence becomes the request's status."""


# What a request status says of an entity that doesn't exist.
EMPTY_IDENTIFIERS = {
    "alert": {"alertId": "", "alias": ""},
    "incident": {"incidentId": ""},
    "deployment": {"deploymentId": ""},
}
Worker = Callable[[Work], Record]
WORKERS: dict[str, tuple[str, str, Worker]] = {}


def worker(name: str, action: str, entity: str = "alert") -> Callable[[Worker], Worker]:
    """Register what does a kind of work. It returns the fields its request status ends with."""

    def register(function: Worker) -> Worker:
        WORKERS[name] = (action, entity, function)
        return function

    return register


def accept(call: Call, name: str, arguments: Record, result: str = "Request will be processed") -> Answer:
    """Take on work and answer 202 at once."""
    due = call.now + timedelta(seconds=call.settings.processing_delay)
    work = {
        "name": name,
        "requestId": call.request_id,
        "integrationId": call.key.integration_id,
        "arguments": arguments,
    }
    call.state.schedule_work(due, work)
    if call.settings.processing_delay <= 0:
        do_due_work(call.state, call.now)
    return accepted(result)


def do_due_work(state: State, now: datetime | None) -> None:
    """Do everything that is due by `now`, each at its own time; everything there is if `now` is None."""
    for due, work in state.take_due_work(now):
        action, entity, function = WORKERS[work["name"]]
        identifiers = EMPTY_IDENTIFIERS.get(entity, {})
        try:
            outcome = function(Work(state, parse_instant(due), work["arguments"], work["integrationId"]))
            success = True
        except WorkFailed as failure:
            outcome, success = {"status": str(failure)}, False
        if not work["requestId"]:
            continue
        state.table(f"{entity}_requests")[work["requestId"]] = {
            "success": success,
            "action": action,
            "processedAt": due,
            "integrationId": work["integrationId"],
            "isSuccess": success,
            **identifiers,
            **outcome,
        }


def request_status(call: Call, entity: str, request_id: str) -> Record:
    """How an accepted request ended; a 404 tells apart "not yet" and "never heard of it"."""
    status = call.state.table(f"{entity}_requests").get(request_id)
    if status is not None:
        return status
    if call.state.awaits(request_id):
        # Official clients retry a 404 only if it carries this header.
        raise ApiError(
            404,
            "Request not found. It might not be processed, yet.",
            headers={"X-Opsgenie-Errortype": "RequestNotProcessed"},
        )
    raise ApiError(404, "Request not found.")
