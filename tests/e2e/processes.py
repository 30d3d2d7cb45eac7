"""The real processes: `manage.py quickstart` as `make run` starts it, and sandboxes of our own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import requests
from psycopg.rows import dict_row

from tests.services import free_port

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


def free_port_with_free_neighbour() -> int:
    """A free port after which the next one is free too: the quickstart takes both."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port + 1))
            return port


@dataclass
class Portal:
    """A running quickstart. `walk` is what its first_walk.json says."""

    process: subprocess.Popen[bytes]
    folder: Path
    database_url: str
    walk: dict[str, str]

    @property
    def url(self) -> str:
        return self.walk["url"]

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of the portal's own database, read past its code. Write placeholders as `?`."""
        if self.database_url.startswith("postgres"):
            with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
                return connection.execute(sql.replace("?", "%s"), parameters).fetchall()
        with contextlib.closing(
            sqlite3.connect(self.folder / "var/portcullis.sqlite3", timeout=20)
        ) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, parameters)]

    def call_rows(self, call_id: str) -> list[dict[str, Any]]:
        """The audit rows of one call, first to last, with their detail decoded."""
        stored = call_id if self.database_url.startswith("postgres") else uuid.UUID(call_id).hex
        rows = self.rows("SELECT * FROM audit_auditrow WHERE call_id = ? ORDER BY id", stored)
        for row in rows:
            if isinstance(row["detail"], str):
                row["detail"] = json.loads(row["detail"])
        return rows


@contextlib.contextmanager
def running_portal(folder: Path, database_url: str, **variables: str) -> Iterator[Portal]:
    """Start the quickstart in `folder` and stop it afterwards; yields once it says that it runs."""
    port = free_port_with_free_neighbour()
    environment = portal_environment(folder, database_url, **variables)
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart", "--port", str(port)],
            cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    portal = Portal(process, folder, database_url, {})
    try:
        _wait_for_start(portal)
        yield portal
    finally:
        stop(process)


def portal_environment(folder: Path, database_url: str, **variables: str) -> dict[str, str]:
    """The environment of a quickstart that keeps everything below `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")}
    kept |= {"PORTCULLIS_DEVELOPMENT": "1", "PORTCULLIS_VAR": str(folder / "var"), **variables}
    if database_url:
        kept["DATABASE_URL"] = database_url
    return kept


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to end, as Ctrl-C's parent would, and return its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


@contextlib.contextmanager
def running_sandbox(*arguments: str) -> Iterator[Sandbox]:
    """A sandbox with its control surface, and a key of its own."""
    port, key = free_port(), str(uuid.uuid4())
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", str(port), "--key", key, "--control", *arguments],
        cwd=PROJECT, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert b"Sandbox ready" in process.stdout.readline()
        yield Sandbox(f"http://127.0.0.1:{port}", key)
    finally:
        stop(process)


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox of a test's own."""

    url: str
    key: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control surface."""
        answer = requests.request(method, f"{self.url}/_control/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def break_next(self, kind: str, *, times: int | None = 1, **more: Any) -> None:
        """The next request goes wrong in this way; with `times=None` all do, until `mend`."""
        self.control(
            "POST", "faults", {"kind": kind, "times": times, "match": {"path_prefix": "/v2/"}, **more}
        )

    def mend(self) -> None:
        """End all faults."""
        self.control("DELETE", "faults")

    def requests(self) -> list[dict[str, Any]]:
        """What it was asked, oldest first."""
        answer = self.control("GET", "requests")
        return answer["requests"] if isinstance(answer, dict) else answer


@contextlib.contextmanager
def fresh_database() -> Iterator[str]:
    """A new database on the round's PostgreSQL server; on SQLite nothing, for the portal's own default."""
    server_url = os.environ.get("DATABASE_URL", "")
    if not server_url:
        yield ""
        return
    name = f"portal_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


def _wait_for_start(portal: Portal) -> None:
    end = time.monotonic() + START_SECONDS
    while "Portcullis is running." not in portal.output:
        code = portal.process.poll()
        assert code is None, f"The quickstart ended with {code}:\n{portal.output[-3000:]}"
        assert time.monotonic() < end, f"The quickstart did not start:\n{portal.output[-3000:]}"
        time.sleep(0.1)
    portal.walk = json.loads((portal.folder / "var/first_walk.json").read_text(encoding="utf-8"))
