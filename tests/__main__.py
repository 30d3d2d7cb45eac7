"""`make test`: the whole suite on SQLite with the file queue, and what uses them on PostgreSQL and Redis.

Servers come from TEST_DATABASE_URL and TEST_REDIS_URL, or are started for the run and thrown away. What a
machine lacks is said at the end; with PORTCULLIS_TEST_REQUIRE_ALL=1 it fails the run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

from tests import services

#: A second round on another database and queue would show nothing new: none of the first touches either.
WITHOUT_DATABASE = (
    "tests/sandbox",
    "tests/catalog/connectors",
    "tests/catalog/outbound",
    "tests/config/test_database_and_queue_settings.py",
    "tests/config/test_processes.py",
    "tests/config/test_secrets_from_the_environment.py",
    "tests/config/test_starting_in_production.py",
    # How pages look and are operated is the same on every database, and costs minutes of a browser.
    "tests/e2e/test_accessibility.py",
    "tests/e2e/test_keyboard.py",
)


def main(arguments: list[str]) -> int:
    missing = _missing()
    options = [*_deselected(), *arguments]
    with contextlib.ExitStack() as stack:
        # Both rounds at once: much of each is waiting, for processes, browsers and time-outs.
        rounds = [_Round("SQLite and the file queue", {}, options, stack)]
        if not any("PostgreSQL" in name or "Redis" in name for name, _ in missing):
            database = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(services.postgresql())
            queue = os.environ.get("TEST_REDIS_URL") or stack.enter_context(services.redis())
            ignored = [] if arguments else [f"--ignore={folder}" for folder in WITHOUT_DATABASE]
            urls = {"DATABASE_URL": database, "REDIS_URL": queue}
            rounds.append(_Round("PostgreSQL and Redis", urls, [*options, *ignored], stack))
        codes = [each.finish() for each in rounds]
    code = next((code for code in codes if code), 0)
    for name, remedy in missing:
        print(f"NOT TESTED: {name}. {remedy}")
    if not _requires_all():
        print("NOT TESTED: what is marked slow. PORTCULLIS_TEST_REQUIRE_ALL=1, which CI sets, runs it too.")
    if missing and _requires_all():
        return code or 1
    return code


def _deselected() -> list[str]:
    """What is left out by markers; a marker among the arguments comes later and so counts instead."""
    markers = [] if shutil.which("chromium") else ["not browser"]
    if not _requires_all():
        markers.append("not slow")
    return ["-m", " and ".join(markers)] if markers else []


def _requires_all() -> bool:
    return os.environ.get("PORTCULLIS_TEST_REQUIRE_ALL") == "1"


def _missing() -> list[tuple[str, str]]:
    missing = []
    if not os.environ.get("TEST_DATABASE_URL") and services.postgresql_programs() is None:
        missing.append(("PostgreSQL", "Install the package postgresql, or set TEST_DATABASE_URL."))
    if not os.environ.get("TEST_REDIS_URL") and shutil.which("redis-server") is None:
        missing.append(("Redis", "Install the package redis-server, or set TEST_REDIS_URL."))
    if shutil.which("chromium") is None:
        missing.append(("the pages in a browser", "Install the package chromium."))
    return missing


class _Round:
    """One run of pytest in the background; its output is printed whole when it has finished."""

    def __init__(
        self, title: str, urls: dict[str, str], arguments: list[str], stack: contextlib.ExitStack
    ) -> None:
        self._title = title
        self._output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        fixed = ("DATABASE_URL", "REDIS_URL")
        others = {name: value for name, value in os.environ.items() if name not in fixed}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments],
            env={**others, **urls},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def finish(self) -> int:
        code = self._process.wait()
        self._output.seek(0)
        print(f"== {self._title}", flush=True)
        shutil.copyfileobj(self._output, sys.stdout.buffer)
        sys.stdout.flush()
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
