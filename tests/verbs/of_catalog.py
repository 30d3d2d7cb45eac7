"""The verbs of servers, their keys and the catalog."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit.events import Event
from catalog import entries, rotation, servers
from catalog.connectors.registry import connector_for
from catalog.models import Credential, Server
from tests.conftest import KEY, SYSTEM
from tests.verbs.world import Verb, World, changed


def _new_server() -> Server:
    fields = ("connector_key", "region", "base_url", "authentication_method", "header_name", "value_prefix")
    known: dict[str, Any] = {name: getattr(Server.objects.get(), name) for name in fields}
    return Server(**known, name="Second", prefix="second")


def _stage(world: World) -> None:
    rotation.stage(actor=SYSTEM, server=world.server, slot="integration", text="a-new-key-a-new-key")


def _rotate(world: World) -> None:
    _stage(world)
    rotation.activate(
        actor=SYSTEM, credential=world.staged, overlap=timedelta(hours=1), override_reason="It is urgent."
    )


VERBS = (
    Verb(
        "catalog.servers.register",
        ("catalog.add_server", "catalog.rotate_credential"),
        (Event.SERVER_REGISTERED, Event.CREDENTIAL_STORED, Event.SYNC_REQUESTED),
        lambda actor, world: servers.register(
            actor=actor, server=_new_server(), secret_text=KEY, slot="integration"
        ),
    ),
    Verb(
        "catalog.servers.change",
        ("catalog.change_server",),
        (Event.SERVER_CHANGED,),
        lambda actor, world: servers.change(
            actor=actor, server=changed(world.server, sync_interval_minutes=30)
        ),
    ),
    Verb(
        "catalog.servers.change",
        ("catalog.change_server", "catalog.rotate_credential"),
        (Event.SERVER_CHANGED, Event.CREDENTIAL_REVOKED, Event.CREDENTIAL_STORED),
        lambda actor, world: servers.change(
            actor=actor,
            server=changed(world.server, base_url="http://127.0.0.1:10"),
            secret_text=KEY,
            slot="account",
        ),
        case="new address",
    ),
    Verb(
        "catalog.servers.pause",
        ("catalog.change_server",),
        (Event.SERVER_PAUSED,),
        lambda actor, world: servers.pause(actor=actor, server=world.server),
    ),
    Verb(
        "catalog.servers.resume",
        ("catalog.change_server",),
        (Event.SERVER_RESUMED,),
        lambda actor, world: servers.resume(actor=actor, server=world.server),
        prepare=lambda world: servers.pause(actor=SYSTEM, server=world.server),
    ),
    Verb(
        "catalog.rotation.store",
        ("catalog.rotate_credential",),
        (Event.CREDENTIAL_REVOKED, Event.CREDENTIAL_STORED),
        lambda actor, world: rotation.store(actor=actor, server=world.server, slot="integration", text=KEY),
    ),
    Verb(
        "catalog.rotation.revoke",
        ("catalog.rotate_credential",),
        (Event.CREDENTIAL_REVOKED,),
        lambda actor, world: rotation.revoke(actor=actor, credential=world.credential),
    ),
    Verb(
        "catalog.rotation.stage",
        ("catalog.rotate_credential",),
        (Event.CREDENTIAL_STAGED,),
        lambda actor, world: rotation.stage(actor=actor, server=world.server, slot="integration", text=KEY),
    ),
    Verb(
        "catalog.rotation.activate",
        ("catalog.rotate_credential",),
        (Event.CREDENTIAL_RETIRED, Event.CREDENTIAL_ACTIVATED),
        lambda actor, world: rotation.activate(
            actor=actor, credential=world.staged, overlap=timedelta(hours=1), override_reason="It is urgent."
        ),
        prepare=lambda world: _stage(world),
    ),
    Verb(
        "catalog.rotation.take_back",
        ("catalog.rotate_credential",),
        (Event.CREDENTIAL_RETIRED, Event.CREDENTIAL_ACTIVATED),
        lambda actor, world: rotation.take_back(
            actor=actor, credential=world.server.credentials.get(state="retiring")
        ),
        prepare=lambda world: _rotate(world),
    ),
    Verb(
        "catalog.rotation.end_overlaps",
        (),
        (Event.CREDENTIAL_REVOKED,),
        lambda actor, world: rotation.end_overlaps(actor=actor),
        prepare=lambda world: (
            _rotate(world),
            Credential.objects.filter(state="retiring").update(retires_at=timezone.now()),
        ),
    ),
    Verb(
        "catalog.servers.delete",
        ("catalog.delete_server",),
        (Event.SERVER_DELETED,),
        lambda actor, world: servers.delete(actor=actor, server=world.server, typed_name=world.server.name),
    ),
    Verb(
        "catalog.entries.hide",
        ("catalog.change_catalogentry",),
        (Event.CATALOG_ENTRY_HIDDEN,),
        lambda actor, world: entries.hide(actor=actor, connector=connector_for("opsgenie")),
    ),
    Verb(
        "catalog.entries.show",
        ("catalog.change_catalogentry",),
        (Event.CATALOG_ENTRY_SHOWN,),
        lambda actor, world: entries.show(actor=actor, connector=connector_for("opsgenie")),
        prepare=lambda world: entries.hide(actor=SYSTEM, connector=connector_for("opsgenie")),
    ),
)
