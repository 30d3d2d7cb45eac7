"""The sandbox's own clock, which tests may move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall-clock time plus an offset."""

    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self._source = source or (lambda: datetime.now(UTC))
        self.offset = timedelta()

    def now(self) -> datetime:
        """The current instant, in UTC."""
        return self._source() + self.offset

    def move_to(self, instant: datetime) -> None:
        """Make `instant` the current one; time goes on from there."""
        self.offset = instant - self._source()
