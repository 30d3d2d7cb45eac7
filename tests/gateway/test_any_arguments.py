"""Any arguments that fit a tool's schema get the client one true answer, and Opsgenie a sound request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from mcp_types.methods import validate_server_result

from catalog.models import Server
from clients.models import User
from sandbox.app import SandboxApp, create_app
from sandbox.keys import parse_key
from tests.catalog.connectors.opsgenie.desk import running_sandbox
from tests.catalog.connectors.opsgenie.strategies import arguments
from tests.conftest import KEY, approve, give, make_server, sync
from tests.wire import Connection, connect
from tools.models import Tool

SETTINGS = settings(
    max_examples=3,
    deadline=None,
    database=None,
    # What the sandbox holds depends on all that was called before: the same each time, or a failure could not
    # be seen twice.
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Answer:
    """What the sandbox was asked and how it answered."""

    request: str
    status: int
    body: bytes

    @property
    def is_of_a_sound_request(self) -> bool:
        """Whether it was understood, be it to be refused: a missing object, a rule, something in use."""
        if self.status == 404:
            return b"No handler found" not in self.body
        return self.status < 300 or self.status in (402, 409, 422, 428)


class Listening:
    """A sandbox, and what it answers."""

    def __init__(self, app: SandboxApp) -> None:
        self.app = app
        self.answers: list[Answer] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        statuses: list[str] = []

        def begin(status: str, *more: Any) -> Any:
            statuses.append(status)
            return start_response(status, *more)

        body = b"".join(self.app(environ, begin))
        asked = f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}"
        self.answers.append(Answer(asked, int(statuses[0][:3]), body))
        return [body]

    def ids(self, path: str) -> list[str]:
        """The ids of what a path is about: for `/v2/teams/{identifier}` the teams'."""
        match = re.search(r"/v\d/([a-z-]+)", path)
        if match is None:
            return []
        kind = match[1].replace("-", "_")
        tables = (self.app.state.table(kind), self.app.state.table(f"{kind}s"))
        # The key's own integration stays: without it nothing would be answered any more.
        return [key for table in tables for key, record in table.items() if record.get("apiKey") != KEY]


@pytest.fixture
def sandbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Listening, str]]:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    # Long enough for any request here, short for a tool that waits for what never happens.
    settings.PORTCULLIS_CALL_SECONDS = 2
    # Hundreds of accepted changes are asked for their outcome here: a tenth of a second each adds up.
    monkeypatch.setattr("catalog.connectors.opsgenie.request_status._FIRST_PAUSE", 0.002)
    app = Listening(create_app(keys=(parse_key(KEY),), processing_delay=0))
    with running_sandbox(app) as url:
        yield app, url


@pytest.fixture
def everything(sandbox: tuple[Listening, str], mia: User) -> tuple[Connection, list[Tool]]:
    """Mia's connection, and the tools of all domains, which are approved and given to her."""
    server = make_server(base_url=sandbox[1])
    server.optional_domains = [domain.key for domain in server.connector.optional_domains]
    server.save()
    sync(server)
    tools = approve(*_names(server))
    give(mia, *(tool.client_name for tool in tools))
    return connect(mia), tools


def _names(server: Server) -> list[str]:
    return list(Tool.objects.filter(server=server).values_list("client_name", flat=True))


def test_any_valid_arguments_get_a_true_answer(
    everything: tuple[Connection, list[Tool]], sandbox: tuple[Listening, str], subtests: pytest.Subtests
) -> None:
    connection, tools = everything
    for tool in tools:
        with subtests.test(tool=tool.name):
            _try(tool, connection, sandbox[0])


def _try(tool: Tool, connection: Connection, sandbox: Listening) -> None:
    @SETTINGS
    @given(values=_arguments(tool, sandbox))
    def call(values: dict[str, Any]) -> None:
        sandbox.answers.clear()
        _check_answer(connection, tool.client_name, values)
        assert [answer for answer in sandbox.answers if not answer.is_of_a_sound_request] == []

    call()


def _arguments(tool: Tool, sandbox: Listening) -> SearchStrategy[dict[str, Any]]:
    """What fits the approved schema, about nothing at all or about something that exists."""
    definition = tool.approved_revision.definition  # type: ignore[union-attr]
    schema = definition["input_schema"]
    anything = arguments(schema)
    about = [name for name in schema.get("required", ()) if name == "identifier" or name.endswith("_id")]
    ids = sandbox.ids(definition["path"])
    if not about or not ids:
        return anything
    return anything | st.builds(
        lambda values, chosen: {
            **{name: value for name, value in values.items() if name != "identifier_type"},
            about[0]: chosen,
        },
        anything,
        st.sampled_from(ids),
    )


def _check_answer(connection: Connection, name: str, values: dict[str, Any]) -> None:
    """One call is answered with a result, or with a failure in words that the upstream gave cause for."""
    response = connection.request("tools/call", {"name": name, "arguments": values})
    answer = json.loads(response.content)
    assert response.status_code == 200, answer
    assert answer.keys() == {"jsonrpc", "id", "result"}, answer
    result = answer["result"]
    validate_server_result("tools/call", connection.version, result)
    text = result["content"][0]["text"]
    assert text
    assert "Traceback" not in text
    if result["isError"]:
        # Neither denied nor withheld: the arguments fit, and so does every answer.
        failure = result["_meta"]["portcullis/failure"]
        assert failure["code"] != "connector_fault", failure
        assert failure["message"] in text
