"""A fault in Portcullis itself: the client gets an answer to its request, and nobody gets a secret."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import KEY
from tests.database import everything
from tests.gateway.conftest import Gateway
from tests.wire import VERSIONS, answer_of, error_of, last_row, rows_since
from tools import policy

CANARY = f"canary-of-a-fault {KEY}"


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(policy, "callable_tools", fail)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_request_is_answered_by_its_id(
    gateway: Gateway, fault: None, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    client = gateway.connect(version)
    last = last_row()
    response = client.request("tools/list")
    assert error_of(response) == (200, -32603, 7)
    assert response["X-Request-Id"] in answer_of(response)["error"]["message"]
    assert response["X-Request-Id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert CANARY not in response.content.decode() + caplog.text + repr(everything())
    (row,) = rows_since(last)
    assert (row.event, row.reason, row.actor_name) == ("request.refused", "fault", "mia")


def test_the_others_of_its_batch_are_answered(gateway: Gateway, fault: None) -> None:
    methods = ["ping", "tools/list", "ping"]
    batch = [{"jsonrpc": "2.0", "id": number, "method": method} for number, method in enumerate(methods)]
    answers = answer_of(gateway.connect("2025-03-26").send(batch))
    assert [(answer["id"], "error" in answer) for answer in answers] == [(0, False), (1, True), (2, False)]


def test_a_fault_before_a_message_is_read_has_no_id(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str) -> Any:
        raise RuntimeError(CANARY)

    client = gateway.connect()
    monkeypatch.setattr("clients.authentication.tokens.find", fail)
    response = client.request("tools/list")
    assert error_of(response) == (200, -32603, None)
    assert CANARY not in response.content.decode() + caplog.text
