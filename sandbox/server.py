"""The sandbox as a process of its own: one gunicorn worker with threads, because the state is in memory."""

import os
import signal
import socket
import sys
import threading
import time
from typing import Any

from gunicorn.app.base import BaseApplication

from sandbox.app import SandboxApp

THREADS = 32
BACKLOG = 1024
PARENT_POLL_SECONDS = 0.5


class PortInUse(Exception):
    """Something else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Done here rather than by gunicorn, which would retry for seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortInUse(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def exit_with_parent() -> None:
    """Stop this process once the process that started it is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


class SandboxServer(BaseApplication):
    """gunicorn around a sandbox."""

    def __init__(self, app: SandboxApp, listener: socket.socket) -> None:
        self._app = app
        self._address = listener.getsockname()[:2]
        # gunicorn adopts the descriptor and closes it in its own time; ours must not do it again.
        self._listener_fd = listener.detach()
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn should do; nothing is read from its own files or environment."""
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener_fd}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "worker_connections": 1000,
            "keepalive": 75,
            # The worker's heart beats beside its requests; a slow answer is wanted here, not a fault.
            "timeout": 0,
            "graceful_timeout": 2,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self.worker_ready,
            "worker_exit": self.worker_exit,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> SandboxApp:
        """The application."""
        return self._app

    def worker_ready(self, _worker: Any) -> None:
        """Say so, once requests are answered; and let what is being held go as soon as the end comes."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            usual = signal.getsignal(number)

            def stop(received: int, frame: Any, usual: Any = usual) -> None:
                self._app.stopping.set()
                if callable(usual):
                    usual(received, frame)

            signal.signal(number, stop)
        host, port = self._address
        shown = f"[{host}]" if ":" in host else host
        print(f"Sandbox ready at http://{shown}:{port}", flush=True)  # noqa: T201

    def worker_exit(self, _server: Any, _worker: Any) -> None:
        """Keep the state, if a file for it was given."""
        path = self._app.settings.state_file
        if path is not None:
            try:
                self._app.state.save(path)
            except OSError as error:
                print(f"sandbox: cannot save the state: {error}", file=sys.stderr)  # noqa: T201


def serve(app: SandboxApp, listener: socket.socket) -> None:
    """Answer requests until told to stop. Ends by SystemExit."""
    SandboxServer(app, listener).run()
