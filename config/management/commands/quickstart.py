from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.management.commands.serve import start_portcullis
from config.processes import PortInUse, ProcessEnded, Processes, require_free_port, sandbox_command
from config.quickstart import FirstWalk, prepare

HOST = "127.0.0.1"
READY_SECONDS = 60.0


class Command(BaseCommand):
    """What `make run` runs: everything on this machine, with a sandbox instead of Opsgenie."""

    help = "Set up a local Portcullis with sample data and a sandbox, and run it until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, help="default: the port after --port")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("The quickstart is for development. Use `make run`, which says so for you.")
        port = options["port"]
        sandbox_port = options["sandbox_port"] or port + 1
        try:
            require_free_port(HOST, port)
        except PortInUse as error:
            raise CommandError(f"{error} Choose another: PORT={port + 10} make run") from error
        try:
            require_free_port(HOST, sandbox_port)
        except PortInUse as error:
            raise CommandError(
                f"{error} The sandbox needs it; choose another: SANDBOX_PORT=… make run"
            ) from error
        os.umask(0o077)
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        walk = self._prepare(port, sandbox_port)
        self._run(walk, port, sandbox_port)

    def _prepare(self, port: int, sandbox_port: int) -> FirstWalk:
        url, sandbox_url = f"http://{HOST}:{port}", f"http://{HOST}:{sandbox_port}"
        # For this process and the children that inherit it.
        os.environ["PORTCULLIS_PUBLIC_URL"] = url
        os.environ["PORTCULLIS_SANDBOX_URL"] = settings.PORTCULLIS_SANDBOX_URL = sandbox_url
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        return prepare(path=settings.VAR_DIR / "first_walk.json", url=url, sandbox_url=sandbox_url)

    def _run(self, walk: FirstWalk, port: int, sandbox_port: int) -> None:
        processes = Processes()
        processes.handle_signals()
        try:
            processes.start("sandbox", sandbox_command(host=HOST, port=sandbox_port, key=walk.sandbox_key))
            start_portcullis(
                processes, host=HOST, port=port, web_workers=2, web_threads=16, worker_concurrency=1
            )
            if processes.wait_until(lambda: _is_ready(walk), seconds=READY_SECONDS):
                self.stdout.write(first_walk_text(walk))
                self.stdout.flush()
            elif not processes.asked_to_stop:
                raise CommandError(f"Portcullis was not ready after {READY_SECONDS:.0f} seconds.")
            processes.watch()
        except ProcessEnded as error:
            raise CommandError(str(error)) from error
        finally:
            processes.stop()


def _is_ready(walk: FirstWalk) -> bool:
    return _answers(f"{walk.url}/readyz") and _answers(f"{walk.sandbox_url}/")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (an address of our own)
            return True
    except urllib.error.HTTPError as error:
        # Any answer shows that the sandbox is up; the portal must say that it is ready.
        return error.code < 500
    except OSError:
        return False


def first_walk_text(walk: FirstWalk) -> str:
    """The first walk as it is printed."""
    client = {
        "mcpServers": {
            "portcullis": {
                "type": "http",
                "url": walk.mcp_url,
                "headers": {"Authorization": f"Bearer {walk.user_token}"},
            }
        }
    }
    return f"""
Portcullis is running. AI access management is on: approved tools can be called.

  Portal      {walk.url}/admin/
  Sign in     {walk.admin_user}   {walk.admin_password}
  Members     {walk.url}/me/
  Sign in     {walk.member_user}   {walk.member_password}   (Mia, who has no rights in the admin)
  MCP         {walk.mcp_url}
  Token       {walk.user_token}   (of Mia, who may look at alerts and schedules)
  Sandbox     {walk.sandbox_url}   (stands in for Opsgenie; its key: {walk.sandbox_key})

Connect Claude Code:

  claude mcp add --transport http portcullis {walk.mcp_url} --header "Authorization: Bearer {walk.user_token}"

Other clients take this JSON:

{json.dumps(client, indent=2)}

Then ask it "who is on call?", and look at {walk.url}/admin/audit/auditrow/ for what it did.
The same facts are in {settings.VAR_DIR / "first_walk.json"}. Ctrl-C ends everything.
"""
