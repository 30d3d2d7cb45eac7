"""Testing what a stored key may do, without waiting for a call to fail."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.faults import log_fault
from catalog import credentials
from catalog.connectors.base import Probe
from catalog.fields import SecretUnreadable
from catalog.models import Credential, Server
from catalog.outbound import Deadline

logger = logging.getLogger(__name__)

PROBE_SECONDS = 10.0
TESTABLE = (Credential.State.STAGED, Credential.State.ACTIVE)
UNREADABLE = "The stored key can't be read. Check PORTCULLIS_FERNET_KEYS, or store it again."
FAULT = "A fault in Portcullis stopped the test. Its log has the details; test the key again."


def probe_server(*, actor: Actor, server: Server) -> list[Credential]:
    """Test every active key of a server by requests that change nothing; what was found is kept with it.

    Raises PermissionDenied without `catalog.rotate_credential`. A key that can't be opened or tested is a
    result like any other: its `probe.problem` says why.
    """
    actor.require("catalog.rotate_credential")
    active = server.credentials.filter(state=Credential.State.ACTIVE).select_related("server")
    return [_tested(actor, credential) for credential in active]


def probe_credential(*, actor: Actor, credential: Credential) -> Credential:
    """Test one staged or active key, as `probe_server` does.

    Raises PermissionDenied without `catalog.rotate_credential`, ValidationError for a key that is neither.
    """
    actor.require("catalog.rotate_credential")
    current = Credential.objects.select_related("server").get(pk=credential.pk)
    if current.state not in TESTABLE:
        raise ValidationError(f"This key is {current.get_state_display()}: it is not tested any more.")
    return _tested(actor, current)


def _tested(actor: Actor, credential: Credential) -> Credential:
    probe = _probe(credential.server, credential)
    credential.probed_at = timezone.now()
    credential.probe_result = probe.as_json()
    credential.save(update_fields=["probed_at", "probe_result"])
    log.record(Event.CREDENTIAL_TESTED, actor=actor, subject=credential, detail={"found": probe.as_json()})
    return credential


def _probe(server: Server, credential: Credential) -> Probe:
    try:
        target = credentials.open_target(server, credential)
        return server.connector.probe(target=target, deadline=Deadline(PROBE_SECONDS))
    except SecretUnreadable:
        return Probe({}, UNREADABLE)
    except Exception as error:  # noqa: BLE001
        # A test that broke is no test passed: whatever it broke over, nobody may rely on the key by it.
        log_fault(logger, f"The test of credential {credential.pk} failed", error)
        return Probe({}, FAULT)
