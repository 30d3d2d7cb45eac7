"""A desk whose calls go through `/mcp`, with what the upstream was asked on behalf of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

from tests.catalog.connectors.opsgenie.desk import Desk
from tests.e2e.ai_client import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `tool` by the upstream's name, `asked` as the sandbox witnessed it, first to last."""

    tool: str
    call_id: str
    was_refused: bool
    asked: tuple[dict[str, Any], ...]

    def sent(self) -> dict[str, Any]:
        """The fields of the first request: its query and, where it has one, its JSON body."""
        first = self.asked[0]
        return {**dict(parse_qsl(first["query"])), **(json.loads(first["body"]) if first["body"] else {})}


class ClientDesk(Desk):
    """Calls tools of one server with an AI client, over one connection.

    `witness` is the file in which the sandbox notes every request before it answers.
    """

    def __init__(self, connection: Connection, *, prefix: str, person: str, witness: Path) -> None:
        super().__init__()
        self.person = person
        self.calls: list[Call] = []
        self.offered = {
            name.removeprefix(f"{prefix}_"): tool
            for name, tool in connection.tools().items()
            if name.startswith(f"{prefix}_")
        }
        self._connection = connection
        self._witness = witness
        self._read = witness.stat().st_size

    def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        result = self._call(tool, arguments, must_work=True)
        assert not result.is_error, (tool, result)
        schema = self.offered[tool].output_schema
        problem = next(jsonschema_rs.validator_for(schema).iter_errors(result.structured_content), None)
        assert problem is None, (tool, problem)
        assert result.content[0].text
        return result.structured_content

    def refused(self, tool: str, /, **arguments: Any) -> str:
        result = self._call(tool, arguments, must_work=False)
        assert result.is_error, (tool, result)
        failure = result.meta["portcullis/failure"]
        assert failure["message"] in result.content[0].text
        return failure["code"]

    def _call(self, tool: str, arguments: dict[str, Any], *, must_work: bool) -> Any:
        self.used.add(tool)
        result = self._connection.call(self.offered[tool].name, arguments)
        call_id = result.meta["portcullis/call_id"]
        self.calls.append(Call(tool, call_id, not must_work, self._asked_since()))
        return result

    def _asked_since(self) -> tuple[dict[str, Any], ...]:
        with self._witness.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        self._read += len(lines)
        return tuple(json.loads(line) for line in lines.splitlines())
