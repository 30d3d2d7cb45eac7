"""What a profile lets through of the tools it holds, on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditRow
from tests.conftest import SYSTEM, give
from tests.gateway.conftest import Gateway
from tests.wire import Connection
from tools import profiles, review
from tools.models import AccessProfile, Tool

GET, LIST = "opsgenie_get_alert", "opsgenie_list_alerts"
CREATE, DELETE = "opsgenie_create_alert", "opsgenie_delete_team"
CALLS: dict[str, dict[str, Any]] = {
    GET: {"identifier": "1"},
    CREATE: {"message": "The disk is full."},
    DELETE: {"identifier": "payments"},
}


def reason(connection: Connection, name: str, arguments: dict[str, Any] | None = None) -> str | None:
    result = connection.call(name, CALLS[name] if arguments is None else arguments)
    denial = result["_meta"].get("portcullis/denial")
    return denial["reason"] if denial else None


def listed(connection: Connection) -> set[str]:
    return {tool["name"] for tool in connection.result("tools/list", {})["tools"]}


def change(gateway: Gateway, limits: dict[str, Any] | None = None, **fields: Any) -> AccessProfile:
    profile = gateway.grant.profile
    for name, value in fields.items():
        setattr(profile, name, value)
    schemas = {Tool.objects.get(client_name=name): schema for name, schema in (limits or {}).items()}
    return profiles.save(
        actor=SYSTEM, profile=profile, toolsets=profile.toolsets.all(), argument_limits=schemas
    )


@pytest.mark.parametrize(
    ("ceiling", "refused"),
    [("read", {CREATE, DELETE}), ("read_and_write", {DELETE}), ("all", set())],
)
def test_a_ceiling_refuses_and_hides_what_does_more(
    gateway: Gateway, ceiling: str, refused: set[str]
) -> None:
    change(gateway, ceiling=ceiling)
    connection = gateway.connect()
    for name in CALLS:
        assert reason(connection, name) == ("action_not_allowed" if name in refused else None)
    assert set(CALLS) - listed(connection) == refused


def classify(name: str, **fields: str) -> None:
    tool = Tool.objects.select_related("discovered_revision").get(client_name=name)
    review.classify(
        actor=SYSTEM, decisions=[review.shown(tool)], classification=review.Classification(**fields)
    )


def test_a_tightened_action_counts_and_a_row_says_so(gateway: Gateway) -> None:
    change(gateway, ceiling="read")
    connection = gateway.connect()
    assert reason(connection, GET) is None
    classify(GET, tightened_action="write")
    assert reason(connection, GET) == "action_not_allowed"
    assert AuditRow.objects.filter(event="call.denied").latest("pk").detail["action"] == "write"
    classify(GET, tightened_action="")
    assert reason(connection, GET) is None


def test_dangerous_tools_need_a_profile_that_allows_them(gateway: Gateway) -> None:
    classify(GET, risk="dangerous")
    connection = gateway.connect()
    assert reason(connection, GET) == "action_not_allowed"
    change(gateway, allows_dangerous=True)
    assert reason(connection, GET) is None


def test_a_second_profile_can_let_through_what_the_first_does_not(gateway: Gateway) -> None:
    change(gateway, ceiling="read")
    connection = gateway.connect()
    assert reason(connection, CREATE) == "action_not_allowed"
    second = give(gateway.person, CREATE, profile="Writers")
    assert reason(connection, CREATE) is None
    row = AuditRow.objects.filter(event="call.admitted").latest("pk")
    assert (row.detail["access_profile"], row.detail["grant_id"]) == ("Writers", second.pk)


ONLY_PAYMENTS = {
    "properties": {"tags": {"items": {"const": "payments"}, "minItems": 1}},
    "required": ["tags"],
}
PAYMENTS = {"message": "x", "tags": ["payments"]}
SEARCH = {"message": "x", "tags": ["search"]}


def test_an_argument_limit_narrows_what_may_be_asked(gateway: Gateway) -> None:
    change(gateway, limits={CREATE: ONLY_PAYMENTS})
    connection = gateway.connect()
    assert reason(connection, CREATE, PAYMENTS) is None
    sent = len(gateway.upstream.asked)
    assert reason(connection, CREATE, SEARCH) == "arguments_not_allowed"
    assert reason(connection, CREATE, {"message": "x"}) == "arguments_not_allowed"
    assert len(gateway.upstream.asked) == sent
    assert CREATE in listed(connection)
    assert reason(connection, GET) is None, "other tools have no limit"


def test_what_does_not_fit_the_tools_own_schema_is_invalid_first(gateway: Gateway) -> None:
    change(gateway, limits={CREATE: ONLY_PAYMENTS})
    assert reason(gateway.connect(), CREATE, {"priority": "P9"}) == "arguments_invalid"


def test_of_two_profiles_the_wider_one_counts(gateway: Gateway) -> None:
    change(gateway, limits={CREATE: ONLY_PAYMENTS})
    give(gateway.person, CREATE, profile="Every team")
    connection = gateway.connect()
    assert reason(connection, CREATE, SEARCH) is None
    row = AuditRow.objects.filter(event="call.admitted").latest("pk")
    assert row.detail["access_profile"] == "Every team"
    assert reason(connection, CREATE, PAYMENTS) is None
    row = AuditRow.objects.filter(event="call.admitted").latest("pk")
    assert row.detail["access_profile"] == "On call"
