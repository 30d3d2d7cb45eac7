"""A desk together with what its sandbox was asked, and ways to make that misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from catalog.connectors.base import ConnectorError, ToolResult
from sandbox.app import SandboxApp
from sandbox.faults import Fault

from .desk import ConnectorDesk


@dataclass
class Office:
    """`do` calls tools over HTTP; `asked` is how many requests the last question took."""

    app: SandboxApp
    do: ConnectorDesk

    def question(self, tool: str, /, **arguments: Any) -> ToolResult:
        """Call a tool that must work, with the sandbox's list of requests starting afresh."""
        self.app.witness.forget()
        return self.do.result(tool, **arguments)

    def failure(self, tool: str, /, **arguments: Any) -> ConnectorError:
        """The same for a call that must not work."""
        self.app.witness.forget()
        with pytest.raises(ConnectorError) as caught:
            self.do(tool, **arguments)
        return caught.value

    @property
    def asked(self) -> list[str]:
        """The paths of the requests since then; all of them are GETs."""
        entries = self.app.witness.entries()
        assert {entry["method"] for entry in entries} <= {"GET"}
        return [entry["path"] for entry in entries]

    def spoil(self, path: str, **fault: Any) -> None:
        """Spoil every answer under a path, with HTTP 500 unless told otherwise."""
        self.app.faults.add(Fault(**{"kind": "status", "times": None, "path_prefix": path, **fault}))
