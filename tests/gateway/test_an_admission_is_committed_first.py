"""The upstream sees no byte of a call that isn't on record, and nothing is locked while it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from audit.models import AuditRow
from catalog import servers
from catalog.models import Server
from clients import tokens
from clients.models import Token
from tests.catalog.connectors.opsgenie.upstream import Asked, Reply
from tests.conftest import SYSTEM, disable
from tests.gateway.conftest import Gateway
from tests.gateway.opsgenie import ACCEPTED, ALERT, PROCESSED, TEAM_CREATED, answered
from tests.threads import Beside
from tests.wire import last_row

pytestmark = pytest.mark.django_db(transaction=True)

CALLS: dict[str, tuple[tuple[str, dict[str, Any]], list[Reply]]] = {
    "read": (("opsgenie_get_alert", {"identifier": "1"}), [Reply(body=answered(ALERT))]),
    "write": (("opsgenie_create_team", {"name": "x"}), [TEAM_CREATED]),
    "accepted": (("opsgenie_create_alert", {"message": "x"}), [ACCEPTED, PROCESSED]),
}


def answering(
    replies: list[Reply], look: Callable[[], Any], seen: list[Any]
) -> list[Callable[[Asked], Reply]]:
    """Replies that look into the database before they answer, from a connection of their own."""

    def answer(reply: Reply) -> Callable[[Asked], Reply]:
        def look_and_answer(asked: Asked) -> Reply:
            try:
                seen.append(look())
            finally:
                connections.close_all()
            return reply

        return look_and_answer

    return [answer(reply) for reply in replies]


@pytest.mark.parametrize("kind", CALLS)
def test_the_upstream_finds_its_call_on_record(gateway: Gateway, kind: str) -> None:
    (name, arguments), replies = CALLS[kind]
    client, last = gateway.connect(), last_row()
    assert last is not None
    seen: list[Any] = []

    def look() -> list[tuple[str, str, bool]]:
        rows = AuditRow.objects.filter(pk__gt=last.pk)
        return [(row.event, row.tool_name, connection.in_atomic_block) for row in rows]

    gateway.upstream.answer(*answering(replies, look, seen))
    assert client.call(name, arguments)["isError"] is False
    assert seen == [[("call.admitted", name, False)]] * len(replies)


def test_the_rules_can_be_changed_while_the_upstream_answers(gateway: Gateway) -> None:
    """A change would wait for a transaction that is open, for as long as the upstream likes."""
    (name, arguments), replies = CALLS["read"]
    seen: list[Any] = []

    def change() -> str:
        servers.pause(actor=SYSTEM, server=Server.objects.get())
        disable(name)
        return "done"

    gateway.upstream.answer(*answering(replies, change, seen))
    client = gateway.connect()
    assert client.call(name, arguments)["isError"] is False
    assert seen == ["done"]
    denied = client.call(name, arguments)
    assert denied["_meta"]["portcullis/denial"]["reason"] == "server_disabled"


def test_a_token_revoked_after_admission_does_not_take_back_the_call(gateway: Gateway) -> None:
    (name, arguments), replies = CALLS["read"]
    seen: list[Any] = []
    client = gateway.connect()

    def revoke() -> str:
        tokens.revoke(actor=SYSTEM, token=Token.objects.get())
        return "revoked"

    gateway.upstream.answer(*answering(replies, revoke, seen))
    assert client.call(name, arguments)["isError"] is False
    assert seen == ["revoked"]
    assert client.request("tools/list").status_code == 401
    events = AuditRow.objects.filter(event__in=["call.admitted", "token.revoked", "call.succeeded"])
    assert list(events.order_by("pk").values_list("event", flat=True)) == [
        "call.admitted",
        "token.revoked",
        "call.succeeded",
    ]


def test_no_call_is_admitted_after_a_change_that_forbids_it(gateway: Gateway) -> None:
    """Many clients call while the tool is taken away: each admission is on record before the change."""
    clients = [gateway.connect() for _ in range(4)]

    def call_until_denied(client: Any) -> int:
        for number in range(200):
            result = client.call("opsgenie_get_alert", {"identifier": "1"})
            if result["isError"]:
                return number
        raise AssertionError("never denied")

    beside = [Beside(lambda client=client: call_until_denied(client)) for client in clients]
    while AuditRow.objects.filter(event="call.succeeded").count() < 8:
        assert not any(thread.is_over for thread in beside)
    disable("opsgenie_get_alert")
    assert sum(thread.result() for thread in beside) >= 8
    change = AuditRow.objects.get(event="tool.disabled")
    assert not AuditRow.objects.filter(event="call.admitted", pk__gt=change.pk).exists()
    assert AuditRow.objects.filter(event="call.denied", pk__gt=change.pk).count() == 4
    admitted = AuditRow.objects.filter(event="call.admitted").count()
    assert len(gateway.upstream.asked) == admitted == AuditRow.objects.filter(event="call.succeeded").count()
