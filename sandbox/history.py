"""Notes and logs of alerts and incidents."""

from datetime import datetime

from sandbox.state import Record, State
from sandbox.times import epoch_milliseconds, format_instant


def history(state: State, table: str, identifier: str) -> list[Record]:
    """The notes or logs of an alert or incident, oldest first."""
    return state.table(table).get(identifier, {"entries": []})["entries"]


def add_entry(state: State, table: str, identifier: str, entry: Record, now: datetime) -> None:
    """Add a note or a log line."""
    entries = state.table(table).setdefault(identifier, {"entries": []})["entries"]
    # The offset is opaque to clients; a number behind the time keeps entries of one millisecond apart.
    offset = f"{epoch_milliseconds(now)}_{epoch_milliseconds(now)}{len(entries):04d}"
    entries.append({**entry, "createdAt": format_instant(now), "offset": offset})
