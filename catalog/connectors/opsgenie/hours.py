"""Hours in which a rotation or rule applies: `09:00-17:00` each day, or `monday 09:00-friday 17:00`.

Opsgenie's `timeRestriction` is an object of one of two types, with hours and minutes apart; a line of text is
what a model gets right, and answers are given in the same form. Minutes are 00 or 30: Opsgenie rounds others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.connectors.opsgenie.parameters import Parameter, text_list

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EDGE = rf"(({'|'.join(DAYS)}) )?([01][0-9]|2[0-3]):(00|30)"
HOURS_PATTERN = f"^{_EDGE}-{_EDGE}$"
_HOURS = re.compile(HOURS_PATTERN)

Span = tuple[str | None, int, int, str | None, int, int]


def active_hours(description: str = "", *, wire: str = "timeRestriction") -> Parameter:
    """The argument `active_hours`. An empty list sends nothing."""
    return text_list(
        "active_hours",
        description
        or "Limit it to hours: `09:00-17:00` each day or `monday 09:00-friday 17:00`, on the half hour.",
        max_items=20,
        max_length=40,
        pattern=HOURS_PATTERN,
        wire=wire,
        encode=encode_hours,
    )


def encode_hours(entries: Sequence[str]) -> dict[str, Any] | None:
    """Opsgenie's `timeRestriction`; one entry without days is a time of day, all else goes by weekday."""
    spans = [_span(entry) for entry in entries]
    if not spans:
        return None
    if len(spans) == 1 and not spans[0][0] and not spans[0][3]:
        return {"type": "time-of-day", "restriction": _clock(spans[0])}
    return {
        "type": "weekday-and-time-of-day",
        "restrictions": [restriction for span in spans for restriction in _by_weekday(span)],
    }


def _span(entry: str) -> Span:
    match = _HOURS.fullmatch(entry)
    if match is None:
        raise ValueError(f"{entry!r} is not a span of hours.")
    _, first, start_hour, start_minute, _, last, end_hour, end_minute = match.groups()
    return first, int(start_hour), int(start_minute), last, int(end_hour), int(end_minute)


def _clock(span: Span) -> dict[str, int]:
    _, start_hour, start_minute, _, end_hour, end_minute = span
    return {"startHour": start_hour, "startMin": start_minute, "endHour": end_hour, "endMin": end_minute}


def _by_weekday(span: Span) -> list[dict[str, Any]]:
    """One restriction, or seven where the entry names no day. A span that ends earlier runs overnight."""
    clock = _clock(span)
    first, last = span[0] or span[3], span[3] or span[0]
    if first:
        return [{"startDay": first, "endDay": last, **clock}]
    overnight = span[4:] <= span[1:3]
    return [
        {"startDay": day, "endDay": DAYS[(index + overnight) % 7], **clock} for index, day in enumerate(DAYS)
    ]


def decode_hours(restriction: Any) -> list[str]:
    """The same lines from Opsgenie's object; what doesn't fit is left out."""
    if not isinstance(restriction, Mapping):
        return []
    several = restriction.get("restrictions")
    spans = several if isinstance(several, list) else [restriction.get("restriction")]
    return [line for span in spans[:20] if isinstance(span, Mapping) and (line := _line(span))]


def _line(span: Mapping[str, Any]) -> str:
    start, end = _edge(span, "start"), _edge(span, "end")
    return f"{start}-{end}" if start and end else ""


def _edge(span: Mapping[str, Any], name: str) -> str:
    day, hour, minute = span.get(f"{name}Day"), span.get(f"{name}Hour"), span.get(f"{name}Min") or 0
    if type(hour) is not int or type(minute) is not int or not 0 <= hour < 24 or not 0 <= minute < 60:
        return ""
    return (f"{day} " if day in DAYS else "") + f"{hour:02}:{minute:02}"
