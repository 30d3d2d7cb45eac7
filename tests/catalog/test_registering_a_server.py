"""A new server comes with its key and its first sync, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from catalog import servers
from catalog.models import Credential, Server, SyncRun
from clients.models import User
from tests.conftest import KEY, SYSTEM, make_server


def unsaved(**fields: Any) -> Server:
    return Server(
        **{
            "name": "Opsgenie EU",
            "connector_key": "opsgenie",
            "prefix": "eu",
            "region": "eu",
            "base_url": "https://api.eu.opsgenie.com",
            "authentication_method": "custom_header",
            "header_name": "Authorization",
            "value_prefix": "GenieKey ",
            **fields,
        }
    )


def assert_nothing_was_written() -> None:
    for model in (Server, Credential, SyncRun, AuditRow):
        assert model.objects.count() == 0, model


def test_it_is_saved_with_its_key_and_a_queued_sync(olga: User) -> None:
    server = servers.register(actor=Actor.person(olga), server=unsaved(), secret_text=KEY, slot="integration")
    assert server.state == Server.State.ACTIVE
    credential = server.credentials.get()
    assert (credential.slot, credential.state, credential.created_by) == ("integration", "active", "olga")
    run = server.sync_runs.get()
    assert (run.state, run.trigger, run.requested_by) == ("queued", "registration", "olga")


def test_it_is_on_record_with_its_settings_and_without_the_key(olga: User) -> None:
    actor = Actor.person(olga, source_address="192.0.2.7", request_id="r1")
    servers.register(actor=actor, server=unsaved(), secret_text=KEY, slot="integration")

    rows = list(AuditRow.objects.order_by("pk"))
    assert [row.event for row in rows] == ["server.registered", "credential.stored", "sync.requested"]
    assert {(row.actor_name, row.source_address, row.request_id) for row in rows} == {
        ("olga", "192.0.2.7", "r1")
    }
    assert rows[0].detail["after"]["base_url"] == "https://api.eu.opsgenie.com"
    assert KEY not in str([row.__dict__ for row in rows])


def test_its_first_scheduled_sync_is_one_interval_away(olga: User) -> None:
    server = servers.register(
        actor=Actor.person(olga), server=unsaved(sync_interval_minutes=7), secret_text=KEY, slot="account"
    )
    minutes = (server.next_sync_at - server.created_at).total_seconds() / 60
    assert minutes == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize("name", ["sam", "mia"])
def test_without_the_permission_there_is_none(name: str, request: Any) -> None:
    actor = Actor.person(request.getfixturevalue(name))
    with pytest.raises(PermissionDenied):
        servers.register(actor=actor, server=unsaved(), secret_text=KEY, slot="integration")
    assert_nothing_was_written()


BAD_FIELDS = [
    ("name", {"name": ""}),
    ("name", {"name": "n" * 81}),
    ("prefix", {"prefix": ""}),
    ("prefix", {"prefix": "1st"}),
    ("prefix", {"prefix": "under_score"}),
    ("prefix", {"prefix": "p" * 17}),
    ("prefix", {"prefix": "eu\n"}),
    ("region", {"region": "moon"}),
    ("base_url", {"base_url": ""}),
    ("base_url", {"base_url": "api.eu.opsgenie.com"}),
    ("base_url", {"base_url": "ftp://api.eu.opsgenie.com"}),
    ("base_url", {"base_url": "https://user:password@api.eu.opsgenie.com", "region": "custom"}),
    ("base_url", {"base_url": "https://user@api.eu.opsgenie.com", "region": "custom"}),
    ("base_url", {"base_url": "https://api.eu.opsgenie.com:99999", "region": "custom"}),
    ("base_url", {"base_url": "https://api.eu.opsgenie.com:0", "region": "custom"}),
    ("base_url", {"base_url": "https://" + "a" * 300 + ".example", "region": "custom"}),
    ("base_url", {"base_url": "https://attacker.example", "region": "eu"}),
    ("authentication_method", {"authentication_method": "none"}),
    ("header_name", {"header_name": ""}),
    ("header_name", {"header_name": "X-Key: a\r\nX-Injected"}),
    ("header_name", {"header_name": "X Key"}),
    ("header_name", {"header_name": "h" * 61}),
    ("value_prefix", {"value_prefix": "Genie\r\nX-Injected: yes"}),
    ("value_prefix", {"value_prefix": "p" * 41}),
    ("sync_interval_minutes", {"sync_interval_minutes": 0}),
    ("sync_interval_minutes", {"sync_interval_minutes": -5}),
    ("sync_interval_minutes", {"sync_interval_minutes": 10**12}),
    ("tool_approval", {"tool_approval": "never"}),
]


@pytest.mark.parametrize(("field", "fields"), BAD_FIELDS, ids=lambda value: str(value)[:60])
def test_a_bad_field_is_named_and_nothing_is_written(db: None, field: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        servers.register(actor=SYSTEM, server=unsaved(**fields), secret_text=KEY, slot="integration")
    assert list(caught.value.message_dict) == [field]
    assert KEY not in str(caught.value)
    assert_nothing_was_written()


@pytest.mark.parametrize(
    ("secret_text", "slot"), [("", "integration"), ("two words", "integration"), (KEY, "root"), (KEY, "")]
)
def test_a_bad_key_or_slot_writes_nothing(db: None, secret_text: str, slot: str) -> None:
    with pytest.raises(ValidationError):
        servers.register(actor=SYSTEM, server=unsaved(), secret_text=secret_text, slot=slot)
    assert_nothing_was_written()


@pytest.mark.parametrize("field", ["name", "prefix"])
def test_a_second_server_of_the_same_name_or_prefix_is_refused(db: None, field: str) -> None:
    first = make_server()
    second = unsaved(**{field: getattr(first, field)})
    with pytest.raises(ValidationError) as caught:
        servers.register(actor=SYSTEM, server=second, secret_text=KEY, slot="integration")
    assert list(caught.value.message_dict) == [field]
    assert list(Server.objects.all()) == [first]
