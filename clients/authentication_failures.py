"""Recording failed authentication without letting a flood fill the audit log."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from audit import log
from audit.actor import Actor
from audit.events import Event

WINDOW_SECONDS = 60.0
MOST_SOURCES = 1_024
SHARED = "(many sources)"


@dataclass(slots=True)
class _Window:
    opened_at: float
    unrecorded: int = 0


class FailureLog:
    """One row for a source's first failure of a kind in a minute; the rest are counted into its next row.

    A process keeps the counts in memory, for a bounded number of sources: what is beyond shares one place.
    A count that no later failure brings out is lost with the process; the first failure never is.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str, str], _Window] = {}
        self._lock = threading.Lock()

    def record(self, *, actor: Actor, reason: str, token: str = "") -> None:
        """Note a failure of `reason` from the actor's address, with the token's visible part if known."""
        repeated = self._count(actor.source_address or "", reason, token)
        if repeated is not None:
            detail = {"token": token, "repeated_before": repeated}
            log.record(Event.AUTHENTICATION_FAILED, actor=actor, reason=reason, detail=detail)

    def _count(self, source: str, reason: str, token: str) -> int | None:
        """How many failures went unrecorded before this one, or None when this one is only counted."""
        now = time.monotonic()
        with self._lock:
            key = (source, reason, token)
            if key not in self._windows and len(self._windows) >= MOST_SOURCES:
                self._drop_old(now)
                if len(self._windows) >= MOST_SOURCES:
                    key = (SHARED, reason, "")
            window = self._windows.get(key)
            if window is not None and now - window.opened_at < WINDOW_SECONDS:
                window.unrecorded += 1
                return None
            repeated = window.unrecorded if window else 0
            self._windows[key] = _Window(opened_at=now)
            return repeated

    def _drop_old(self, now: float) -> None:
        """Forget sources that have been quiet for a window; what they still owed goes to the shared place."""
        for key, window in list(self._windows.items()):
            if key[0] == SHARED or now - window.opened_at < WINDOW_SECONDS:
                continue
            del self._windows[key]
            if window.unrecorded:
                shared = self._windows.setdefault((SHARED, key[1], ""), _Window(opened_at=now))
                shared.unrecorded += window.unrecorded


failures = FailureLog()
