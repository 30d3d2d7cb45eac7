"""Throwaway PostgreSQL and Redis servers, started from the machine's own programs."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

START_SECONDS = 30


def free_port() -> int:
    """A TCP port on the loopback that nothing uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgresql_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest where there are several."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))  # where Debian puts them
    found += [path for path in [shutil.which("initdb")] if path]
    folders = [Path(path).parent for path in found]
    return next((folder for folder in reversed(folders) if (folder / "postgres").exists()), None)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own, as a DATABASE_URL. It keeps its promise to write through (fsync on)."""
    programs = postgresql_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL's programs are not on this machine.")
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portcullis-postgresql-") as folder:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = f"{folder}/data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "portcullis", "-E", "UTF8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder,
        )  # fmt: skip
        with open(f"{folder}/log", "wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1"],
                stdout=log, stderr=log, user=user, cwd=folder,
            )  # fmt: skip
        try:
            _wait_for_port(port, server)
            url = f"postgres://portcullis@127.0.0.1:{port}/postgres"
            _wait_for_database(url)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis server of our own, as a REDIS_URL. It keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not on this machine.")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portcullis-redis-") as folder:
        server = subprocess.Popen(
            [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for_port(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def _wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended with exit code {server.returncode}.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"Nothing listens on port {port} after {START_SECONDS} seconds.")


def _wait_for_database(url: str) -> None:
    """The port opens before the server accepts sessions."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
