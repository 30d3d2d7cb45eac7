"""Which web pages may talk to the endpoint. Told before anything is asked about the caller."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.conftest import Gateway
from tests.wire import Connection, error_of, last_row, rows_since

OURS = "https://portal.example.com"
CORS = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Allow-Credentials",
)
FOREIGN = [
    "null",
    "https://evil.example",
    "http://portal.example.com",
    "https://portal.example.com:8443",
    "https://portal.example.com.evil.example",
    "https://evil.example/https://portal.example.com",
    "https://PORTAL.example.com",
    "https://portal.example.com/",
    "https://portal.example.com, https://evil.example",
    "",
    "*",
    "file://",
]


@pytest.fixture(autouse=True)
def one_page(settings: Any) -> None:
    settings.PORTCULLIS_ALLOWED_ORIGINS = [OURS]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("with_token", [True, False])
def test_another_page_is_refused_before_the_token_is_looked_at(
    gateway: Gateway, origin: str, with_token: bool
) -> None:
    connection = gateway.connect() if with_token else Connection("nonsense")
    last = last_row()
    response = connection.request("tools/list", origin=origin)
    assert error_of(response) == (403, -32600, None)
    assert not any(header in response for header in CORS)
    assert rows_since(last) == []


def test_a_program_has_no_origin(gateway: Gateway) -> None:
    response = gateway.connect().request("tools/list")
    assert response.status_code == 200
    assert not any(header in response for header in CORS)


def test_an_allowed_page_may_read_the_answer(gateway: Gateway) -> None:
    response = gateway.connect().request("tools/list", origin=OURS)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == OURS
    assert "Access-Control-Allow-Credentials" not in response
    assert "Origin" in response["Vary"]


def test_an_allowed_page_may_read_a_refusal_and_its_challenge(gateway: Gateway) -> None:
    response = Connection("nonsense").request("tools/list", origin=OURS)
    assert error_of(response) == (401, -32600, None)
    assert response["Access-Control-Allow-Origin"] == OURS
    assert "www-authenticate" in response["Access-Control-Expose-Headers"].lower()


def test_a_preflight_of_an_allowed_page(gateway: Gateway) -> None:
    response = Connection(None).http.options(
        "/mcp",
        headers={
            "origin": OURS,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization, content-type, mcp-protocol-version",
        },
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == OURS
    assert "POST" in response["Access-Control-Allow-Methods"]
    allowed = {name.strip() for name in response["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= {"authorization", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"}


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_preflight_of_another_page(gateway: Gateway, origin: str) -> None:
    response = Connection(None).http.options("/mcp", headers={"origin": origin})
    assert response.status_code == 403
    assert not any(header in response for header in CORS)


def test_options_without_an_origin_tell_the_methods_and_no_more(gateway: Gateway) -> None:
    last = last_row()
    response = Connection(None).http.options("/mcp")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "POST, OPTIONS"
    assert rows_since(last) == []
