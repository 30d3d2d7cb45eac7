"""A schema that names another one by URL or file makes nobody fetch or read it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, give
from tests.database import everything
from tools import profiles
from tools.models import Tool, ToolRevision
from tools.schemas import argument_problems, limit_problems, schema_problem


class Elsewhere(HTTPServer):
    """Serves a schema that everything fits, and keeps what was asked for."""

    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/schema.json"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"type": "object"}')

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere(("127.0.0.1", 0), _Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("word", ["$ref", "$schema", "$dynamicRef"])
def test_a_limit_is_refused_that_names_a_url(elsewhere: Elsewhere, word: str) -> None:
    problem = schema_problem({word: elsewhere.url})
    assert problem.startswith("This is no valid JSON Schema:")
    assert elsewhere.asked == []


def test_a_limit_is_refused_that_names_a_file(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps({"const": {"password": "hunter2"}}))
    problem = schema_problem({"properties": {"query": {"$ref": file.as_uri()}}})
    assert problem.startswith("This is no valid JSON Schema:")
    assert "hunter2" not in problem


def test_a_definition_of_an_upstream_makes_no_request(elsewhere: Elsewhere) -> None:
    revision = ToolRevision(digest="f" * 64, definition={"input_schema": {"$ref": elsewhere.url}})
    with pytest.raises(ValueError, match="retrieving it failed"):
        argument_problems(revision, {})
    assert elsewhere.asked == []


def test_a_reference_within_the_schema_works() -> None:
    schema = {"$defs": {"team": {"const": "payments"}}, "properties": {"team": {"$ref": "#/$defs/team"}}}
    assert schema_problem(schema) == ""
    assert limit_problems(schema, {"team": "payments"}) == []
    assert len(limit_problems(schema, {"team": "billing"})) == 1


def test_a_limit_that_no_call_could_be_checked_with_is_refused(few_tools: Server, mia: User) -> None:
    grant = give(mia, "opsgenie_get_alert")
    before = everything()
    with pytest.raises(ValidationError, match="no valid JSON Schema"):
        profiles.save(
            actor=SYSTEM,
            profile=grant.profile,
            toolsets=grant.profile.toolsets.all(),
            argument_limits={Tool.objects.get(name="get_alert"): {"properties": {"n": {"maximum": 2**70}}}},
        )
    assert everything() == before
