"""Pausing and resuming name the state they expect and are on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from catalog import servers
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM


def state(server: Server) -> str:
    return Server.objects.get(pk=server.pk).state


def test_pause_and_resume_move_the_state_and_are_recorded(server: Server, olga: User) -> None:
    actor = Actor.person(olga)
    servers.pause(actor=actor, server=server)
    assert (server.state, state(server)) == ("paused", "paused")
    servers.resume(actor=actor, server=server)
    assert (server.state, state(server)) == ("active", "active")

    rows = AuditRow.objects.filter(event__in=("server.paused", "server.resumed")).order_by("pk")
    assert [(row.event, row.actor_name, row.server_name, row.detail) for row in rows] == [
        ("server.paused", "olga", "Opsgenie", {"before": {"state": "active"}, "after": {"state": "paused"}}),
        ("server.resumed", "olga", "Opsgenie", {"before": {"state": "paused"}, "after": {"state": "active"}}),
    ]


def test_pausing_twice_is_an_error_and_one_audit_row(server: Server) -> None:
    seen_twice = [Server.objects.get(pk=server.pk), Server.objects.get(pk=server.pk)]
    servers.pause(actor=SYSTEM, server=seen_twice[0])
    with pytest.raises(ValidationError, match="not active"):
        servers.pause(actor=SYSTEM, server=seen_twice[1])
    assert AuditRow.objects.filter(event="server.paused").count() == 1


def test_resuming_an_active_server_is_an_error(server: Server) -> None:
    with pytest.raises(ValidationError, match="not paused"):
        servers.resume(actor=SYSTEM, server=server)
    assert not AuditRow.objects.filter(event="server.resumed").exists()


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_the_state_stays(server: Server, name: str, request: Any) -> None:
    with pytest.raises(PermissionDenied):
        servers.pause(actor=Actor.person(request.getfixturevalue(name)), server=server)
    assert state(server) == "active"
    assert not AuditRow.objects.filter(event="server.paused").exists()
