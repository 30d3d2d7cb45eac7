"""Answers as a person would want to read them, and as nobody can forge them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.connectors.opsgenie.composites import COMPOSITES
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.rendering import _names_in
from catalog.connectors.opsgenie.results import Window
from catalog.connectors.opsgenie.shapes import Each, Record, Shape


def text_of(tool: str, data: Any, **envelope: Any) -> str:
    """What a model reads of an answer with this data."""
    result = OPERATIONS[tool].result
    return result.render(result.project({"data": data, **envelope}, Window(offset=0, limit=20)))


def _records(shape: Shape) -> Iterator[Record]:
    if isinstance(shape, Record):
        yield shape
        for field in shape.fields:
            yield from _records(field.shape)
    elif isinstance(getattr(shape, "item", None), Shape):
        yield from _records(shape.item)  # type: ignore[attr-defined]


@pytest.mark.parametrize("tool", [*OPERATIONS.values(), *COMPOSITES.values()], ids=lambda tool: tool.name)
def test_headlines_name_fields_there_are(tool: Any) -> None:
    top = getattr(tool, "record", None) or getattr(tool.result, "record", None)
    for record in _records(top) if top else ():
        declared = {field.name for field in record.fields}
        for word in record.headline:
            assert set(_names_in(word) or (word,)) <= declared, word


def test_who_is_on_call_is_a_name() -> None:
    parent = {"name": "nights", "enabled": True}
    assert text_of("list_on_calls", [{"_parent": parent, "onCallRecipients": ["a@b.c", "d@e.f"]}]) == (
        "nights · user:a@b.c, user:d@e.f"
    )
    assert text_of("list_on_calls", [{"_parent": parent, "onCallRecipients": []}]) == "nights · no on call"


def test_a_tree_of_participants_says_through_whom() -> None:
    user = {"type": "user", "id": "u", "name": "a@b.c"}
    ladder = {
        "type": "escalation",
        "id": "e",
        "name": "ladder",
        "onCallParticipants": [{**user, "escalationTime": 5, "notifyType": "default"}],
    }
    data = {"_parent": {"name": "nights"}, "onCallParticipants": [ladder]}
    assert text_of("list_on_calls", [data]) == (
        "nights · escalation:ladder, user:a@b.c through escalation:ladder after 5 minutes"
    )
    assert text_of("get_on_calls", data).split("\n")[1:] == [
        "on_call:",
        "- escalation:ladder (id: e)",
        "- user:a@b.c · through escalation:ladder · after 5 minutes (id: u, notify_type: default)",
    ]


def test_a_timeline_has_a_line_for_each_turn() -> None:
    periods = [
        {
            "startDate": f"2026-03-{day:02}T09:00:00.000Z",
            "endDate": f"2026-03-{day + 1:02}T09:00:00.500Z",
            "recipient": {"type": "user", "name": "a@b.c"},
        }
        for day in range(1, 15)
    ]
    lines = text_of(
        "get_schedule_timeline",
        {"finalTimeline": {"rotations": [{"name": "weekly", "periods": periods}]}},
    ).split("\n")
    assert lines[:3] == [
        "final:",
        "- weekly",
        "  - 2026-03-01T09:00:00Z · until 2026-03-02T09:00:00Z · user:a@b.c",
    ]
    assert len(lines) == 16


def test_lists_show_what_was_asked_for_besides() -> None:
    rotation = {"name": "weekly", "type": "weekly", "length": 2, "participants": []}
    schedule = {"id": "s", "name": "nights", "enabled": False, "rotations": [rotation] * 12}
    lines = text_of("list_schedules", [schedule]).split("\n")
    assert lines[:2] == ["nights · disabled · s", "  - weekly · weekly · length 2 · no participants"]
    assert lines[-1] == "  … 2 more rotations"
    assert len(lines) == 12


def test_a_record_inside_a_record_keeps_its_conditions() -> None:
    condition = {"field": "priority", "operation": "equals", "expectedValue": "P1", "not": False}
    criteria = {"type": "match-any-condition", "conditions": [condition]}
    lines = text_of("get_team_routing_rule", {"id": "r", "name": "worst", "criteria": criteria}).split("\n")
    at = lines.index("criteria:")
    assert lines[at + 1 : at + 3] == ["- match-any-condition", "  - priority · equals · P1"]


def test_long_texts_can_be_read() -> None:
    assert "x" * 3000 in text_of("get_alert", {"id": "1", "description": "x" * 3000})
    assert "x" * 900 in text_of("list_alert_notes", [{"note": "x" * 900}])
    assert len(text_of("list_alert_notes", [{"note": "x" * 4000}])) < 1100


def test_a_map_shows_its_keys_however_few() -> None:
    assert "details: host: db-1" in text_of("get_alert", {"id": "1", "details": {"host": "db-1"}})
    assert "details" not in text_of("get_alert", {"id": "1", "details": {}})


def test_fields_are_put_into_words() -> None:
    assert text_of(
        "list_heartbeats", {"heartbeats": [{"name": "job", "interval": 10, "intervalUnit": "minutes"}]}
    ) == ("job · every 10 minutes")
    # Without one of its fields, the words would say nothing.
    assert text_of("list_heartbeats", {"heartbeats": [{"name": "job", "interval": 10}]}) == "job"


def test_a_change_begins_with_what_became_of_it() -> None:
    result = OPERATIONS["close_alert"].result
    text = result.render({"accepted": True, "processed": True, "status": "Closed alert", "alert_id": "a"})
    assert text.split("\n")[0] == "status: Closed alert"


def test_how_many_there_are_is_said() -> None:
    assert text_of("list_users", [{"username": "a@b.c"}], totalCount=3).endswith(
        "More, 3 in all: call again with offset 1."
    )


@pytest.mark.parametrize(
    ("tool", "data"),
    [
        ("list_alerts", [{"id": "1", "message": "a\n!b", "owner": "c\r\n!d", "tags": ["e\n!f"]}]),
        ("get_alert", {"message": "a\n!b", "details": {"a\n!key": "c\n!d"}, "tags": ["e\n!f"]}),
        ("get_schedule", {"name": "a\n!b", "rotations": [{"name": "c\n!d", "type": "e\n!f"}]}),
        ("list_on_calls", [{"_parent": {"name": "a\n!b"}, "onCallRecipients": ["c\n!d"]}]),
        ("get_team", {"members": [{"user": {"username": "c\n!d"}, "role": "e\u2028!f\x85!"}]}),
    ],
)
def test_no_text_gets_a_line_of_its_own(tool: str, data: Any) -> None:
    text = text_of(tool, data)
    assert "!" in text
    assert not [line for line in text.splitlines() if line.lstrip("- ").startswith("!")]


def test_each_shape_with_items_can_be_looked_into() -> None:
    """Lists of records are told from others by their `item`; a shape that hides it would lose its lines."""
    for operation in OPERATIONS.values():
        record = getattr(operation.result, "record", None)
        for one in _records(record) if record else ():
            for field in one.fields:
                is_list = field.shape.schema["type"] == "array"
                of_objects = is_list and field.shape.schema["items"]["type"] == "object"
                assert not of_objects or isinstance(getattr(field.shape, "item", None), Record), field.name
                assert not isinstance(field.shape, Each) or isinstance(field.shape.item, Shape)
