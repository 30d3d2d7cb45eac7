"""From arguments to the request: nothing lost, nothing that escapes its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.connectors.base import CallContext, Certainty, ConnectorError
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.operation import Operation
from catalog.connectors.opsgenie.parameters import Parameter, Place
from catalog.connectors.opsgenie.request import PreparedRequest, prepare
from catalog.outbound import Deadline, FilePart

from .strategies import arguments

EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
UUID = "1f9c2f0e-6a3d-4c1b-9f55-0d2f6e8a7b10"


def context(person: str = "ana@example.com") -> CallContext:
    return CallContext("0198c1de", person, Deadline(10))


def build(tool: str, /, person: str = "ana@example.com", **values: Any) -> PreparedRequest:
    return prepare(OPERATIONS[tool], values, context(person))


@EVERY
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_valid_arguments_build_a_request(operation: Operation, data: st.DataObject) -> None:
    schema = operation.definition.input_schema
    values = data.draw(arguments(schema))
    assert jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(values)
    request = prepare(operation, values, context())
    _path_is_whole(operation, request, values)
    for parameter in operation.parameters:
        if parameter.name in values:
            _is_not_lost(operation, parameter, request, values[parameter.name])


def _path_is_whole(operation: Operation, request: PreparedRequest, values: Mapping[str, Any]) -> None:
    by_wire = {parameter.wire_name: parameter for parameter in operation.parameters}
    template, sent = operation.path.split("/"), request.path.split("/")
    assert len(template) == len(sent)
    for expected, segment in zip(template, sent, strict=True):
        name = re.match(r"\{(\w+)\}", expected)
        if name is None:
            assert segment == expected
            continue
        suffix = expected[name.end() :]
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]+", segment)
        assert unquote(segment) == f"{values[by_wire[name[1]].name]}{suffix}"
    # What goes out is what was built: the HTTP library resolves and re-quotes nothing.
    url = (
        requests.Request("GET", "http://upstream.example" + request.path, params=request.query).prepare().url
    )
    assert url is not None
    assert urlsplit(url).path == request.path


def _is_not_lost(operation: Operation, parameter: Parameter, request: PreparedRequest, value: Any) -> None:
    encoded = parameter.encode(value)
    place = operation.place_of(parameter)
    if place is Place.QUERY:
        assert (parameter.wire_name in request.query) == (encoded is not None and encoded != [])
    if place is Place.BODY and encoded is not None:
        found: Any = request.json if request.form is None else _read_form(request.form)
        for key in parameter.wire_name.split("."):
            found = found[key]
        assert found == encoded


def _read_form(form: Mapping[str, str | FilePart]) -> dict[str, Any]:
    return {name: asdict(part) if isinstance(part, FilePart) else part for name, part in form.items()}


@pytest.mark.parametrize("value", ["..", ".", ""])
def test_a_path_cannot_be_climbed(value: str) -> None:
    schema = OPERATIONS["get_alert"].definition.input_schema
    assert not jsonschema_rs.validator_for(schema).is_valid({"identifier": value})
    with pytest.raises(ConnectorError) as caught:
        build("get_alert", identifier=value)
    assert caught.value.certainty is Certainty.NOT_SENT


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        (f"{UUID}-1659735552430", "id"),
        ("1791", "tiny"),
        ("disk-full", "alias"),
        (UUID, "alias"),
        ("12345678901234", "alias"),
    ],
)
def test_the_kind_of_an_alert_identifier_is_told_from_its_form(identifier: str, kind: str) -> None:
    assert build("get_alert", identifier=identifier).query == {"identifierType": kind}


def test_an_explicit_kind_overrules_the_form() -> None:
    assert build("get_alert", identifier="1791", identifier_type="alias").query == {"identifierType": "alias"}


@pytest.mark.parametrize(("identifier", "kind"), [(UUID, "id"), ("payments", "name"), ("1791", "name")])
def test_the_kind_of_a_named_thing(identifier: str, kind: str) -> None:
    assert build("get_team", identifier=identifier).query == {"identifierType": kind}
    assert build("add_team_member", identifier=identifier, user="a@b.c").query == {"teamIdentifierType": kind}
    assert build("list_schedule_rotations", identifier=identifier).query["scheduleIdentifierType"] == kind


def test_create_alert_says_who_and_always_has_an_alias() -> None:
    body = build("create_alert", message="Disk full").json
    assert body == {
        "message": "Disk full",
        "alias": "mcp-0198c1de",
        "user": "ana@example.com",
        "source": "Portcullis call 0198c1de",
    }
    assert build("create_alert", message="Disk full", alias="disk").json["alias"] == "disk"


def test_a_note_stays_the_caller_s() -> None:
    body = build("close_alert", identifier="1", note="fixed").json
    assert body["note"] == "fixed"
    assert "note" not in build("close_alert", identifier="1").json


def test_an_actor_is_cut_to_opsgenie_s_length() -> None:
    assert len(build("close_alert", person="x" * 300, identifier="1").json["user"]) == 100


def test_nobody_is_named_where_no_person_is_given() -> None:
    body = build("close_alert", person="", identifier="1").json
    assert body == {"source": "Portcullis call 0198c1de"}


def test_removals_carry_everything_in_the_query() -> None:
    request = build("remove_alert_tags", identifier="1791", tags=["a", "b c"], note="done")
    assert request.json is None
    assert request.query == {
        "identifierType": "tiny",
        "tags": "a,b c",
        "note": "done",
        "user": "ana@example.com",
        "source": "Portcullis call 0198c1de",
    }


def test_recipients_are_told_by_name_or_id() -> None:
    body = build(
        "create_alert", message="m", responders=["team:payments", "user:a@b.c", f"schedule:{UUID}"]
    ).json
    assert body["responders"] == [
        {"type": "team", "name": "payments"},
        {"type": "user", "username": "a@b.c"},
        {"type": "schedule", "id": UUID},
    ]


def test_nested_objects_take_opsgenie_s_form() -> None:
    body = build(
        "create_escalation",
        name="night",
        rules=[{"after_minutes": 5.0, "notify": "schedule:night"}],
        owner_team="payments",
        repeat_count=3,
        repeat_closes_alert=True,
    ).json
    assert body == {
        "name": "night",
        "rules": [
            {
                "condition": "if-not-acked",
                "notifyType": "default",
                "delay": {"timeAmount": 5, "timeUnit": "minutes"},
                "recipient": {"type": "schedule", "name": "night"},
            }
        ],
        "ownerTeam": {"name": "payments"},
        "repeat": {"count": 3, "closeAlertAfterAll": True},
    }


def test_an_update_sends_only_what_was_given() -> None:
    request = build("update_schedule_rotation", identifier="night", rotation_id=UUID, name="new")
    assert request.json == {"name": "new"}


def test_moments_go_out_in_utc() -> None:
    body = build("snooze_alert", identifier="1", end_time="2026-03-01T09:00:00+01:00").json
    assert body["endTime"] == "2026-03-01T08:00:00Z"
    assert build("get_on_calls", identifier="n", date="2026-03-01T09:00:00.5-01:30").query == {
        "scheduleIdentifierType": "name",
        "date": "2026-03-01T10:30:00Z",
        "flat": "true",
    }


def test_defaults_are_sent() -> None:
    query = build("list_users").query
    assert query == {"limit": "20", "offset": "0", "sort": "username", "order": "asc"}


def test_a_page_cut_here_is_not_sent() -> None:
    request = build("list_teams", limit=5, offset=10)
    assert request.query == {}
    assert (request.window.limit, request.window.offset) == (5, 10)


@pytest.mark.parametrize(
    ("tool", "values", "named"),
    [
        ("get_alert", {}, "identifier"),
        ("get_alert", {"identifier": "1", "body": {}}, "body"),
        ("list_alerts", {"limit": 1000}, "limit"),
        ("snooze_alert", {"identifier": "1", "end_time": "tomorrow"}, "end_time"),
        ("create_alert", {"message": "m", "responders": ["payments"]}, "responders.0"),
        ("create_escalation", {"name": "n", "rules": [{"after_minutes": 1}]}, "rules.0"),
        ("get_alert", {"identifier": "\ud800"}, "Unicode"),
    ],
)
def test_arguments_of_another_schema_send_nothing(tool: str, values: dict[str, Any], named: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        build(tool, **values)
    assert (caught.value.code, caught.value.certainty) == ("arguments_invalid", Certainty.NOT_SENT)
    assert named in caught.value.message
