"""One alert from its creation to its closing, and what else hangs on alerts."""

from __future__ import annotations

from ..desk import Desk
from .company import LUKAS


def work_an_alert(do: Desk) -> None:
    created = do(
        "create_alert",
        message="Disk full",
        alias="disk/db-1",
        responders=["team:night"],
        details={"host": "db-1"},
        priority="P2",
    )
    assert (created["processed"], created["success"]) == (True, True)
    alert = {"identifier": created["alert_id"]}
    assert do("get_alert_request_status", request_id=created["request_id"])["success"] is True
    assert do("acknowledge_alert", **alert, note="On it")["success"] is True
    do("unacknowledge_alert", **alert)
    do("snooze_alert", **alert, end_time="2099-01-01T00:00:00+01:00")
    do("assign_alert", **alert, owner="ana@example.com")
    do("add_alert_responder", **alert, responder="user:ben@example.com")
    do("add_alert_team", **alert, team="Platform")
    do("escalate_alert", **alert, escalation="ladder")
    do("add_alert_note", **alert, note="Deleted old logs")
    do("add_alert_tags", **alert, tags=["db", "disk"])
    do("remove_alert_tags", **alert, tags=["disk"])
    do("add_alert_details", **alert, details={"mount": "/var", "host": "db-2"})
    do("remove_alert_details", **alert, keys=["mount"])
    do("update_alert_priority", **alert, priority="P1")
    do("update_alert_message", **alert, message="Disk nearly full")
    do("update_alert_description", **alert, description="Growing by 1 GB an hour")
    read = do("get_alert", identifier="disk/db-1")
    facts = {name: read[name] for name in ("message", "priority", "tags", "details", "owner", "description")}
    assert facts == {
        "message": "Disk nearly full",
        "priority": "P1",
        "tags": ["db"],
        "details": {"host": "db-2"},
        "owner": "ana@example.com",
        "description": "Growing by 1 GB an hour",
    }
    notes = do("list_alert_notes", **alert, limit=1)
    assert notes["items"][0]["owner"] == do.person
    if notes["has_more"]:
        assert (
            do("list_alert_notes", **alert, limit=1, offset=notes["next_offset"])["items"] != notes["items"]
        )
    assert do("list_alert_logs", **alert, limit=100)["items"]
    do("list_alert_recipients", **alert)
    assert do("close_alert", **alert)["success"] is True
    assert do("get_alert", **alert)["status"] == "closed"
    assert do.refused("close_alert", identifier="disk/db-1") == "upstream_not_applied"


def go_beyond(do: Desk) -> None:
    created = do("create_alert", message="Disk full", actions=["restart"])
    alert = {"identifier": created["alert_id"]}
    assert do("execute_alert_action", **alert, action="restart", note="try")["success"] is True
    graph = {"file_name": "graph 1.png", "content_base64": "iVBORw0KGgo="}
    attachment = {**alert, "attachment_id": do("add_alert_attachment", **alert, **graph)["id"]}
    assert [one["name"] for one in do("list_alert_attachments", **alert)["items"]] == ["graph 1.png"]
    assert do("get_alert_attachment", **attachment) == {"name": "graph 1.png"}
    do("delete_alert_attachment", **attachment)
    assert do.refused("get_alert_attachment", **attachment) == "upstream_not_found"
    assert do("delete_alert", **alert)["success"] is True
    search = {"query": "status:open", "owner": LUKAS}
    do("create_alert_saved_search", name="open ones", teams=["Payments"], **search)
    do("update_alert_saved_search", identifier="open ones", name="open ones", **search, description="all")
    assert do("get_alert_saved_search", identifier="open ones")["query"] == "status:open"
    assert "open ones" in {one["name"] for one in do("list_alert_saved_searches")["items"]}
    do("delete_alert_saved_search", identifier="open ones")
    mine = do("list_user_saved_searches")["items"][0]
    assert do("get_user_saved_search", identifier=mine["id"])["name"] == mine["name"]
    do("delete_user_saved_search", identifier=mine["id"])
    assert do.refused("get_user_saved_search", identifier=mine["id"]) == "upstream_not_found"
    # Opsgenie lists no saved searches of incidents: their ids are known from its own pages only.
    assert do.refused("delete_incident_saved_search", identifier="nothing") == "upstream_not_found"
