"""202 and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox.conftest import Caller


def test_not_yet_and_never(build: Callable[..., Caller]) -> None:
    api = build(processing_delay=5)
    response = api.request("POST", "/v2/alerts", {"message": "x", "alias": "a"})
    assert response.status_code == 202
    assert response.json["result"] == "Request will be processed"
    path = f"/v2/alerts/requests/{response.json['requestId']}"
    pending = api.request("GET", path)
    assert pending.status_code == 404
    assert pending.headers["X-Opsgenie-Errortype"] == "RequestNotProcessed"
    unknown = api.request("GET", "/v2/alerts/requests/something-else")
    assert unknown.status_code == 404
    assert "X-Opsgenie-Errortype" not in unknown.headers
    assert api.refused("GET", "/v2/alerts/a", identifierType="alias")[0] == 404
    api.hand.advance(seconds=5)
    assert api.get(path)["processedAt"] == "2026-01-14T12:00:05.000Z"
    assert api.get("/v2/alerts/a", identifierType="alias")["createdAt"] == "2026-01-14T12:00:05.000Z"


def test_no_delay_at_all(build: Callable[..., Caller]) -> None:
    api = build(processing_delay=0)
    accepted = api.do("POST", "/v2/alerts", {"message": "x"})
    assert api.get(f"/v2/alerts/requests/{accepted['requestId']}")["isSuccess"] is True


def test_requests_are_processed_in_order(api: Caller) -> None:
    api.do("POST", "/v2/alerts", {"message": "x", "alias": "a"})
    api.do("POST", "/v2/alerts/a/acknowledge", {}, identifierType="alias")
    api.do("POST", "/v2/alerts/a/close", {}, identifierType="alias")
    api.hand.advance(seconds=1)
    [alert] = api.get("/v2/alerts")
    assert (alert["status"], alert["acknowledged"]) == ("closed", True)
