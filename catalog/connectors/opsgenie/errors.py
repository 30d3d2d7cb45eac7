"""What went wrong, as one ConnectorError each: code, certainty, plain sentence, remedy.

The statuses are those of Opsgenie's response documentation. Texts from Opsgenie are quoted, cut to 300
characters and cleaned of control characters; bodies, headers and exceptions never get into a message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from catalog.connectors.base import Certainty, ConnectorError, UpstreamTrace
from catalog.connectors.opsgenie.operation import CONFIGURATION_ACCESS, Operation, Right
from catalog.connectors.opsgenie.redaction import clean_line
from catalog.outbound import OutboundError

_QUOTE_LIMIT = 300
_MOST_FIELD_ERRORS = 10

# Without a word from Opsgenie, its longest limiting period (per minute).
_DEFAULT_PAUSE = 60.0
_LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one status means. `sentence` may use {title} and {slot}."""

    code: str
    sentence: str
    remedy: str


_SLOT_NAMES = {"integration": "API integration key", "account": "account API key"}

_INVALID = Refusal(
    "upstream_rejected",
    "Opsgenie did not accept the request.",
    "Correct the named arguments and call again.",
)
_REFUSALS: dict[int, Refusal] = {
    400: _INVALID,
    401: Refusal(
        "upstream_unauthorized",
        "Opsgenie does not know the {slot}.",
        "Ask an administrator to check the key, its region (US and EU keys are not interchangeable) and that "
        "its integration is enabled.",
    ),
    402: Refusal(
        "upstream_plan",
        "The Opsgenie account's plan does not include this.",
        "Use another tool, or ask the account owner about the plan.",
    ),
    404: Refusal(
        "upstream_not_found",
        "Opsgenie has nothing by that name or id.",
        "Check the identifier with a list tool.",
    ),
    409: Refusal(
        "upstream_conflict",
        "Opsgenie already has something by that name or id.",
        "Choose another name; teams, schedules and escalations share one set of names.",
    ),
    410: Refusal(
        "upstream_gone",
        "Opsgenie no longer offers this operation.",
        "Use another tool; this one has been retired by Opsgenie.",
    ),
    422: _INVALID,
    428: Refusal(
        "upstream_in_use",
        "Opsgenie refuses because something else still uses it.",
        "Remove what refers to it first, such as escalations, schedules or routing rules.",
    ),
    429: Refusal(
        "upstream_rate_limited",
        "Opsgenie is limiting requests from this key.",
        "Wait for the named pause, then call again; ask for less at a time.",
    ),
}
_NOT_FOUND_BY_KIND = replace(
    _REFUSALS[404],
    remedy="Check the identifier with a list tool; set identifier_type if its form is misleading.",
)
_FAILED = Refusal(
    "upstream_error",
    "Opsgenie failed while handling the request.",
    "If this was a change, check whether it was made before trying again.",
)
_UNSUPPORTED = Refusal(
    "upstream_unsupported",
    "Opsgenie does not support this for the {slot} or the account.",
    "Use another tool, or ask an administrator whether another kind of key allows it.",
)
_MALFORMED_KEY = Refusal(
    "upstream_unauthorized",
    "Opsgenie says that the {slot} is not a well-formed key.",
    "Ask an administrator to enter the key again.",
)
_GARBAGE = Refusal(
    "upstream_garbage",
    "Opsgenie's answer could not be understood.",
    "If this was a change, check whether it was made before trying again.",
)


def refused(
    operation: Operation,
    *,
    status: int,
    headers: Mapping[str, str],
    body: Any,
    slot: str,
    trace: UpstreamTrace,
) -> ConnectorError:
    """The error for an answer outside 2xx. `body` is the parsed JSON, None where it is none."""
    told = body if isinstance(body, Mapping) else {}
    quoted = clean_line(told["message"], limit=_QUOTE_LIMIT) if isinstance(told.get("message"), str) else ""
    refusal = _refusal(operation, status, told, quoted)
    message = refusal.sentence.format(slot=slot_name(slot))
    if fields := _field_errors(operation, told.get("errors")):
        message += f" {fields}"
    elif quoted:
        message += f" It says: {quoted}"
    return ConnectorError(
        f"{message} (HTTP {status})",
        code=refusal.code,
        certainty=Certainty.REFUSED if 400 <= status < 500 else Certainty.UNCERTAIN,
        remedy=refusal.remedy,
        retry_after=_pause(headers, default=_DEFAULT_PAUSE if status == 429 else None),
        trace=trace,
    )


def _refusal(operation: Operation, status: int, told: Mapping[str, Any], quoted: str) -> Refusal:
    if status == 403:
        return _UNSUPPORTED if told.get("code") == 40302 else _forbidden(operation, quoted)
    # A key that isn't UUID-shaped is 422, before Opsgenie looks at anything else.
    if status == 422 and quoted.lower().startswith("key format"):
        return _MALFORMED_KEY
    if status == 404 and any(parameter.name == "identifier_type" for parameter in operation.parameters):
        return _NOT_FOUND_BY_KIND
    if status in _REFUSALS:
        return _REFUSALS[status]
    if 400 <= status < 500:
        return _INVALID
    return _FAILED if status >= 500 else _GARBAGE


