"""Who gets in: the exact answers to keys that are missing, malformed, unknown or disabled."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from werkzeug.test import Client

from tests.sandbox.conftest import KEY, Caller

UNKNOWN = "99999999-2222-4333-8444-555555555555"


def answer(api: Caller, header: str | None) -> tuple[int, str]:
    headers = {} if header is None else {"Authorization": header}
    response = Client(api.app).get("/v2/account", headers=headers)
    return response.status_code, response.json.get("message", "")


@pytest.mark.parametrize(
    "header", [None, "", "GenieKey", "GenieKey ", f"Bearer {KEY}", f"GenieKey {UNKNOWN}"]
)
def test_without_a_known_key(api: Caller, header: str | None) -> None:
    assert answer(api, header) == (401, "Could not authenticate")


def test_the_refusal_has_no_code(api: Caller) -> None:
    response = Client(api.app).get("/v2/account")
    assert set(response.json) == {"message", "took", "requestId"}
    assert response.headers["X-Request-Id"] == response.json["requestId"]


@pytest.mark.parametrize("key", ["secret", KEY[:-1], KEY + "0", KEY.replace("-", "")])
def test_a_key_of_the_wrong_shape(api: Caller, key: str) -> None:
    assert answer(api, f"GenieKey {key}") == (422, "Key format is not valid!")


def test_case_does_not_matter(build: Callable[..., Caller]) -> None:
    api = build("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
    assert answer(api, "geniekey AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE")[0] == 200


def test_basic_with_the_key_as_password(api: Caller) -> None:
    credentials = base64.b64encode(f":{KEY}".encode()).decode()
    assert answer(api, f"Basic {credentials}")[0] == 200
    assert answer(api, "Basic %%%")[0] == 401


def test_an_unknown_path_tells_strangers_nothing(api: Caller) -> None:
    assert Client(api.app).get("/v2/nothing").status_code == 401
    assert api.refused("GET", "/v2/nothing")[0] == 404
