"""Starting Portcullis's processes, watching them, and ending every one of them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STOP_SECONDS = 15.0
LOOK_EVERY_SECONDS = 0.2


class PortInUse(Exception):
    """Another program listens where one of ours should."""


class ProcessEnded(Exception):
    """A process that should run on has ended."""


def require_free_port(host: str, port: int) -> None:
    """Raise PortInUse when something already listens on the port, or nothing could."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(f"Port {port} on {host} can't be used: {error.strerror}.") from error
        except OverflowError as error:
            raise PortInUse(f"Port {port} on {host} can't be used: ports end at 65535.") from error


def web_command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """Gunicorn with threads: each worker serves that many calls at once and keeps no state."""
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi:application",
        "--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads),
        "--keep-alive", "75", "--timeout", "60", "--graceful-timeout", "10",
        "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip


def worker_command(*, concurrency: int) -> list[str]:
    """A Celery worker. Gossip and mingling need a broker with broadcast, which the file queue is not."""
    return [
        sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker",
        "--concurrency", str(concurrency),
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING",
    ]  # fmt: skip


def beat_command(*, pid_file: Path) -> list[str]:
    """The Celery scheduler. Run exactly one."""
    return [
        sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat",
        "--pidfile", str(pid_file), "--loglevel", "WARNING",
    ]  # fmt: skip


def sandbox_command(*, host: str, port: int, key: str) -> list[str]:
    """The local stand-in for Opsgenie, for trying things out."""
    return [
        sys.executable, "-m", "sandbox", "--host", host, "--port", str(port), "--key", key,
        "--exit-with-parent",
    ]  # fmt: skip


@dataclass
class Processes:
    """Child processes that live and die together: when one ends, all are ended."""

    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stop_signal: int | None = None

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a child in a session of its own, so that a terminal's Ctrl-C reaches only us."""
        self._running[name] = subprocess.Popen(command, start_new_session=True)

    def handle_signals(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask for an orderly end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    @property
    def asked_to_stop(self) -> bool:
        return self._stop_signal is not None

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for `is_ready`, for the time or until asked to stop; whether it became ready.

        Raises ProcessEnded when a child ends meanwhile.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.asked_to_stop:
            self._require_all_running()
            if is_ready():
                return True
            time.sleep(LOOK_EVERY_SECONDS)
        return False

    def watch(self) -> None:
        """Return when asked to stop. Raises ProcessEnded when a child ends by itself."""
        while not self.asked_to_stop:
            self._require_all_running()
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """End every child: a request first, force for those that don't follow in time."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, end - time.monotonic()))
        for process in self._running.values():
            # The whole session: a worker's own children must not outlive it either.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _require_all_running(self) -> None:
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                raise ProcessEnded(f"The {name} process ended with exit code {code}; see its output above.")

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_signal = number
