"""Who asked for what: the last requests in memory, and all of them in a file if one is given."""

import hashlib
import json
import os
import threading
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request

from sandbox.keys import presented_key
from sandbox.times import format_instant

MOST_REMEMBERED = 1000


def describe(request: Request, path: str, now: datetime) -> dict[str, Any]:
    """What is kept of a request. Of the key, only a hash: these lines end up in test output."""
    key = presented_key(request.headers.get("Authorization"))
    return {
        "time": format_instant(now),
        "method": request.method,
        "path": path,
        "query": request.query_string.decode("ascii", "replace"),
        "body": described_body(request),
        "key": hashlib.sha256(key.lower().encode()).hexdigest() if key else None,
    }


def described_body(request: Request) -> str:
    """The body as it came; of a form its fields as JSON, and the name and size of each file."""
    content = request.get_data()
    if request.mimetype != "multipart/form-data":
        return content.decode("utf-8", "replace")
    files = {
        name: {"name": file.filename, "size": file.seek(0, os.SEEK_END)}
        for name, file in request.files.items()
    }
    for file in request.files.values():
        file.seek(0)  # the operation reads them afterwards
    return json.dumps({**request.form.to_dict(), **files})


class Witness:
    """Records every request before it is answered."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._remembered: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None

    def record(self, entry: dict[str, Any]) -> None:
        """Remember a request. In a file it is on the disk when this returns."""
        with self._lock:
            self._remembered.append(entry)
            if self._descriptor is not None:
                os.write(self._descriptor, json.dumps(entry).encode() + b"\n")
                os.fsync(self._descriptor)

    def entries(self) -> list[dict[str, Any]]:
        """The requests remembered, oldest first."""
        with self._lock:
            return list(self._remembered)

    def forget(self) -> None:
        """Empty the memory; the file stays."""
        with self._lock:
            self._remembered.clear()
