"""Whether a server works, as its last tests, syncs and calls tell."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from audit.events import OUTCOMES, Event
from audit.models import AuditRow
from catalog.connectors.base import Probe
from catalog.models import Credential, Server, SyncRun

#: What happened longer ago says nothing about now.
LOOKS_BACK = timedelta(days=7)
#: That many of the newest telling calls must all have failed: one hiccup is no failing server.
CALLS = 3

#: Codes of failed calls that are the upstream's or Portcullis's doing: what it means, and what to do.
FAULTS = {
    "upstream_unauthorized": (
        "The upstream does not accept the key.",
        "Test the key under Keys, and rotate it if it is refused.",
    ),
    "upstream_unreachable": (
        "The upstream can't be reached.",
        "Check its address, and the network between it and Portcullis.",
    ),
    "upstream_tls": (
        "No secure connection to the upstream could be made.",
        "Check its certificate, and the authorities this machine trusts.",
    ),
    "upstream_address_refused": (
        "The upstream is at a private address, and those are not allowed.",
        "Check its address, or set PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS.",
    ),
    "upstream_timeout": ("The upstream does not answer in time.", "Look at the upstream's own status page."),
    "deadline_passed": ("The upstream does not answer in time.", "Look at the upstream's own status page."),
    "upstream_interrupted": (
        "The upstream breaks connections off.",
        "Look at the upstream's own status page, and at proxies in between.",
    ),
    "upstream_error": ("The upstream fails by itself.", "Look at the upstream's own status page."),
    "upstream_garbage": (
        "The upstream's answers can't be understood.",
        "Check that its address is that of the API, and no proxy answers in its place.",
    ),
    "upstream_redirected": (
        "The upstream sends requests elsewhere, which is not followed.",
        "Check its address.",
    ),
    "connector_fault": (
        "A fault in Portcullis keeps calls from being made.",
        "Look at its log, with a call id from the audit log.",
    ),
}
#: The upstream knew the key and judged the request: it works, whatever was asked of it.
ANSWERED = (
    "upstream_not_found", "upstream_conflict", "upstream_rejected", "upstream_in_use", "upstream_gone",
    "upstream_not_applied",
)  # fmt: skip
UNAUTHORIZED = "upstream_unauthorized"


class HealthState(enum.StrEnum):
    """What is known of a server, in the words that pages use."""

    HEALTHY = "healthy"
    FAILING = "failing"
    UNTESTED = "never tested"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Health:
    """`sentence` says what is the matter, `remedy` what to do; `at` is when that was found out."""

    state: HealthState
    sentence: str
    remedy: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that tells something: `code` is empty for one that reached a working upstream."""

    at: datetime
    code: str
    credential_id: str


def health_of(server: Server) -> Health:
    """The health of one server."""
    return health_of_all([server])[server.pk]


def health_of_all(servers: Iterable[Server]) -> dict[int, Health]:
    """The health of each server, by its id. Four queries, however many there are."""
    known = {server.pk: server for server in servers}
    keys: dict[int, list[Credential]] = defaultdict(list)
    # Without the secrets: nothing here opens one.
    active = Credential.objects.filter(server__in=known, state=Credential.State.ACTIVE).defer("secret")
    for credential in active:
        keys[credential.server_id].append(credential)
    syncs = _last_syncs(known)
    calls = _newest_calls(known)
    return {pk: _judged(server, keys[pk], syncs.get(pk), calls.get(pk, [])) for pk, server in known.items()}


def _judged(server: Server, keys: list[Credential], sync: SyncRun | None, calls: list[_Call]) -> Health:
    if server.state == Server.State.PAUSED:
        return Health(
            HealthState.PAUSED, "Every call to its tools is refused.", "Resume it when it may be used again."
        )
    if not keys:
        return Health(
            HealthState.FAILING,
            "It has no key: every call to its tools is refused.",
            "Store a key under Keys.",
        )
    problem = _problem_of_keys(keys, calls) or _problem_of_calls(keys, calls) or _problem_of_sync(sync)
    if problem is not None:
        return problem
    proofs = [call.at for call in calls if not call.code]
    proofs += [key.probed_at for key in keys if key.probed_at and not _probe(key).problem]
    if not proofs:
        return Health(
            HealthState.UNTESTED,
            "No key was tested and no call was made, so nobody knows whether it works.",
            "Test its keys.",
        )
    return Health(HealthState.HEALTHY, "It works.", at=max(proofs))


