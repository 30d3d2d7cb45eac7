"""Testing what a stored key may do, without waiting for a call to fail."""

from __future__ import annotations

from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from catalog import credentials
from catalog.connectors.base import Probe
from catalog.fields import SecretUnreadable
from catalog.models import Credential, Server
from catalog.outbound import Deadline

PROBE_SECONDS = 10.0


def probe_server(*, actor: Actor, server: Server) -> list[Credential]:
    """Test every active key of a server by requests that change nothing; what was found is kept with it.

    Raises PermissionDenied without `catalog.rotate_credential`. A key that can't be opened or tested is a
    result like any other: its `probe.problem` says why.
    """
    actor.require("catalog.rotate_credential")
    tested = list(server.credentials.filter(state=Credential.State.ACTIVE).select_related("server"))
    for credential in tested:
        probe = _probe(server, credential)
        credential.probed_at = timezone.now()
        credential.probe_result = probe.as_json()
        credential.save(update_fields=["probed_at", "probe_result"])
        log.record(
            Event.CREDENTIAL_TESTED, actor=actor, subject=credential, detail={"found": probe.as_json()}
        )
    return tested


def _probe(server: Server, credential: Credential) -> Probe:
    try:
        target = credentials.open_target(server, credential)
    except SecretUnreadable:
        return Probe({}, "The stored key can't be read. Check PORTCULLIS_FERNET_KEYS, or store it again.")
    return server.connector.probe(target=target, deadline=Deadline(PROBE_SECONDS))
