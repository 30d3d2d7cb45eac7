"""Finding out what an Opsgenie key may do, by GET requests that change nothing.

A right shows in how Opsgenie answers: 403 with code 40301 without it, anything a request could be answered
with otherwise. Delete has no such request: nothing short of deleting tells, so it stays unknown.
"""

from __future__ import annotations

import uuid

from catalog.connectors.base import Held, Probe, Target
from catalog.connectors.opsgenie.operation import CONFIGURATION_ACCESS, Right
from catalog.outbound import Deadline, OutboundError, OutboundResponse, send

#: Pinging a heartbeat needs Create and Update, is a GET, and does nothing when no heartbeat has the name
#: (Opsgenie API, heartbeats: an unknown name is answered like a known one).
_UNUSED_HEARTBEAT = "portcullis-probe-{}"
#: How a 403 names the right that is missing. Where a request needs two, it may be the other one's.
_NAMED = {
    b"read access": Right.READ.value,
    b"write access": Right.WRITE.value,
    b"configuration access": CONFIGURATION_ACCESS,
}


def probe(target: Target, deadline: Deadline) -> Probe:
    """Which rights the key behind `target` has; requests that got no clear answer leave theirs unknown."""
    paths = {
        Right.READ.value: "/v2/alerts?limit=1",
        Right.WRITE.value: f"/v2/heartbeats/{_UNUSED_HEARTBEAT.format(uuid.uuid4().hex)}/ping",
        CONFIGURATION_ACCESS: "/v2/users?limit=1",
    }
    rights: dict[str, Held] = {}
    for right, path in paths.items():
        try:
            answer = send("GET", target.base_url + path, headers=target.headers, deadline=deadline)
        except OutboundError as error:
            return _all(Held.UNKNOWN, f"It could not be tested. {error.message}")
        if problem := _problem(answer):
            return _all(Held.REFUSED, problem)
        rights[right] = _held(right, answer)
    return Probe({**rights, Right.DELETE.value: Held.UNKNOWN})


def _all(held: Held, problem: str) -> Probe:
    """The same of every right: a key that isn't accepted has none, of one not tested nothing is known."""
    return Probe(dict.fromkeys((*(right.value for right in Right), CONFIGURATION_ACCESS), held), problem)


def _problem(answer: OutboundResponse) -> str:
    """Why the key is no good at all, else nothing."""
    if answer.status == 401:
        return (
            "Opsgenie does not know this key in this region. Check the key, whether its integration is "
            "switched on, and whether the account is in another region."
        )
    if answer.status == 422 and b"Key format" in answer.body[:500]:
        return "This is not an Opsgenie key: one looks like 01234567-89ab-cdef-0123-456789abcdef."
    return ""


def _held(right: str, answer: OutboundResponse) -> Held:
    if answer.status == 403:
        said = answer.body[:500].lower()
        missing = next((named for words, named in _NAMED.items() if words in said), right)
        return Held.REFUSED if missing == right else Held.UNKNOWN
    if 200 <= answer.status < 300 or answer.status == 404:
        return Held.GRANTED
    return Held.UNKNOWN
