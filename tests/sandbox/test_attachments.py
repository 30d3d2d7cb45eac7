"""Files attached to alerts."""

from __future__ import annotations

from io import BytesIO

from werkzeug.test import Client

from tests.sandbox.conftest import KEY, Caller

PATH = "/v2/alerts/disk/attachments"
BY_ALIAS = {"alertIdentifierType": "alias"}


def test_attach_list_get_delete(api: Caller) -> None:
    api.processed("POST", "/v2/alerts", {"message": "x", "alias": "disk"})
    answer = Client(api.app).post(
        PATH,
        query_string=BY_ALIAS,
        data={"file": (BytesIO(b"content"), "graph 1.png"), "user": "ann"},
        headers={"Authorization": f"GenieKey {KEY}"},
    )
    assert answer.status_code == 201
    [shown] = api.get(PATH, **BY_ALIAS)
    assert shown["name"] == "graph 1.png"
    got = api.get(f"{PATH}/{shown['id']}", **BY_ALIAS)
    assert got["url"].startswith("https://")
    assert "Signature=" in got["url"]
    api.do("DELETE", f"{PATH}/{shown['id']}", **BY_ALIAS)
    assert api.get(PATH, **BY_ALIAS) == []
    [upload] = [
        each for each in api.app.witness.entries() if each["path"] == PATH and each["method"] == "POST"
    ]
    assert upload["body"] == '{"user": "ann", "file": {"name": "graph 1.png", "size": 7}}'
    logs = [log["log"] for log in api.get("/v2/alerts/disk/logs", identifierType="alias")]
    assert "Attached [graph 1.png]" in logs


def test_refusals(api: Caller) -> None:
    assert api.refused("GET", PATH, **BY_ALIAS)[0] == 404
    api.processed("POST", "/v2/alerts", {"message": "x", "alias": "disk"})
    assert api.refused("POST", PATH, {}, **BY_ALIAS)[0] == 415
    assert api.refused("GET", f"{PATH}/1", **BY_ALIAS)[0] == 404
