"""Faults, as far as they can be seen without a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import Caller


@pytest.fixture
def api(build: Callable[..., Caller]) -> Caller:
    return build(control=True)


def fault(api: Caller, kind: str, **fields: Any) -> None:
    response = api.request("POST", "/_control/faults", {"kind": kind, "times": 1, **fields})
    assert response.status_code == 200, response.text


def create(api: Caller) -> Any:
    return api.request("POST", "/v2/alerts", {"message": "x"})


def alerts(api: Caller) -> int:
    api.hand.advance(seconds=1)
    return api.get("/v2/alerts/count")["count"]


def test_a_status_before_the_effect(api: Caller) -> None:
    fault(api, "status", status=503)
    response = create(api)
    assert response.status_code == 503
    assert set(response.json) == {"message", "took", "requestId"}
    assert alerts(api) == 0


def test_a_status_after_the_effect(api: Caller) -> None:
    fault(api, "status", status=502, body="<html>Bad gateway</html>", after_effect=True)
    response = create(api)
    assert (response.status_code, response.mimetype) == (502, "text/html")
    assert alerts(api) == 1


def test_matching_and_counting(api: Caller) -> None:
    fault(api, "status", times=2, match={"method": "POST", "path_prefix": "/v2/alerts"})
    assert api.request("GET", "/v2/alerts").status_code == 200
    assert api.request("POST", "/v2/teams", {"name": "Ops"}).status_code == 201
    assert [create(api).status_code for _ in range(3)] == [500, 500, 202]


def test_until_cleared(api: Caller) -> None:
    fault(api, "status", times=None, body={"message": "no"})
    assert {create(api).status_code for _ in range(5)} == {500}
    assert len(api.request("GET", "/_control/faults").json["faults"]) == 1
    api.request("DELETE", "/_control/faults")
    assert create(api).status_code == 202


@pytest.mark.parametrize("kind", ["reset", "truncate"])
@pytest.mark.parametrize("after_effect", [False, True])
def test_connections_that_break(api: Caller, kind: str, after_effect: bool) -> None:
    fault(api, kind, after_effect=after_effect)
    with pytest.raises(ConnectionResetError):
        create(api)
    assert alerts(api) == int(after_effect)


def test_garbage(api: Caller) -> None:
    fault(api, "garbage")
    response = create(api)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    with pytest.raises(UnicodeDecodeError):
        json.loads(response.data)


def test_huge(api: Caller) -> None:
    fault(api, "huge", megabytes=2)
    assert len(create(api).data) > 2 * 1024 * 1024


def test_drip_gives_the_true_answer_slowly(api: Caller) -> None:
    fault(api, "drip", seconds=0.1)
    started = time.perf_counter()
    response = create(api)
    assert response.json["result"] == "Request will be processed"
    assert time.perf_counter() - started >= 0.1


def test_redirect(api: Caller) -> None:
    fault(api, "redirect", location="http://127.0.0.1:1/elsewhere")
    response = create(api)
    assert (response.status_code, response.headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")
    assert api.request("POST", "/_control/faults", {"kind": "redirect"}).status_code == 422


def test_rate_limited(api: Caller) -> None:
    fault(api, "rate_limited", period=1, reason="INTEGRATION")
    response = create(api)
    assert response.status_code == 429
    assert response.headers["X-RateLimit-State"] == "THROTTLED"
    assert response.headers["X-RateLimit-Reason"] == "INTEGRATION"
    assert response.headers["X-RateLimit-Period-In-Sec"] == "1"
    assert create(api).headers["X-RateLimit-State"] == "OK"


def test_timeout(api: Caller) -> None:
    fault(api, "timeout", seconds=0.05)
    assert create(api).status_code == 504
    fault(api, "timeout", seconds=0.05, after_effect=True)
    assert create(api).status_code == 202
    assert alerts(api) == 1


def test_latency(api: Caller) -> None:
    api.request("POST", "/_control/latency", {"seconds": 0.05})
    started = time.perf_counter()
    create(api)
    assert time.perf_counter() - started >= 0.05


def test_a_kind_that_does_not_exist(api: Caller) -> None:
    assert api.request("POST", "/_control/faults", {"kind": "gremlin"}).status_code == 422
