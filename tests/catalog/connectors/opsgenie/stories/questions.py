"""What the composites are asked, between work and clearing up."""

from __future__ import annotations

from ..desk import Desk
from .company import LUKAS


def ask(do: Desk) -> None:
    moment = "2026-03-02T10:00:00Z"
    night = do("who_is_on_call", team="night", at=moment)["schedules"]
    assert [place["schedule"] for place in night] == ["night_schedule", "nights"]
    # Ben covers for Ana, who is on call all that week.
    assert {(one["who"], one["until"]) for one in night[1]["on_call"]} == {
        ("user:ben@example.com", "2026-03-02T16:00:00Z")
    }
    assert do("who_is_on_call", schedule="nights", at=moment)["schedules"] == night[1:]
    assert do("who_is_on_call", user=LUKAS)["asked"] == f"user {LUKAS} (Lukas Brandt)"

    created = do("create_alert", message="Disk slow", alias="disk/db-2")
    outcome = do("wait_for_request", request_id=created["request_id"], kind="alert")
    assert (outcome["success"], outcome["alert_id"]) == (True, created["alert_id"])
    do("add_alert_note", identifier="disk/db-2", note="Since noon")
    context = do("get_alert_context", identifier="disk/db-2")
    assert (context["alert"]["message"], context["notes"][0]["note"]) == ("Disk slow", "Since noon")
    assert context["logs"]

    alerts = do("list_capabilities", domain="alerts")["domains"]
    assert [domain["domain"] for domain in alerts] == ["alerts"]
    assert "get_alert" in alerts[0]["available"]
