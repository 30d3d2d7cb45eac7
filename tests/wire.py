"""An AI client as the wire shows it: HTTP requests to `/mcp` through the whole of Django, in process."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from audit.models import AuditRow
from clients.models import User
from tests.conftest import issue_token

MODERN = "2026-07-28"
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
VERSIONS = (*HANDSHAKE, MODERN)
META = "io.modelcontextprotocol/"
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Connection:
    """One client with one token, speaking one protocol version."""

    def __init__(self, token: str | None, version: str = MODERN) -> None:
        self.token = token
        self.version = version
        self.http = Client()

    def send(self, body: Any, *, without: tuple[str, ...] = (), **headers: str) -> HttpResponse:
        """POST a body, bytes as they are, with these headers (`mcp_method="x"`) over the usual ones."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        usual = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        if self.token is not None:
            usual["authorization"] = f"Bearer {self.token}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**usual, **given}.items() if name not in without}
        # Django's test client leaves the type out with an empty body, so it goes in beside.
        typed = {"CONTENT_TYPE": sent.pop("content-type")} if "content-type" in sent else {}
        return self.http.generic("POST", "/mcp", raw, content_type="", headers=sent, **typed)

    def message(self, method: str, params: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A request of this version; `id=...` and other members over the usual ones."""
        params = dict(params or {})
        if self.version == MODERN:
            envelope = {
                f"{META}protocolVersion": MODERN,
                f"{META}clientCapabilities": {},
                f"{META}clientInfo": {"name": "tests", "version": "1"},
            }
            params["_meta"] = {**envelope, **params.get("_meta", {})}
        return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params, **more}

    def headers(self, message: dict[str, Any]) -> dict[str, str]:
        """What goes with a message of this version."""
        headers = {"mcp_protocol_version": self.version}
        if self.version == MODERN:
            headers["mcp_method"] = message["method"]
            if name := message["params"].get(NAMED_BY.get(message["method"], "")):
                headers["mcp_name"] = str(name)
        return headers

    def request(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        without: tuple[str, ...] = (),
        **headers: str,
    ) -> HttpResponse:
        """Send a request of this version."""
        message = self.message(method, params)
        return self.send(message, without=without, **{**self.headers(message), **headers})

    def result(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of a request that must have one."""
        response = self.request(method, params)
        answer = json.loads(response.content)
        assert response.status_code == 200, answer
        assert answer.keys() == {"jsonrpc", "id", "result"}, answer
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer["result"]

    def call(self, name: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of a tool call."""
        return self.result("tools/call", {"name": name, "arguments": arguments or {}})


def connect(person: User, version: str = MODERN) -> Connection:
    """A connection with a new token of the person."""
    return Connection(issue_token(person)[1], version)


def answer_of(response: HttpResponse) -> Any:
    """The decoded body."""
    return json.loads(response.content)


def error_of(response: HttpResponse) -> tuple[int, int, Any]:
    """Status, error code and id of a response that must be a JSON-RPC error and nothing else."""
    answer = answer_of(response)
    assert response["Content-Type"] == "application/json"
    assert answer.keys() == {"jsonrpc", "id", "error"}, answer
    assert answer["jsonrpc"] == "2.0"
    assert answer["error"].keys() <= {"code", "message", "data"}
    assert answer["error"]["message"]
    return response.status_code, answer["error"]["code"], answer["id"]


def rows_since(last: AuditRow | None) -> list[AuditRow]:
    """The audit rows after this one, first to last."""
    return list(AuditRow.objects.filter(pk__gt=last.pk if last else 0).order_by("pk"))


def last_row() -> AuditRow | None:
    """The newest audit row, to ask for those after it."""
    return AuditRow.objects.first()
