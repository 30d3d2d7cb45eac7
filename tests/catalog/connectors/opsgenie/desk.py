"""A running sandbox, and somebody at a desk who calls tools on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jsonschema_rs
from werkzeug.serving import WSGIRequestHandler, make_server

from catalog.connectors.base import CallContext, Target
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.outbound import Deadline
from sandbox.app import create_app
from sandbox.keys import DEFAULT_KEY

PERSON = "ana@example.com"


class Quiet(WSGIRequestHandler):
    """Keeps the test output readable."""

    def log(self, *args: object) -> None:
        """Nothing."""


@contextmanager
def running_sandbox() -> Iterator[str]:
    """A fresh sandbox with its seed data; gives its URL."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


class Desk:
    """Calls tools, checks each answer against its schema, and remembers which were used."""

    def __init__(self, url: str) -> None:
        self.used: set[str] = set()
        self._target = Target(url, {"Authorization": f"GenieKey {DEFAULT_KEY}"}, "integration")

    def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        definition = OPERATIONS[tool].definition
        assert jsonschema_rs.validator_for(definition.input_schema).is_valid(arguments), (tool, arguments)
        result = OpsgenieConnector().call(
            target=self._target,
            tool_name=tool,
            arguments=arguments,
            context=CallContext(f"call-{len(self.used)}-{tool}", PERSON, Deadline(20)),
        )
        assert jsonschema_rs.validator_for(definition.output_schema).is_valid(result.structured), result
        assert result.text
        self.used.add(tool)
        return result.structured
