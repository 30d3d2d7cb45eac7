"""A sandbox in this process, with a clock the test holds in its hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from sandbox.app import SandboxApp, create_app
from sandbox.clock import Clock
from sandbox.keys import parse_key

# A Wednesday noon in winter time.
START = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)
KEY = "11111111-2222-4333-8444-555555555555"


class Hand:
    """A source of time that only moves when told to."""

    def __init__(self, instant: datetime = START) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, **parts: float) -> None:
        """Let time pass, in the units of timedelta."""
        self.instant += timedelta(**parts)


class Caller:
    """A client of the API with a key."""

    def __init__(self, app: SandboxApp, hand: Hand, key: str = KEY) -> None:
        self.app = app
        self.hand = hand
        self._client = Client(app)
        self._headers = {"Authorization": f"GenieKey {key}"}

    def request(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        """Send a request; a body that isn't None is sent as JSON."""
        content = None if body is None else json.dumps(body)
        kind = None if body is None else "application/json"
        return self._client.open(
            path,
            method=method,
            data=content,
            content_type=kind,
            headers=self._headers,
            query_string=query or None,
        )

    def raw(self, method: str, path: str, content: str, kind: str) -> TestResponse:
        """Send a body as it is."""
        return self._client.open(path, method=method, data=content, content_type=kind, headers=self._headers)

    def get(self, path: str, **query: Any) -> Any:
        """The data of a read that has to succeed."""
        response = self.request("GET", path, **query)
        assert response.status_code == 200, response.text
        return response.json["data"]

    def do(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The whole answer of a change that has to succeed."""
        response = self.request(method, path, body, **query)
        assert response.status_code < 300, response.text
        return response.json

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """The status and the answer of a request that mustn't succeed."""
        response = self.request(method, path, body, **query)
        assert response.status_code >= 400, response.text
        assert set(response.json) >= {"message", "took", "requestId"}
        return response.status_code, response.json

    def processed(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send an asynchronous request, wait, and return its request status."""
        response = self.request(method, path, body, **query)
        assert response.status_code == 202, response.text
        self.hand.advance(seconds=1)
        kind = "/v1/incidents" if path.startswith("/v1/incidents") else "/v2/alerts"
        return self.get(f"{kind}/requests/{response.json['requestId']}")

    def with_key(self, key: str) -> Caller:
        """The same sandbox, seen with another key."""
        return Caller(self.app, self.hand, key)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def build(hand: Hand) -> Callable[..., Caller]:
    """Make a sandbox. `keys` are written as on the command line; the first one is the caller's."""

    def make(*keys: str, seed: bool = False, **switches: Any) -> Caller:
        accepted = tuple(parse_key(key) for key in keys or (KEY,))
        app = create_app(keys=accepted, seed=seed, clock=Clock(hand), **switches)
        return Caller(app, hand, accepted[0].value)

    return make


@pytest.fixture
def api(build: Callable[..., Caller]) -> Caller:
    """An empty sandbox and a key that may do everything."""
    return build()


@pytest.fixture
def seeded(build: Callable[..., Caller]) -> Caller:
    """The made-up company."""
    return build(seed=True, control=True)


@pytest.fixture
def people(api: Caller) -> dict[str, str]:
    """Three users of the empty sandbox: name to id."""
    ids = {}
    for name in ("ann", "ben", "cleo"):
        body = {"username": f"{name}@example.org", "fullName": name.title(), "role": {"name": "User"}}
        ids[name] = api.do("POST", "/v2/users", body)["data"]["id"]
    return ids
