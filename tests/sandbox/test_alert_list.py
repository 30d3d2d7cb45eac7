"""Lists of alerts: pages, order, what items hold."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Caller


@pytest.fixture
def five(api: Caller) -> Caller:
    """Five alerts, a minute apart."""
    for number in range(5):
        alert = {
            "message": f"Alert {number}",
            "alias": f"a{number}",
            "priority": f"P{number + 1}",
            "entity": "e",
        }
        api.processed("POST", "/v2/alerts", {**alert, "description": "long", "details": {"k": "v"}})
        api.hand.advance(minutes=1)
    return api


def aliases(api: Caller, **query: object) -> list[str]:
    return [alert["alias"] for alert in api.get("/v2/alerts", **query)]


def test_newest_first(five: Caller) -> None:
    assert aliases(five) == ["a4", "a3", "a2", "a1", "a0"]
    assert aliases(five, order="asc") == ["a0", "a1", "a2", "a3", "a4"]
    assert aliases(five, sort="message", order="asc", limit=2, offset=1) == ["a1", "a2"]


def test_items_leave_out_what_only_get_has(five: Caller) -> None:
    item = five.get("/v2/alerts")[0]
    whole = five.get(f"/v2/alerts/{item['id']}")
    assert set(whole) - set(item) == {"actions", "entity", "description", "details"}


def test_pages_lead_to_each_other(five: Caller) -> None:
    response = five.request("GET", "/v2/alerts", limit=2, query="status:open")
    assert [alert["alias"] for alert in response.json["data"]] == ["a4", "a3"]
    paging = response.json["paging"]
    assert set(paging) == {"first", "next", "last"}
    assert response.headers["X-Paging-Next"] == paging["next"]
    assert response.headers["X-Paging-First"] == paging["first"]
    seen = []
    while response.json["paging"].get("next"):
        seen += [alert["alias"] for alert in response.json["data"]]
        response = five.request("GET", response.json["paging"]["next"])
    seen += [alert["alias"] for alert in response.json["data"]]
    assert seen == ["a4", "a3", "a2", "a1", "a0"]
    assert response.json["paging"]["prev"]
    last = five.request("GET", paging["last"]).json
    assert [alert["alias"] for alert in last["data"]] == ["a0"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101},
        {"limit": 0},
        {"limit": "many"},
        {"offset": -1},
        {"offset": 19_990, "limit": 11},
        {"sort": "beauty"},
        {"order": "up"},
    ],
)
def test_what_can_not_be_asked(api: Caller, query: dict[str, object]) -> None:
    assert api.refused("GET", "/v2/alerts", **query)[0] == 422


def test_the_deepest_page(api: Caller) -> None:
    assert aliases(api, offset=19_900, limit=100) == []


@pytest.mark.parametrize(
    "sort", ["report.ackTime", "owner", "snoozedUntil", "tinyId", "acknowledged", "count"]
)
def test_sorting_by_what_not_every_alert_has(five: Caller, sort: str) -> None:
    five.processed("POST", "/v2/alerts/a2/acknowledge", {"user": "ann"}, identifierType="alias")
    assert sorted(aliases(five, sort=sort)) == ["a0", "a1", "a2", "a3", "a4"]
    if sort == "report.ackTime":
        assert aliases(five, sort=sort)[0] == "a2"


def test_count(five: Caller) -> None:
    assert five.get("/v2/alerts/count") == {"count": 5}
    assert five.get("/v2/alerts/count", query="priority: (P1 OR P2)") == {"count": 2}


def test_a_slash_at_the_end_is_tolerated(five: Caller) -> None:
    assert len(five.get("/v2/alerts/")) == 5


def test_notes_are_paged_by_opaque_offsets(five: Caller) -> None:
    for number in range(5):
        five.processed("POST", "/v2/alerts/a0/notes", {"note": str(number)}, identifierType="alias")
    path, query = "/v2/alerts/a0/notes", {"identifierType": "alias", "limit": 2, "order": "asc"}
    response = five.request("GET", path, **query)
    seen = [note["note"] for note in response.json["data"]]
    while "next" in response.json["paging"]:
        response = five.request("GET", response.json["paging"]["next"])
        seen += [note["note"] for note in response.json["data"]]
    assert seen == ["0", "1", "2", "3", "4"]
    offset = five.get(path, **query)[1]["offset"]
    back = five.get(path, **query, offset=offset, direction="prev")
    assert [note["note"] for note in back] == ["0"]
    newest = five.get(path, identifierType="alias", limit=1)
    assert newest[0]["note"] == "4"


def test_logs_tell_what_happened(five: Caller) -> None:
    five.processed("POST", "/v2/alerts/a0/close", {"user": "ann", "note": "done"}, identifierType="tiny")
    five.processed("POST", "/v2/alerts/a0/close", {"user": "ann", "note": "done"}, identifierType="alias")
    identifier = next(alert["id"] for alert in five.get("/v2/alerts") if alert["alias"] == "a0")
    logs = five.get(f"/v2/alerts/{identifier}/logs")
    assert [(log["log"], log["owner"]) for log in logs[:2]] == [
        ("Added note: done", "ann"),
        ("Alert closed", "ann"),
    ]
