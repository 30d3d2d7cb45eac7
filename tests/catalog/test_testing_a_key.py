"""A test of one key is kept with it, is on record, and never passes because something broke."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from catalog import probes, rotation
from catalog.connectors.base import Held, Probe, Target
from catalog.models import Credential, Server
from clients.models import User
from tests.conftest import KEY, SYSTEM
from tests.connectors import SmallOpsgenie, connector

__all__ = ["connector"]

NEW_KEY = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"


@pytest.fixture
def asked(connector: SmallOpsgenie, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each test was sent with; every key is accepted."""
    sent: list[str] = []

    def probe(*, target: Target, **more: Any) -> Probe:
        sent.append(target.headers["Authorization"])
        return Probe({"Read": Held.GRANTED})

    monkeypatch.setattr(connector, "probe", probe, raising=False)
    return sent


@pytest.fixture
def staged(server: Server) -> Credential:
    return rotation.stage(actor=SYSTEM, server=server, slot="integration", text=NEW_KEY)


def test_the_staged_key_itself_is_sent_and_the_active_one_is_left_alone(
    asked: list[str], server: Server, staged: Credential, olga: User
) -> None:
    probes.probe_credential(actor=Actor.person(olga), credential=staged)
    assert asked == [f"GenieKey {NEW_KEY}"]
    staged.refresh_from_db()
    assert staged.probe == Probe({"Read": Held.GRANTED})
    assert staged.probed_at is not None
    assert server.credentials.get(state="active").probed_at is None
    row = AuditRow.objects.get(event="credential.tested")
    assert (row.actor_name, row.object_id) == ("olga", str(staged.pk))
    assert row.detail == {"found": {"rights": {"Read": "granted"}, "problem": ""}}


def test_testing_a_server_tests_what_is_in_use_only(
    asked: list[str], server: Server, staged: Credential
) -> None:
    probes.probe_server(actor=SYSTEM, server=server)
    assert asked == [f"GenieKey {KEY}"]


def test_a_test_that_breaks_is_a_problem_in_words_and_no_success(
    connector: SmallOpsgenie, staged: Credential, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def probe(*, target: Target, **more: Any) -> Probe:
        raise RuntimeError(f"broke over {target.headers['Authorization']}")

    monkeypatch.setattr(connector, "probe", probe, raising=False)
    caplog.set_level(logging.DEBUG)
    tested = probes.probe_credential(actor=SYSTEM, credential=staged)
    assert tested.probe == Probe({}, probes.FAULT)
    assert "RuntimeError" in caplog.text
    assert NEW_KEY not in caplog.text
    with pytest.raises(ValidationError, match="Test it with success first"):
        rotation.activate(actor=SYSTEM, credential=staged, overlap=timedelta())


@pytest.mark.parametrize("state", ["retiring", "revoked"])
def test_a_key_on_its_way_out_is_not_tested(asked: list[str], server: Server, state: str) -> None:
    server.credentials.update(state=state)
    with pytest.raises(ValidationError, match="not tested any more"):
        probes.probe_credential(actor=SYSTEM, credential=server.credentials.get())
    assert asked == []


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_nothing_is_sent(
    asked: list[str], staged: Credential, name: str, request: Any
) -> None:
    with pytest.raises(PermissionDenied):
        probes.probe_credential(actor=Actor.person(request.getfixturevalue(name)), credential=staged)
    assert asked == []
    assert not AuditRow.objects.filter(event="credential.tested").exists()
