"""Running something beside the test, on a database connection of its own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

WAIT_SECONDS = 15.0
#: Long enough that what isn't held back would be over; a test that finds it so has failed truly.
HELD_SECONDS = 0.4


class Beside:
    """A thread that keeps its result or exception. Leaves no connection open behind it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._result: Any = None
        self._error: BaseException | None = None
        # A copied context would count as inside the governed() block that started the thread.
        self._thread = threading.Thread(target=contextvars.Context().run, args=(self._run,), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def is_held(self) -> bool:
        """Whether it is still waiting after a good while."""
        self._thread.join(HELD_SECONDS)
        return self._thread.is_alive()

    def result(self) -> Any:
        """What it returned, raised here if it raised; fails when it takes too long."""
        self._thread.join(WAIT_SECONDS)
        assert self.is_over, "the other thread never ended"
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error
        finally:
            connections.close_all()
