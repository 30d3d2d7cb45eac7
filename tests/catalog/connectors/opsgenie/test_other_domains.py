"""What the operations beyond the core do differently: keys, links, calendars, markers, nested bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from catalog.connectors.base import CallContext, ConnectorError, ToolResult
from catalog.connectors.opsgenie.domains import CORE_OPERATIONS, OPERATIONS
from catalog.connectors.opsgenie.request import PreparedRequest, prepare
from catalog.outbound import Deadline

from .upstream import Reply, Upstream

Call = Callable[..., ToolResult]
NEW_KEY = "9b8f6a54-1d2c-4e3f-8a7b-0c1d2e3f4a5b"


def build(tool: str, /, **values: Any) -> PreparedRequest:
    schema = OPERATIONS[tool].definition.input_schema
    assert jsonschema_rs.validator_for(schema).is_valid(values)
    return prepare(OPERATIONS[tool], values, CallContext("c-1", "ana@example.com", Deadline(10)))


def test_only_the_core_is_discovered() -> None:
    assert len(OPERATIONS) > len(CORE_OPERATIONS)
    assert all(operation.core for operation in CORE_OPERATIONS)


@pytest.mark.parametrize("tool", ["get_integration", "list_integrations", "create_integration"])
def test_an_integration_s_key_is_withheld(upstream: Upstream, call: Call, tool: str) -> None:
    integration = {"id": "i-1", "name": "API", "type": "API", "apiKey": NEW_KEY, "enabled": True}
    upstream.answer(Reply(200, {"result": "Created", "data": integration}))
    arguments = {
        "get_integration": {"integration_id": "i-1"},
        "list_integrations": {},
        "create_integration": {"name": "API", "type": "API"},
    }[tool]
    if tool == "list_integrations":
        upstream.answer(Reply(200, {"data": [integration]}))
    result = call(tool, **arguments)
    assert "API" in result.text
    assert NEW_KEY not in f"{result.structured}{result.text}"


def test_a_download_link_is_withheld(upstream: Upstream, call: Call) -> None:
    link = "https://logs.example/2026.json?X-Amz-Signature=abc"
    upstream.answer(Reply(200, link.encode(), {"Content-Type": "text/plain"}))
    result = call("get_log_file_url", filename="2026-03-01.json")
    assert result.structured == {"available": True}
    upstream.answer(Reply(200, {"data": {"name": "graph.png", "url": link}}))
    result = call("get_alert_attachment", identifier="1", attachment_id="5")
    assert result.structured == {"name": "graph.png"}


def test_a_calendar_is_text(upstream: Upstream, call: Call) -> None:
    calendar = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:ana\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    upstream.answer(Reply(200, calendar, {"Content-Type": "text/calendar"}))
    result = call("export_schedule", identifier="night shift")
    assert upstream.asked[0].path == "/v2/schedules/night%20shift.ics"
    assert result.structured["events"] == 1
    assert "SUMMARY:ana" in result.structured["calendar"]
    schema = OPERATIONS["export_schedule"].definition.output_schema
    assert jsonschema_rs.validator_for(schema).is_valid(result.structured)


def test_anything_but_a_calendar_is_garbage(upstream: Upstream, call: Call) -> None:
    upstream.answer(Reply(200, b"<html>"))
    with pytest.raises(ConnectorError) as caught:
        call("export_user_on_calls", identifier="ana@example.com")
    assert caught.value.code == "upstream_garbage"


def test_log_files_go_on_at_a_marker(upstream: Upstream, call: Call) -> None:
    files = [{"filename": "a.json", "date": 1540367662000, "size": 10}]
    upstream.answer(Reply(200, {"data": files, "marker": "2026-03-02-00-00-00"}))
    result = call("list_log_files", marker="2026-03-01-00-00-00")
    assert result.structured["next_offset"] == "2026-03-02-00-00-00"
    assert "call again with marker 2026-03-02-00-00-00" in result.text
    upstream.answer(Reply(200, {"data": [], "marker": "2026-03-02-00-00-00"}))
    assert call("list_log_files", marker="x").structured["has_more"] is False


def test_a_ping_has_no_outcome_to_wait_for(upstream: Upstream, call: Call) -> None:
    upstream.answer(Reply(202, {"result": "PONG - Heartbeat received", "requestId": "r-1"}))
    result = call("ping_heartbeat", name="backup")
    assert (result.structured["accepted"], result.structured["status"]) == (True, "PONG - Heartbeat received")
    assert len(upstream.asked) == 1


def test_incidents_have_a_status_of_their_own(upstream: Upstream, call: Call) -> None:
    upstream.answer(
        Reply(202, {"result": "Request will be processed", "requestId": "r-1"}),
        Reply(200, {"data": {"success": True, "status": "Created incident", "incidentId": "in-1"}}),
    )
    result = call("create_incident", message="Payments down", impacted_services=["s-1"])
    assert result.structured["incident_id"] == "in-1"
    assert upstream.asked[0].body == {"message": "Payments down", "impactedServices": ["s-1"]}
    assert upstream.asked[1].path == "/v1/incidents/requests/r-1"


def test_plain_ids_become_records(upstream: Upstream, call: Call) -> None:
    upstream.answer(Reply(200, {"data": ["a-1", "a-2", None]}))
    result = call("list_incident_associated_alerts", identifier="3")
    assert result.structured["items"] == [{"id": "a-1"}, {"id": "a-2"}]


def test_a_postmortem_is_read_as_plain_text(upstream: Upstream, call: Call) -> None:
    document = {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Why"}]}],
    }
    upstream.answer(Reply(200, {"data": {"postmortemId": "p-1", "title": "T", "executiveSummary": document}}))
    assert call("get_postmortem", postmortem_id="p-1").structured == {
        "id": "p-1",
        "title": "T",
        "summary": "Why",
    }


def test_a_policy_keeps_its_team_in_the_query() -> None:
    request = build(
        "create_policy",
        type="notification",
        name="quiet",
        team_id="t-1",
        match="match-all-conditions",
        conditions=[{"field": "priority", "operation": "equals", "expected_value": "P5", "negated": False}],
        close_after_minutes=30,
        delay_option="next-monday",
        delay_until_hour=9,
    )
    assert request.query == {"teamId": "t-1"}
    assert request.json == {
        "type": "notification",
        "name": "quiet",
        "filter": {
            "type": "match-all-conditions",
            "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P5", "not": False}],
        },
        "autoCloseAction": {"duration": {"timeAmount": 30, "timeUnit": "minutes"}},
        "delayAction": {"delayOption": "next-monday", "untilHour": 9},
    }


def test_each_replaced_action_names_its_type() -> None:
    request = build(
        "replace_integration_actions",
        integration_id="i-1",
        add_note=[{"name": "note", "match": "match-all", "alias": "{{alias}}"}],
    )
    assert request.json == {
        "addNote": [
            {
                "type": "addNote",
                "name": "note",
                "filter": {"conditionMatchType": "match-all"},
                "alias": "{{alias}}",
            }
        ]
    }


def test_maintenance_and_templates_nest_as_opsgenie_does() -> None:
    request = build(
        "create_maintenance",
        time_type="for-1-hour",
        rules=[{"entity_type": "integration", "entity_id": "i-1", "state": "disabled"}],
    )
    assert request.json == {
        "time": {"type": "for-1-hour"},
        "rules": [{"entity": {"type": "integration", "id": "i-1"}, "state": "disabled"}],
    }
    request = build(
        "create_service_incident_template",
        identifier="s-1",
        name="down",
        message="Down",
        priority="P1",
        stakeholder_message="We know",
    )
    assert request.json == {
        "incidentTemplate": {
            "name": "down",
            "incidentProperties": {
                "message": "Down",
                "priority": "P1",
                "stakeholderProperties": {"message": "We know"},
            },
        }
    }


def test_operations_without_a_body_send_none() -> None:
    assert build("enable_policy", policy_id="p-1").json is None
    assert build("hide_incident_timeline_entry", incident_id="i", entry_id="e").json is None
