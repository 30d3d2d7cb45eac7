"""What can't be audited doesn't happen; what happened and can't be audited isn't shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.models.signals import post_save

from audit.events import Event
from audit.models import AuditRow
from catalog.models import Credential
from tests.catalog.connectors.opsgenie.upstream import Asked, Reply
from tests.conftest import disable
from tests.database import refusing
from tests.gateway.conftest import Gateway
from tests.gateway.opsgenie import ALERT, TEAM_CREATED, answered, failure
from tests.wire import VERSIONS, last_row, rows_since
from tools.models import Review

GET = ("opsgenie_get_alert", {"identifier": "1"})
CREATE = ("opsgenie_create_team", {"name": "Databases"})


def check_unavailable(result: dict[str, Any]) -> None:
    assert result["isError"] is True
    denial = result["_meta"]["portcullis/denial"]
    assert denial["reason"] == "audit_unavailable"
    assert denial["call_id"] == result["_meta"]["portcullis/call_id"]
    assert "was not made" in result["content"][0]["text"]


def check_not_shown(result: dict[str, Any], upstream_text: str) -> None:
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "The call was made" in result["content"][0]["text"]
    assert result["_meta"]["portcullis/call_id"] in result["content"][0]["text"]
    assert upstream_text not in json.dumps(result)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tool", [GET, CREATE])
def test_at_admission_nothing_is_sent(
    gateway: Gateway, version: str, tool: tuple[str, dict[str, Any]]
) -> None:
    client = gateway.connect(version)
    last = last_row()
    with refusing(Event.CALL_ADMITTED):
        check_unavailable(client.call(*tool))
    assert not gateway.upstream.asked
    assert rows_since(last) == []
    assert client.call(*tool)["_meta"].get("portcullis/denial") is None


def test_a_denial_that_can_not_be_recorded_is_one_for_that_reason(gateway: Gateway) -> None:
    client = gateway.connect()
    disable("opsgenie_get_alert")
    with refusing(Event.CALL_DENIED):
        check_unavailable(client.call(*GET))
        check_unavailable(client.call("opsgenie_no_such"))


@pytest.mark.django_db(transaction=True)
def test_at_the_commit_of_an_admission_nothing_is_sent(gateway: Gateway) -> None:
    client = gateway.connect()
    last = last_row()

    def spoil(instance: AuditRow, **kwargs: Any) -> None:
        # A foreign key that leads nowhere is found when the transaction is committed.
        Review.objects.create(tool_id=987_654, decision="approve", from_state="pending", reviewer="x")

    post_save.connect(spoil, sender=AuditRow)
    try:
        check_unavailable(client.call(*GET))
    finally:
        post_save.disconnect(spoil, sender=AuditRow)
    assert not gateway.upstream.asked
    assert rows_since(last) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tool", "reply", "event", "text"),
    [
        (GET, Reply(body=answered(ALERT)), Event.CALL_SUCCEEDED, "Disk full"),
        (GET, failure(404, "No such alert"), Event.CALL_FAILED, "No such alert"),
        (CREATE, TEAM_CREATED, Event.CALL_SUCCEEDED, "t-1"),
        (CREATE, failure(500, "Half done"), Event.CALL_UNKNOWN, "Half done"),
    ],
)
def test_at_the_outcome_nothing_is_shown(
    gateway: Gateway, tool: tuple[str, dict[str, Any]], reply: Reply, event: Event, text: str
) -> None:
    gateway.upstream.answer(reply)
    client = gateway.connect()
    last = last_row()
    with refusing(event):
        check_not_shown(client.call(*tool), text)
    assert len(gateway.upstream.asked) == 1
    assert [row.event for row in rows_since(last)] == ["call.admitted"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("when", ["admission", "outcome"])
def test_whatever_the_driver_calls_it(gateway: Gateway, when: str, error: type[Exception]) -> None:
    """A connection that is gone is an InterfaceError, which is no DatabaseError."""
    client = gateway.connect()
    event = "call.admitted" if when == "admission" else "call.succeeded"

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "audit_auditrow" in sql and event in (params or ()):
            raise error("connection already closed")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        result = client.call(*GET)
    if when == "admission":
        check_unavailable(result)
        assert not gateway.upstream.asked
    else:
        check_not_shown(result, "Disk full")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_during_the_call(gateway: Gateway) -> None:
    """On PostgreSQL every session is ended by its server; elsewhere the outcome can't be written."""
    client = gateway.connect()

    def end_sessions(asked: Asked) -> Reply:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
        finally:
            connections.close_all()
        return Reply(body=answered(ALERT))

    if connection.vendor == "postgresql":
        gateway.upstream.answer(end_sessions)
        check_not_shown(client.call(*GET), "Disk full")
    else:
        with refusing(Event.CALL_SUCCEEDED):
            check_not_shown(client.call(*GET), "Disk full")
    connection.close()
    assert [row.event for row in AuditRow.objects.filter(call_id__isnull=False)] == ["call.admitted"]
    gateway.upstream.answer(Reply(body=answered(ALERT)))
    assert client.call(*GET)["isError"] is False


@pytest.mark.django_db(transaction=True)
def test_a_note_of_use_that_fails_does_not_hide_a_recorded_outcome(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    client = gateway.connect()

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "catalog_credential" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    last = last_row()
    with connection.execute_wrapper(fail):
        result = client.call(*GET)
    assert [row.event for row in rows_since(last)] == ["call.admitted", "call.succeeded"]
    assert result["isError"] is False
    assert Credential.objects.get().last_used_at is None
    assert "could not be noted" in caplog.text
