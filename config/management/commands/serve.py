from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.processes import (
    PortInUse,
    ProcessEnded,
    Processes,
    beat_command,
    require_free_port,
    web_command,
    worker_command,
)


class Command(BaseCommand):
    """Run web, worker and scheduler together, for one machine. A fleet starts each by itself (docs)."""

    help = "Run the web server, the Celery worker and the scheduler as children, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--web-workers", type=int, default=2)
        parser.add_argument("--web-threads", type=int, default=16)
        parser.add_argument("--worker-concurrency", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_free_port(options["host"], options["port"])
        except PortInUse as error:
            raise CommandError(f"{error} Choose another with --port.") from error
        processes = Processes()
        processes.handle_signals()
        try:
            start_portcullis(processes, **{name: options[name] for name in OPTIONS})
            processes.watch()
        except ProcessEnded as error:
            raise CommandError(str(error)) from error
        finally:
            processes.stop()


OPTIONS = ("host", "port", "web_workers", "web_threads", "worker_concurrency")


def start_portcullis(
    processes: Processes, *, host: str, port: int, web_workers: int, web_threads: int, worker_concurrency: int
) -> None:
    """Start web, worker and scheduler on these settings."""
    settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    pid_file: Path = settings.VAR_DIR / "beat.pid"
    # Left behind by a machine that lost power; were a scheduler running, its port check would have failed.
    pid_file.unlink(missing_ok=True)
    processes.start("web", web_command(host=host, port=port, workers=web_workers, threads=web_threads))
    processes.start("worker", worker_command(concurrency=worker_concurrency))
    processes.start("scheduler", beat_command(pid_file=pid_file))
