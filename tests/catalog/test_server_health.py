"""A server's health is what its last tests, syncs and calls say, and nothing that a caller did wrong."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import log
from audit.events import Event
from catalog import health, rotation, servers
from catalog.connectors.base import Held, Probe
from catalog.health import HealthState, health_of, health_of_all
from catalog.models import Credential, Server, SyncRun
from tests.conftest import SYSTEM, make_server


def call(
    server: Server, reason: str = "", *, event: Event | None = None, key: Credential | None = None
) -> None:
    """One call's outcome in the log; without a reason it succeeded."""
    credential = key or server.credentials.get(state="active")
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id="c", client_name="Claude", tool_name="t", protocol_version="1",
        server_id=server.pk, server_name=server.name, detail={"credential_id": str(credential.pk)},
    )  # fmt: skip
    chosen = event or (Event.CALL_FAILED if reason else Event.CALL_SUCCEEDED)
    log.record_call(chosen, actor=SYSTEM, facts=facts, reason=reason)


def key_was_tested(server: Server, problem: str = "", **moved: Any) -> None:
    """Its key was tested just now, with this problem or none."""
    found = Probe({"Read": Held.REFUSED if problem else Held.GRANTED}, problem).as_json()
    at = timezone.now() + timedelta(**moved)
    server.credentials.filter(state="active").update(probed_at=at, probe_result=found)


def synced(server: Server, state: str, error: str = "") -> None:
    server.sync_runs.update(state="succeeded")
    SyncRun.objects.create(
        server=server, trigger="manual", requested_by="olga", state=state, error=error,
        finished_at=timezone.now(),
    )  # fmt: skip


def state_of(server: Server) -> str:
    return health_of(server).state


def test_a_new_server_was_never_tested_even_when_its_sync_went_well(server: Server) -> None:
    synced(server, "succeeded")
    found = health_of(server)
    assert (found.state, found.remedy) == (HealthState.UNTESTED, "Test its keys.")


def test_a_test_that_went_well_makes_it_healthy(server: Server) -> None:
    key_was_tested(server)
    assert state_of(server) == HealthState.HEALTHY


def test_a_call_that_went_well_makes_it_healthy(server: Server) -> None:
    call(server)
    assert state_of(server) == HealthState.HEALTHY


def test_a_test_that_failed_makes_it_failing_until_that_key_carries_a_call(server: Server) -> None:
    key_was_tested(server, "Opsgenie does not know this key.", minutes=-1)
    found = health_of(server)
    assert found.state == HealthState.FAILING
    assert "Opsgenie does not know this key." in found.sentence
    assert "rotate it under Keys" in found.remedy
    call(server)
    assert state_of(server) == HealthState.HEALTHY


def test_a_call_that_another_key_carried_does_not_excuse_a_failed_test(server: Server) -> None:
    key_was_tested(server, "Refused.", minutes=-1)
    other = rotation.store(actor=SYSTEM, server=server, slot="account", text="account-key-account-key")
    call(server, key=other)
    assert state_of(server) == HealthState.FAILING


@pytest.mark.parametrize("code", sorted(set(health.FAULTS) - {health.UNAUTHORIZED}))
def test_calls_that_all_fail_on_the_upstreams_side_make_it_failing(server: Server, code: str) -> None:
    call(server)
    for _ in range(health.CALLS):
        assert state_of(server) == HealthState.HEALTHY, "one hiccup is no failing server"
        call(server, code)
    found = health_of(server)
    assert found.state == HealthState.FAILING
    assert health.FAULTS[code][0] in found.sentence
    assert found.remedy == health.FAULTS[code][1]
    call(server)
    assert state_of(server) == HealthState.HEALTHY


def test_an_unknown_outcome_counts_as_a_failure(server: Server) -> None:
    call(server, "upstream_timeout", event=Event.CALL_UNKNOWN)
    assert state_of(server) == HealthState.FAILING


def test_a_refused_key_makes_it_failing_at_once(server: Server) -> None:
    call(server)
    call(server, "upstream_unauthorized")
    assert health_of(server).sentence == "Calls fail. The upstream does not accept the key."


def test_a_refused_key_is_over_once_it_is_replaced(server: Server) -> None:
    call(server, "upstream_unauthorized")
    rotation.store(actor=SYSTEM, server=server, slot="integration", text="another-key-another-key")
    assert state_of(server) == HealthState.UNTESTED


def test_a_successful_test_after_failed_calls_ends_them(server: Server) -> None:
    call(server, "upstream_unreachable")
    assert state_of(server) == HealthState.FAILING
    key_was_tested(server, seconds=1)
    assert state_of(server) == HealthState.HEALTHY


@pytest.mark.parametrize("code", health.ANSWERED)
def test_what_a_caller_asked_wrongly_shows_that_the_server_answers(server: Server, code: str) -> None:
    call(server, code)
    assert state_of(server) == HealthState.HEALTHY


@pytest.mark.parametrize("code", ["arguments_invalid", "unknown_tool", "upstream_forbidden", "something_new"])
def test_other_failures_say_nothing(server: Server, code: str) -> None:
    call(server, code)
    assert state_of(server) == HealthState.UNTESTED


def test_denied_calls_say_nothing(server: Server) -> None:
    call(server, "tool_stopped", event=Event.CALL_DENIED)
    assert state_of(server) == HealthState.UNTESTED


def test_what_is_long_ago_says_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    call(server, "upstream_unreachable")
    monkeypatch.setattr(health, "LOOKS_BACK", timedelta(0))
    assert state_of(server) == HealthState.UNTESTED


def test_a_failed_sync_makes_it_failing_until_one_succeeds(server: Server) -> None:
    key_was_tested(server)
    synced(server, "failed", "The upstream can't be reached.")
    assert health_of(server).sentence == "The last sync failed: The upstream can't be reached."
    SyncRun.objects.create(server=server, trigger="manual", requested_by="olga", state="queued")
    assert state_of(server) == HealthState.FAILING, "one that waits has mended nothing yet"
    synced(server, "succeeded")
    assert state_of(server) == HealthState.HEALTHY


def test_without_a_key_it_fails_whatever_else_went_well(server: Server) -> None:
    call(server)
    rotation.revoke(actor=SYSTEM, credential=server.credentials.get())
    found = health_of(server)
    assert (found.state, found.remedy) == (HealthState.FAILING, "Store a key under Keys.")


def test_a_paused_server_is_paused_whatever_else_is_wrong(server: Server) -> None:
    call(server, "upstream_unauthorized")
    servers.pause(actor=SYSTEM, server=server)
    assert state_of(server) == HealthState.PAUSED


def test_one_servers_trouble_is_not_anothers_and_many_cost_no_more_queries(server: Server) -> None:
    call(server, "upstream_unauthorized")
    with CaptureQueriesContext(connection) as one:
        health_of_all([server])
    others = [make_server(name=f"Other {number}", prefix=f"other{number}") for number in range(4)]
    for other in others:
        call(other)
    with CaptureQueriesContext(connection) as many:
        found = health_of_all([server, *others])
    assert found.pop(server.pk).state == HealthState.FAILING
    assert {each.state for each in found.values()} == {HealthState.HEALTHY}
    assert len(many) == len(one)