def _forbidden(operation: Operation, quoted: str) -> Refusal:
    """403: name the right that is missing. Opsgenie's sentence names it when it is one alone."""
    said = quoted.lower()
    if "api integration" in said:
        return Refusal(
            "upstream_forbidden",
            "Opsgenie allows this only with an API integration key; the {slot} is another kind.",
            "Ask an administrator to add the key of an API integration to this server.",
        )
    mentioned = {
        "read access": Right.READ.value,
        "write access": Right.WRITE.value,
        "delete access": Right.DELETE.value,
        "configuration access": CONFIGURATION_ACCESS,
    }
    named = next((right for words, right in mentioned.items() if words in said), "")
    rights = named or " and ".join(operation.rights)
    return Refusal(
        "upstream_forbidden",
        f"The {{slot}} may not do this: it needs the right {rights}.",
        f"Ask an administrator to grant the key {rights}, or to use one not limited to another team.",
    )


def slot_name(slot: str) -> str:
    """The credential in words, for messages."""
    return _SLOT_NAMES.get(slot, "API key")


def _field_errors(operation: Operation, errors: Any) -> str:
    """Opsgenie's `errors` with our parameter names: `recipients#type` is about `recipients`."""
    if not isinstance(errors, Mapping):
        return ""
    lines = []
    for key, reason in list(errors.items())[:_MOST_FIELD_ERRORS]:
        if isinstance(reason, str | int | float):
            lines.append(f"{_parameter_name(operation, str(key))}: {reason}")
    return clean_line("; ".join(lines), limit=_QUOTE_LIMIT)


def _parameter_name(operation: Operation, key: str) -> str:
    exact = [parameter.name for parameter in operation.parameters if parameter.wire_name == key]
    first = re.split(r"[#.\[]", key, maxsplit=1)[0]
    near = [
        parameter.name for parameter in operation.parameters if parameter.wire_name.split(".")[0] == first
    ]
    return next(iter(exact + near), key)


def _pause(headers: Mapping[str, str], *, default: float | None) -> float | None:
    """Seconds to wait: Retry-After if given (Opsgenie doesn't document it), else the limiting period."""
    asked = _seconds(headers.get("Retry-After", ""))
    if asked is None:
        asked = _seconds(headers.get("X-RateLimit-Period-In-Sec", ""))
    return default if asked is None else min(asked, _LONGEST_PAUSE)


def _seconds(value: str) -> float | None:
    """Seconds from a number or an HTTP date; None where it is neither or negative."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(value: str) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.nan
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def garbage(trace: UpstreamTrace) -> ConnectorError:
    """A 2xx answer that can't be read: it was sent, and nobody knows what came of it."""
    return ConnectorError(
        _GARBAGE.sentence,
        code=_GARBAGE.code,
        certainty=Certainty.UNCERTAIN,
        remedy=_GARBAGE.remedy,
        trace=trace,
    )


def not_applied(status: str, trace: UpstreamTrace) -> ConnectorError:
    """Accepted with 202, then not done; `status` is Opsgenie's reason."""
    return ConnectorError(
        f"Opsgenie accepted the request but did not carry it out: {clean_line(status, limit=_QUOTE_LIMIT)}",
        code="upstream_not_applied",
        certainty=Certainty.REFUSED,
        remedy="Nothing was changed. Check that the identifier is right and that the plan allows the action.",
        trace=trace,
    )


def invalid_arguments(reason: str) -> ConnectorError:
    """The arguments make no request; nothing was sent."""
    return ConnectorError(
        f"The arguments don't fit the tool. {clean_line(reason, limit=_QUOTE_LIMIT)}",
        code="arguments_invalid",
        certainty=Certainty.NOT_SENT,
        remedy="Correct the named arguments and call again.",
    )


def unknown_tool(name: str) -> ConnectorError:
    """There is no such operation."""
    return ConnectorError(
        f"Opsgenie has no tool {clean_line(name, limit=64)!r}.",
        code="unknown_tool",
        certainty=Certainty.NOT_SENT,
        remedy="Ask for the list of tools again.",
    )


def unusable_key(slot: str) -> ConnectorError:
    """The stored key can't be a header value, so nothing was sent."""
    return ConnectorError(
        f"The {slot_name(slot)} holds characters that no key has.",
        code="upstream_unauthorized",
        certainty=Certainty.NOT_SENT,
        remedy=_MALFORMED_KEY.remedy,
    )


def unanswered(error: OutboundError) -> ConnectorError:
    """No trustworthy answer at all; whether anything left decides what is known."""
    return ConnectorError(
        error.message,
        code=error.code,
        certainty=Certainty.UNCERTAIN if error.sent else Certainty.NOT_SENT,
        remedy=(
            "If this was a change, check whether it was made before trying again."
            if error.sent
            else "Nothing was sent. Try again; if it persists, have the server's address checked."
        ),
    )
