"""Opsgenie's own Python client takes the sandbox for Opsgenie."""

from __future__ import annotations

import time
from collections.abc import Iterator

import opsgenie_sdk
import pytest
from opsgenie_sdk import (
    AccountApi,
    AcknowledgeAlertPayload,
    AddNoteToAlertPayload,
    AlertApi,
    ApiClient,
    ApiException,
    CloseAlertPayload,
    CreateAlertPayload,
    HeartbeatApi,
    IncidentApi,
)

from tests.e2e.processes import Sandbox, running_sandbox

ALIAS = {"identifier": "disk/db 1", "identifier_type": "alias"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A real process, with its usual delay between accepting a request and carrying it out."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> ApiClient:
    """The client as its README sets it up, with short waits, and patient with what is under way.

    A request that isn't carried out yet is answered 404; the client asks again only if it is told to.
    """
    configuration = opsgenie_sdk.Configuration()
    configuration.host = sandbox.url
    configuration.api_key["Authorization"] = sandbox.key
    configuration.retry_http_response = [*configuration.retry_http_response, "404"]
    configuration.back_off = 0.05
    return ApiClient(configuration=configuration)


@pytest.fixture
def alerts(client: ApiClient) -> AlertApi:
    return AlertApi(api_client=client)


def test_an_alert_from_its_creation_to_its_closing(alerts: AlertApi) -> None:
    accepted = alerts.create_alert(
        CreateAlertPayload(message="Disk full", alias=ALIAS["identifier"], priority="P2", tags=["db"])
    )
    outcome = accepted.retrieve_result().data
    assert (outcome.is_success, outcome.action, outcome.status) == (True, "Create", "Created alert")
    alert = alerts.get_alert(**ALIAS).data
    assert (alert.id, alert.message, alert.priority) == (outcome.alert_id, "Disk full", "P2")

    payload = AcknowledgeAlertPayload(user="ana@example.com", source="runbook", note="On it")
    alerts.acknowledge_alert(**ALIAS, acknowledge_alert_payload=payload).retrieve_result()
    payload = AddNoteToAlertPayload(user="ana@example.com", note="Deleted old logs")
    alerts.add_note(**ALIAS, add_note_to_alert_payload=payload).retrieve_result()
    assert alerts.get_alert(**ALIAS).data.acknowledged is True
    assert [note.note for note in alerts.list_notes(**ALIAS).data] == ["Deleted old logs", "On it"]
    assert alerts.list_notes(**ALIAS).data[0].owner == "ana@example.com"
    assert len(alerts.list_logs(**ALIAS).data) >= 3

    closed = alerts.close_alert(**ALIAS, close_alert_payload=CloseAlertPayload(note="Over"))
    assert closed.retrieve_resulting_action().data.status == "closed"
    assert closed.id == alert.id
    listed = alerts.list_alerts(query="alias: disk* AND status: closed", limit=10).data
    assert [each.id for each in listed] == [alert.id]
    assert alerts.get_request_status(request_id=accepted.request_id).data.alert_id == alert.id


def test_the_rest_of_what_it_reads(client: ApiClient, alerts: AlertApi) -> None:
    """It knows alerts, incidents, heartbeats and the account; schedules it doesn't know."""
    count = alerts.count_alerts(query="status: open").data.count
    assert count > 10
    page = alerts.list_alerts(query="status: open", limit=10, sort="createdAt", order="asc")
    assert len(page.data) == 10
    assert page.data == sorted(page.data, key=lambda alert: alert.created_at)
    assert page.paging.next
    assert len(alerts.list_alerts(query="status: open", offset=10, limit=100).data) == count - 10
    assert alerts.list_recipients(identifier=page.data[0].id).data is not None
    assert AccountApi(api_client=client).get_info().data.name == "Quillon Logistics"
    assert IncidentApi(api_client=client).list_incidents(query="status: open").data
    assert HeartbeatApi(api_client=client).list_heart_beats().data.heartbeats


def test_it_is_told_when_a_change_was_not_made(sandbox: Sandbox, client: ApiClient, alerts: AlertApi) -> None:
    client.configuration.short_polling_max_retries = 1
    nobody = {"identifier": "nobody", "identifier_type": "alias"}

    outcome = alerts.acknowledge_alert(**nobody).retrieve_result().data

    assert (outcome.is_success, outcome.status) == (False, "Alert does not exist")


def test_it_tries_again_until_a_bad_moment_is_over(sandbox: Sandbox, alerts: AlertApi) -> None:
    before = len(sandbox.requests())
    sandbox.break_next("status", status=503, times=2)
    started = time.monotonic()

    assert alerts.count_alerts().data.count > 0

    assert len(sandbox.requests()) - before == 3
    assert time.monotonic() - started < 5


def test_what_does_not_exist_is_said_in_an_answer_it_reads(alerts: AlertApi) -> None:
    alerts.api_client.rest_client.http_codes.remove("404")

    with pytest.raises(ApiException) as caught:
        alerts.get_alert(identifier="nothing", identifier_type="alias")

    assert caught.value.status == 404
    assert "Alert does not exist with alias: [nothing]" in caught.value.body


def test_a_wrong_key_is_refused_at_once(sandbox: Sandbox, client: ApiClient, alerts: AlertApi) -> None:
    client.configuration.api_key["Authorization"] = "11111111-2222-4333-8444-555555555555"
    before = len(sandbox.requests())

    with pytest.raises(opsgenie_sdk.exceptions.AuthenticationException) as caught:
        alerts.count_alerts()

    assert caught.value.status == 401
    assert len(sandbox.requests()) - before == 1
