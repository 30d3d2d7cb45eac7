"""A running sandbox, and desks from which somebody calls tools on it."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from catalog.connectors.base import CallContext, ConnectorError, Target, ToolResult
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.connectors.opsgenie.tools import TOOLS
from catalog.outbound import Deadline
from sandbox.app import SandboxApp, create_app, raw_path
from sandbox.keys import DEFAULT_KEY

PERSON = "ana@example.com"


class Quiet(WSGIRequestHandler):
    """Keeps the test output readable."""

    def log(self, *args: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Exchange:
    """A request the sandbox got and what it answered, if that is JSON."""

    method: str
    path: str
    status: int
    answer: Any


class Recorded:
    """A sandbox whose exchanges are kept, but for those that were spoilt on purpose."""

    def __init__(self, app: SandboxApp, traffic: list[Exchange]) -> None:
        self._app = app
        self._traffic = traffic

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        method, path = environ["REQUEST_METHOD"], raw_path(environ)
        started: list[Any] = []
        is_spoilt = any(path.startswith(fault["match"]["path_prefix"] or "") for fault in self._faults())

        def start(status: str, headers: Any, *more: Any) -> Any:
            started.extend([status, dict(headers)])
            return start_response(status, headers, *more)

        body = b"".join(self._app(environ, start))
        if started and not is_spoilt and "json" in started[1].get("Content-Type", ""):
            self._traffic.append(Exchange(method, path, int(started[0].split()[0]), json.loads(body)))
        return [body]

    def _faults(self) -> list[dict[str, Any]]:
        return self._app.faults.documents()


@contextmanager
def running_sandbox(app: Any = None, *, traffic: list[Exchange] | None = None) -> Iterator[str]:
    """A fresh sandbox with its seed data, unless another is given; yields its URL.

    What is asked and answered goes into `traffic`.
    """
    app = app or create_app()
    served = app if traffic is None else Recorded(app, traffic)
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=Quiet)
    # Looks often whether it should end: by default twice a second, which every test would wait for.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


class Desk(ABC):
    """Somebody who calls tools, under the upstream's names, and remembers which were used.

    `person` is the e-mail address that Opsgenie is told.
    """

    person: str

    def __init__(self) -> None:
        self.used: set[str] = set()

    @abstractmethod
    def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The structured result of a call that must work; it must fit the tool's output schema."""

    @abstractmethod
    def refused(self, tool: str, /, **arguments: Any) -> str:
        """The code of a call that must not work. The tool is used all the same."""


class ConnectorDesk(Desk):
    """Calls the connector itself."""

    person = PERSON

    def __init__(self, url: str, *, key: str = DEFAULT_KEY, seconds: float = 20) -> None:
        super().__init__()
        self.seconds = seconds
        self._target = Target(url, {"Authorization": f"GenieKey {key}"}, "integration")

    def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        return self.result(tool, **arguments).structured

    def result(self, tool: str, /, **arguments: Any) -> ToolResult:
        """The same with its text and trace. Whoever sits at this desk may call everything."""
        definition = TOOLS[tool].definition
        assert jsonschema_rs.validator_for(definition.input_schema).is_valid(arguments), (tool, arguments)
        self.used.add(tool)
        result = OpsgenieConnector().call(
            target=self._target,
            tool_name=tool,
            arguments=arguments,
            context=CallContext(
                f"call-{len(self.used)}-{tool}",
                PERSON,
                Deadline(self.seconds),
                access=lambda: dict.fromkeys(TOOLS),
            ),
        )
        assert jsonschema_rs.validator_for(definition.output_schema).is_valid(result.structured), result
        assert result.text
        return result

    def refused(self, tool: str, /, **arguments: Any) -> str:
        with pytest.raises(ConnectorError) as caught:
            self(tool, **arguments)
        return caught.value.code
