"""Instants as Opsgenie writes them: UTC, milliseconds, a trailing Z."""

from datetime import UTC, datetime, timedelta


def format_instant(instant: datetime) -> str:
    """Write an instant the way every Opsgenie document does."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; one without an offset is taken as UTC. Raises ValueError."""
    if "T" not in text:
        raise ValueError(f"not an instant: {text!r}")
    instant = datetime.fromisoformat(text)
    if not 1970 < instant.year < 2200:
        # Calendars are computed some days around an instant, which has to stay within what datetime can hold.
        raise ValueError(f"out of range: {text!r}")
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def epoch_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970, as used in alert ids, paging keys and search queries."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
