"""A key's whole life: staged, tested, in use, kept for the overlap, revoked; calls go on through it all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog import credentials, probes, rotation
from catalog.connectors.base import Probe
from catalog.fields import SecretUnreadable
from catalog.models import Credential, Server
from clients.models import User
from tests.catalog.connectors.opsgenie.upstream import Asked, Reply, Upstream
from tests.conftest import KEY, SYSTEM
from tests.connectors import SmallOpsgenie, connector
from tests.gateway.conftest import Gateway, _upstream, gateway, upstream
from tests.gateway.opsgenie import ALERT, answered, failure
from tools.tasks import end_what_is_over

__all__ = ["_upstream", "connector", "gateway", "upstream"]

NEW_KEY = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"
HOUR = timedelta(hours=1)


def stage(server: Server, text: str = NEW_KEY) -> Credential:
    return rotation.stage(actor=SYSTEM, server=server, slot="integration", text=text)


def passes(credential: Credential) -> Credential:
    """The key was tested with success."""
    Credential.objects.filter(pk=credential.pk).update(
        probed_at=timezone.now(), probe_result=Probe({}).as_json()
    )
    return credential


def rotate(server: Server, overlap: timedelta = HOUR) -> tuple[Credential, Credential]:
    """The old and the new key after an activation."""
    old = server.credentials.get(state="active")
    new = rotation.activate(actor=SYSTEM, credential=passes(stage(server)), overlap=overlap)
    return Credential.objects.get(pk=old.pk), Credential.objects.get(pk=new.pk)


def states(server: Server) -> dict[str, str]:
    """State by the last four characters."""
    return {row.last_four: row.state for row in server.credentials.all()}


def stored_secret(credential: Credential) -> Any:
    return Credential.objects.values_list("secret", flat=True).get(pk=credential.pk)


def header_of(server: Server) -> str:
    return credentials.target_for(server)[0].headers["Authorization"]


def events() -> list[str]:
    return list(
        AuditRow.objects.filter(event__startswith="credential.")
        .order_by("pk")
        .values_list("event", flat=True)
    )


def test_its_whole_life_is_on_record_with_who_did_it(server: Server, olga: User) -> None:
    actor = Actor.person(olga)
    staged = rotation.stage(actor=actor, server=server, slot="integration", text=NEW_KEY)
    assert header_of(server) == f"GenieKey {KEY}"
    rotation.activate(actor=actor, credential=passes(staged), overlap=HOUR)
    assert header_of(server) == f"GenieKey {NEW_KEY}"
    rotation.revoke(actor=actor, credential=server.credentials.get(state="retiring"))

    assert states(server) == {"e1f0": "revoked", "7c6d": "active"}
    assert events() == [
        "credential.stored", "credential.staged", "credential.retired", "credential.activated",
        "credential.revoked",
    ]  # fmt: skip
    rows = AuditRow.objects.filter(event__startswith="credential.").order_by("pk")[1:]
    assert {row.actor_name for row in rows} == {"olga"}
    assert not any(text in str([row.__dict__ for row in rows]) for text in (KEY, NEW_KEY))


def test_staging_another_ends_the_one_staged_before(server: Server) -> None:
    first = stage(server, "first-key-first-key-1111")
    stage(server)
    assert states(server) == {"e1f0": "active", "1111": "revoked", "7c6d": "staged"}
    assert stored_secret(first) is None


def test_a_staged_key_is_cancelled_without_touching_the_one_in_use(server: Server) -> None:
    staged = stage(server)
    rotation.revoke(actor=SYSTEM, credential=staged)
    assert states(server) == {"e1f0": "active", "7c6d": "revoked"}
    assert stored_secret(staged) is None
    assert header_of(server) == f"GenieKey {KEY}"


def test_without_an_overlap_the_old_key_ends_at_once_and_its_secret_is_erased(server: Server) -> None:
    old, _ = rotate(server, timedelta())
    assert (old.state, old.secret, old.retires_at) == ("revoked", None, None)
    assert old.ended_at is not None
    with pytest.raises(SecretUnreadable):
        credentials.open_target(server, old)


def test_the_tick_ends_an_overlap_that_is_over_and_none_before(server: Server) -> None:
    old, _ = rotate(server)
    assert stored_secret(old) is not None
    with time_machine.travel(timezone.now() + HOUR - timedelta(seconds=30)):
        end_what_is_over()
    assert states(server)["e1f0"] == "retiring"
    with time_machine.travel(timezone.now() + HOUR + timedelta(seconds=1)):
        end_what_is_over()
        end_what_is_over()
    assert states(server) == {"e1f0": "revoked", "7c6d": "active"}
    assert stored_secret(old) is None
    assert events().count("credential.revoked") == 1


def test_an_old_key_is_taken_back_and_the_new_one_keeps_its_time(server: Server) -> None:
    old, new = rotate(server)
    until = old.retires_at
    rotation.take_back(actor=SYSTEM, credential=old)
    assert states(server) == {"e1f0": "active", "7c6d": "retiring"}
    assert header_of(server) == f"GenieKey {KEY}"
    assert Credential.objects.get(pk=new.pk).retires_at == until
    assert Credential.objects.get(pk=old.pk).retires_at is None


def test_after_its_overlap_a_key_is_not_taken_back_even_before_the_tick(server: Server) -> None:
    old, _ = rotate(server)
    with (
        time_machine.travel(timezone.now() + 2 * HOUR),
        pytest.raises(ValidationError, match="overlap is over"),
    ):
        rotation.take_back(actor=SYSTEM, credential=old)
    assert states(server)["7c6d"] == "active"


@pytest.mark.parametrize("problem", [None, "Opsgenie does not know this key."])
def test_without_a_successful_test_a_reason_is_demanded_and_kept(server: Server, problem: str | None) -> None:
    staged = stage(server)
    if problem:
        Credential.objects.filter(pk=staged.pk).update(probe_result=Probe({}, problem).as_json())
    for reason in ("", "   "):
        with pytest.raises(ValidationError, match="Test it with success first"):
            rotation.activate(actor=SYSTEM, credential=staged, overlap=HOUR, override_reason=reason)
    assert states(server)["7c6d"] == "staged"
    rotation.activate(actor=SYSTEM, credential=staged, overlap=HOUR, override_reason="The old one leaked.")
    row = AuditRow.objects.get(event="credential.activated")
    assert row.detail["override_reason"] == "The old one leaked."
    assert row.detail["problem"] == (
        f"The test of the key failed: {problem}" if problem else "The key was not tested."
    )


def test_a_reason_that_was_not_needed_is_not_kept(server: Server) -> None:
    rotation.activate(
        actor=SYSTEM, credential=passes(stage(server)), overlap=HOUR, override_reason="To be sure."
    )
    assert "override_reason" not in AuditRow.objects.get(event="credential.activated").detail


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
def test_an_overlap_that_can_not_be_is_refused(server: Server, overlap: timedelta) -> None:
    with pytest.raises(ValidationError) as caught:
        rotation.activate(actor=SYSTEM, credential=passes(stage(server)), overlap=overlap)
    assert list(caught.value.message_dict) == ["overlap"]
    assert states(server)["7c6d"] == "staged"


def test_what_somebody_else_activated_meanwhile_is_not_activated_again(server: Server) -> None:
    seen_twice = passes(stage(server))
    rotation.activate(actor=SYSTEM, credential=seen_twice, overlap=HOUR)
    with pytest.raises(ValidationError, match="is active, not staged"):
        rotation.activate(actor=SYSTEM, credential=seen_twice, overlap=HOUR)
    assert states(server) == {"e1f0": "retiring", "7c6d": "active"}


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_nothing_moves(server: Server, name: str, request: Any) -> None:
    old, new = rotate(server)
    actor = Actor.person(request.getfixturevalue(name))
    before = states(server)
    with pytest.raises(PermissionDenied):
        rotation.stage(actor=actor, server=server, slot="integration", text=NEW_KEY)
    with pytest.raises(PermissionDenied):
        rotation.activate(actor=actor, credential=new, overlap=HOUR)
    with pytest.raises(PermissionDenied):
        rotation.take_back(actor=actor, credential=old)
    with pytest.raises(PermissionDenied):
        rotation.revoke(actor=actor, credential=old)
    assert states(server) == before


@pytest.mark.django_db(transaction=True)
def test_calls_go_on_before_while_and_after_with_the_right_key_each_time(
    connector: SmallOpsgenie, gateway: Gateway, upstream: Upstream
) -> None:
    """The upstream knows the old key, both, then only the new one, as its owner switches them over."""
    known = {KEY}

    def reply(asked: Asked) -> Reply:
        key = asked.headers["Authorization"].removeprefix("GenieKey ")
        return Reply(body=answered(ALERT)) if key in known else failure(401)

    upstream.answer(reply)
    client = gateway.connect()

    def call() -> str:
        """The key that a call arrived with; it must have worked."""
        result = client.call("opsgenie_get_alert", {"identifier": "1791"})
        assert result["isError"] is False, result
        return upstream.asked[-1].headers["Authorization"].removeprefix("GenieKey ")

    assert call() == KEY
    known.add(NEW_KEY)
    staged = stage(gateway.server)
    assert call() == KEY
    probes.probe_credential(actor=SYSTEM, credential=staged)
    assert upstream.asked[-1].headers["Authorization"] == f"GenieKey {NEW_KEY}"
    assert call() == KEY
    rotation.activate(actor=SYSTEM, credential=staged, overlap=HOUR)
    assert call() == NEW_KEY
    old = gateway.server.credentials.get(state="retiring")
    rotation.take_back(actor=SYSTEM, credential=old)
    assert call() == KEY
    rotation.take_back(actor=SYSTEM, credential=staged)
    assert call() == NEW_KEY
    known.discard(KEY)
    with time_machine.travel(timezone.now() + HOUR + timedelta(seconds=1)):
        end_what_is_over()
    assert call() == NEW_KEY
    assert states(gateway.server) == {"e1f0": "revoked", "7c6d": "active"}
    outcomes = AuditRow.objects.filter(event__startswith="call.").values_list("event", flat=True)
    assert set(outcomes) == {"call.admitted", "call.succeeded"}
    used = AuditRow.objects.filter(event="call.succeeded").order_by("pk")
    ids = {KEY: str(old.pk), NEW_KEY: str(staged.pk)}
    carried = [KEY, KEY, KEY, NEW_KEY, KEY, NEW_KEY, NEW_KEY]
    assert [row.detail["credential_id"] for row in used] == [ids[key] for key in carried]
