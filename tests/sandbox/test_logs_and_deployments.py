"""Log files and deployments."""

from __future__ import annotations

from tests.sandbox.conftest import Caller


def test_log_files(api: Caller) -> None:
    response = api.request("GET", "/v2/logs/list/2026-01-14-06-00-00").json
    assert response["data"][0]["filename"] == "2026-01-14-07-00-00.json"
    assert len(response["data"]) == 5
    assert api.get(f"/v2/logs/list/{response['marker']}") == []
    link = api.request("GET", "/v2/logs/download/2026-01-14-07-00-00.json")
    assert link.mimetype == "text/plain"
    assert "Signature=" in link.text
    assert api.refused("GET", "/v2/logs/download/other.json")[0] == 404


def test_deployments(api: Caller) -> None:
    body = {
        "message": "Release",
        "state": "started",
        "environment": {"id": "eu-1", "type": "Production", "displayName": "Europe"},
        "externalId": "r1",
    }
    accepted = api.do("POST", "/v2/deployments", body)
    pending = api.request("GET", f"/v2/deployments/requests/{accepted['requestId']}")
    assert pending.headers["X-Opsgenie-Errortype"] == "RequestNotProcessed"
    api.hand.advance(seconds=1)
    fate = api.get(f"/v2/deployments/requests/{accepted['requestId']}")
    assert fate["isSuccess"] is True
    api.do("PUT", "/v2/deployments/r1/updateState", {"state": "successful"}, identifierType="api")
    api.hand.advance(seconds=1)
    shown = api.get(f"/v2/deployments/{fate['deploymentId']}")
    assert (shown["state"], shown["completedAt"]) == ("successful", "2026-01-14T12:00:01.050Z")
    assert shown["environment"] == body["environment"]
    for change in ({"state": "finished"}, {"environment": {"name": "production"}}, {"message": None}):
        assert api.refused("POST", "/v2/deployments", {**body, **change})[0] == 422
    wrong = {**body, "environment": {"id": "eu-1", "type": "production"}}
    assert set(api.refused("POST", "/v2/deployments", wrong)[1]["errors"]) == {"environment#type"}
    assert api.refused("GET", "/v2/deployments/none")[0] == 404