def _problem_of_keys(keys: list[Credential], calls: list[_Call]) -> Health | None:
    for key in keys:
        if key.probed_at is None or not (problem := _probe(key).problem):
            continue
        # A call that this key has carried since is a better test.
        if not any(not call.code and call.at > key.probed_at and _used(call, key) for call in calls):
            return Health(
                HealthState.FAILING,
                f"The test of the key in slot {key.slot} failed: {problem}",
                "Test it again or rotate it under Keys.",
                key.probed_at,
            )
    return None


def _problem_of_calls(keys: list[Credential], calls: list[_Call]) -> Health | None:
    if not calls or not calls[0].code:
        return None
    newest = calls[0]
    if newest.code != UNAUTHORIZED and not all(call.code for call in calls):
        return None
    carrier = next((key for key in keys if _used(newest, key)), None)
    if newest.code == UNAUTHORIZED and carrier is None:
        # That key is not in use any more.
        return None
    if any(_tested_well_after(newest.at, key) for key in ([carrier] if carrier else keys)):
        return None
    sentence, remedy = FAULTS[newest.code]
    return Health(HealthState.FAILING, f"Calls fail. {sentence}", remedy, newest.at)


def _problem_of_sync(sync: SyncRun | None) -> Health | None:
    if sync is None or sync.state != SyncRun.State.FAILED:
        return None
    return Health(
        HealthState.FAILING,
        f"The last sync failed: {sync.error}",
        "Start another sync once that is mended. Until then its tools stay as they are.",
        sync.finished_at,
    )


def _probe(key: Credential) -> Probe:
    return key.probe or Probe({})


def _tested_well_after(at: datetime, key: Credential) -> bool:
    return key.probed_at is not None and key.probed_at > at and not _probe(key).problem


def _used(call: _Call, key: Credential) -> bool:
    return call.credential_id == str(key.pk)


def _last_syncs(servers: Iterable[int]) -> dict[int, SyncRun]:
    ended = SyncRun.objects.filter(server=OuterRef("pk")).exclude(
        state__in=(SyncRun.State.QUEUED, SyncRun.State.RUNNING)
    )
    newest = Server.objects.filter(pk__in=servers).values_list(
        Subquery(ended.order_by("-pk").values("pk")[:1])
    )
    return {run.server_id: run for run in SyncRun.objects.filter(pk__in=newest)}


def _newest_calls(servers: Iterable[int]) -> dict[int, list[_Call]]:
    """The newest calls of each server that tell something, the newest first."""
    telling = AuditRow.objects.filter(
        Q(event=Event.CALL_SUCCEEDED)
        | Q(event__in=(Event.CALL_FAILED, Event.CALL_UNKNOWN), reason__in=(*FAULTS, *ANSWERED)),
        server_id=OuterRef("pk"),
        event__in=OUTCOMES,
        at__gte=timezone.now() - LOOKS_BACK,
    ).order_by("-pk")
    columns = [Subquery(telling.values("pk")[place : place + 1]) for place in range(CALLS)]
    ids = Server.objects.filter(pk__in=servers).values_list(*columns)
    wanted = {pk for row in ids for pk in row if pk is not None}
    found: dict[int, list[_Call]] = defaultdict(list)
    rows = AuditRow.objects.filter(pk__in=wanted).order_by("-pk")
    for server_id, at, reason, detail in rows.values_list("server_id", "at", "reason", "detail"):
        if server_id is not None:
            code = reason if reason in FAULTS else ""
            found[server_id].append(_Call(at, code, str(detail.get("credential_id", ""))))
    return found
