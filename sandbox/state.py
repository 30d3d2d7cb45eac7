"""Everything the sandbox remembers: named tables of JSON documents, counters and work still to be done.

Records are plain JSON documents on purpose. They are what the API takes and gives, so a table can be
saved, loaded and looked at without a translation layer that could hide a difference from the real thing.
"""

import heapq
import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from sandbox.times import format_instant

Record = dict[str, Any]


class State:
    """Tables of records by id. Hold `lock` while reading or writing; never sleep with it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._random: Random | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._tables: dict[str, dict[str, Record]] = {}
        self._counters: dict[str, int] = {}
        self._work: list[tuple[str, int, Record]] = []

    def table(self, name: str) -> dict[str, Record]:
        """The records of one kind, by id, in order of creation."""
        return self._tables.setdefault(name, {})

    def next_number(self, counter: str) -> int:
        """The next value of a counter: 1, 2, 3…"""
        self._counters[counter] = self._counters.get(counter, 0) + 1
        return self._counters[counter]

    def new_id(self) -> str:
        """An id nothing else has."""
        if self._random is None:
            return str(uuid.uuid4())
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    @contextmanager
    def identifiers_from(self, source: Random) -> Iterator[None]:
        """Draw new ids from a seeded source, so that seeded data has the same ids every time."""
        self._random = source
        try:
            yield
        finally:
            self._random = None

    def schedule_work(self, due: datetime, work: Record) -> None:
        """Remember work to be done at an instant."""
        heapq.heappush(self._work, (format_instant(due), self.next_number("work"), work))

    def take_due_work(self, now: datetime | None) -> Iterator[tuple[str, Record]]:
        """Hand out, oldest first, the work that is due by `now`; all of it if `now` is None."""
        until = None if now is None else format_instant(now)
        while self._work and (until is None or self._work[0][0] <= until):
            due, _, work = heapq.heappop(self._work)
            yield due, work

    def awaits(self, request_id: str) -> bool:
        """Whether the request with this id was accepted and isn't processed yet."""
        return any(work.get("requestId") == request_id for _, _, work in self._work)

    def document(self) -> Record:
        """The whole state as one JSON document."""
        return {"tables": self._tables, "counters": self._counters, "work": sorted(self._work)}

    def load_document(self, document: Record) -> None:
        """Replace the state by a saved one. Raises ValueError if it doesn't look like one."""
        try:
            tables = {str(name): dict(table) for name, table in document["tables"].items()}
            counters = {str(name): int(value) for name, value in document["counters"].items()}
            work = [(str(due), int(number), dict(record)) for due, number, record in document["work"]]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError("not a saved sandbox state") from error
        self._tables, self._counters, self._work = tables, counters, work
        heapq.heapify(self._work)

    def save(self, path: Path) -> None:
        """Write the state to a file; a crash half-way leaves the old file whole."""
        with self.lock:
            text = json.dumps(self.document(), indent=1)
        temporary = path.with_name(path.name + ".new")
        with temporary.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Read the state from a file. Raises OSError or ValueError."""
        document = json.loads(path.read_text())
        with self.lock:
            self.load_document(document)
