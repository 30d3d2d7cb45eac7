"""Calendar exports (RFC 5545), as the `.ics` paths answer them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sandbox.answers import TextAnswer
from sandbox.coverage import Period

PRODUCT = "-//Opsgenie sandbox//On-call schedules//EN"


def calendar_export(name: str, entries: Iterable[tuple[str, Period]], now: datetime) -> TextAnswer:
    """Write one event for each period; `entries` pairs it with the schedule's name."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", f"X-WR-CALNAME:{_escaped(name)}"]
    for schedule_name, period in entries:
        who = period.recipient.get("username") or period.recipient.get("name", "")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_stamp(period.start)}-{period.recipient.get('id', '')}@sandbox",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(period.start)}",
            f"DTEND:{_stamp(period.end)}",
            f"SUMMARY:{_escaped(f'{who} is on call for {schedule_name}')}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return TextAnswer("\r\n".join(lines) + "\r\n", "text/calendar; charset=utf-8")


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Commas, semicolons and line breaks mean something in a calendar."""
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
