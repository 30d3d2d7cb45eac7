"""Registering servers and changing what is set on them."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.cascades import lost_with
from audit.events import Event
from audit.governance import governed
from catalog import credentials, entries, rotation, syncs
from catalog.models import Credential, Server, SyncRun
from catalog.outbound import origin_of

KEY_NEEDED_FOR_NEW_ADDRESS = (
    "The address changed, and a key is only sent to the address it was stored for. Paste the key again."
)
LONGEST_URL = 300
#: A header name as RFC 9110 spells one, and what may stand before the key: neither can begin a new line.
HEADER_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}\Z")
VALUE_PREFIX = re.compile(r"^[\x20-\x7e]{0,40}\Z")
HEADER_NAME_INVALID = "Use letters, digits and hyphens, as in Authorization."
VALUE_PREFIX_INVALID = "Use at most 40 printable ASCII characters."
_SETTINGS = (
    "name",
    "prefix",
    "region",
    "base_url",
    "authentication_method",
    "header_name",
    "value_prefix",
    "tool_approval",
    "changed_definition",
    "sensitivity",
    "optional_domains",
    "names_people",
    "sync_interval_minutes",
)
_AUDITED = (*_SETTINGS, "state")
#: What lets tools through that nobody reviewed. Whoever runs a server doesn't decide that.
OF_REVIEW = ("tool_approval", "changed_definition")
MAY_SET_REVIEW = "tools.review_tool"


def resolved_base_url(server: Server, custom_url: str = "") -> str:
    """The URL a server's region stands for. Raises ValidationError naming the field to mend."""
    try:
        region = server.connector.region(server.region)
    except LookupError as error:
        raise ValidationError({"region": str(error)}) from error
    if region.base_url is not None:
        if problem := _problem_with_url(region.base_url):
            raise ValidationError({"region": f"The address set for {region.label} can't be used. {problem}"})
        return region.base_url.rstrip("/")
    url = custom_url.strip().rstrip("/")
    if not url:
        raise ValidationError({"custom_url": "Enter the URL, or choose another region."})
    if problem := _problem_with_url(url):
        raise ValidationError({"custom_url": problem})
    return url


def register(*, actor: Actor, server: Server, secret_text: str, slot: str) -> Server:
    """Save a new server with its first credential and ask for its first sync.

    Whether the key is right isn't known yet: discovery works without, the first call tells.
    Raises PermissionDenied without `catalog.add_server`, and without `tools.review_tool` for other settings
    of review than the portal's; ValidationError for bad fields and for a connector that is hidden from the
    catalog.
    """
    actor.require("catalog.add_server")
    _require_may_set_review(actor, server, Server())
    credentials.check_secret_text(secret_text)
    _require_sound(server)
    with governed():
        entries.require_offered(server.connector)
        server.schedule_next_sync(timezone.now())
        server.save(force_insert=True)
        log.record(Event.SERVER_REGISTERED, actor=actor, subject=server, after=_snapshot(server))
        rotation.store(actor=actor, server=server, slot=slot, text=secret_text)
        syncs.request(actor=actor, server=server, trigger=SyncRun.Trigger.REGISTRATION)
    return server


def change(*, actor: Actor, server: Server, secret_text: str = "", slot: str = "") -> Server:
    """Save edited settings; with `secret_text`, replace the credential of `slot` too.

    A new scheme, host or port makes the stored keys useless by design, so the key is asked for again.
    Raises PermissionDenied without `catalog.change_server`, and without `tools.review_tool` for a change of
    what needs a review; ValidationError for bad fields.
    """
    actor.require("catalog.change_server")
    _require_sound(server)
    with governed():
        stored = Server.objects.select_for_update().get(pk=server.pk)
        _require_may_set_review(actor, server, stored)
        moved = stored.origin != server.origin
        if moved and not secret_text:
            raise ValidationError(KEY_NEEDED_FOR_NEW_ADDRESS)
        server.state = stored.state
        before = _snapshot(stored)
        # Only what was edited: what else the object holds may be older than the row by now.
        fields = list(_SETTINGS)
        if stored.sync_interval_minutes != server.sync_interval_minutes:
            server.schedule_next_sync(timezone.now())
            fields.append("next_sync_at")
        server.save(update_fields=fields)
        log.record(Event.SERVER_CHANGED, actor=actor, subject=server, before=before, after=_snapshot(server))
        if moved:
            # Keys of other slots can't be opened for the new address: ending them says so.
            useless = server.credentials.exclude(state=Credential.State.REVOKED)
            for credential in useless.exclude(slot=slot, state=Credential.State.ACTIVE):
                rotation.revoke(actor=actor, credential=credential)
        if secret_text:
            rotation.store(actor=actor, server=server, slot=slot, text=secret_text)
        if stored.optional_domains != server.optional_domains:
            # A sync under way may have read the old domains already: the next tick starts another.
            Server.objects.filter(pk=server.pk).update(next_sync_at=timezone.now())
            syncs.request(actor=actor, server=server, trigger=SyncRun.Trigger.CHANGE)
    return server


def pause(*, actor: Actor, server: Server) -> None:
    """Refuse all calls to an active server's tools. Raises ValidationError if it isn't active."""
    _move(actor, server, Server.State.ACTIVE, Server.State.PAUSED, Event.SERVER_PAUSED)


def resume(*, actor: Actor, server: Server) -> None:
    """Let calls through to a paused server again. Raises ValidationError if it isn't paused."""
    _move(actor, server, Server.State.PAUSED, Server.State.ACTIVE, Event.SERVER_RESUMED)


def delete(*, actor: Actor, server: Server, typed_name: str) -> None:
    """Delete a server with its keys, tools, sets of tools, reviews and stops. The audit log keeps its rows.

    Raises PermissionDenied without `catalog.delete_server`, ValidationError unless `typed_name` is its name.
    """
    actor.require("catalog.delete_server")
    if typed_name.strip() != server.name:
        raise ValidationError({"typed_name": f"Type the server's name to delete it: {server.name}"})
    with governed():
        lost = lost_with(server)
        log.record(
            Event.SERVER_DELETED, actor=actor, subject=server, before=_snapshot(server), detail={"lost": lost}
        )
        server.delete()


def _move(actor: Actor, server: Server, expected: str, to: str, event: Event) -> None:
    actor.require("catalog.change_server")
    with governed():
        if not Server.objects.filter(pk=server.pk, state=expected).update(state=to):
            raise ValidationError(f"{server} is not {expected}. Reload the page to see its state.")
        server.state = to
        log.record(event, actor=actor, subject=server, before={"state": expected}, after={"state": to})


def _require_may_set_review(actor: Actor, server: Server, stored: Server) -> None:
    if any(getattr(server, name) != getattr(stored, name) for name in OF_REVIEW):
        actor.require(MAY_SET_REVIEW)


def _require_sound(server: Server) -> None:
    """Raise ValidationError, naming the fields, for settings that no request could or should be made with."""
    problems: dict[str, Any] = {}
    try:
        # The address has rules of its own: Django's would refuse an internal name without a dot.
        server.full_clean(exclude=["base_url"])
    except ValidationError as error:
        error.update_error_dict(problems)
    connector = server.connector
    checks = {
        "region": None if server.region in {known.key for known in connector.regions} else "Choose a region.",
        "base_url": _problem_with_url(server.base_url) or _problem_with_region(server),
        "authentication_method": None
        if server.authentication_method in {known.key for known in connector.authentication_methods}
        else "Choose one of the ways offered.",
        "header_name": None if HEADER_NAME.match(server.header_name) else HEADER_NAME_INVALID,
        "value_prefix": None if VALUE_PREFIX.match(server.value_prefix) else VALUE_PREFIX_INVALID,
    }
    unknown = set(server.optional_domains) - {domain.key for domain in connector.optional_domains}
    if unknown:
        problems["optional_domains"] = f"{connector.label} has no domain {', '.join(sorted(unknown))}."
    for field, problem in checks.items():
        if problem and field not in problems:
            problems[field] = problem
    if problems:
        raise ValidationError(problems)


def _problem_with_url(url: str) -> str | None:
    if len(url) > LONGEST_URL:
        return f"Use at most {LONGEST_URL} characters."
    try:
        origin_of(url)
    except ValueError as error:
        return str(error)
    if "?" in url or "#" in url:
        return "Enter the URL without a query or a fragment."
    return None


def _problem_with_region(server: Server) -> str | None:
    for region in server.connector.regions:
        if region.key == server.region and region.base_url and region.base_url.rstrip("/") != server.base_url:
            return f"{region.label} is at {region.base_url}."
    return None


def _snapshot(server: Server) -> dict[str, Any]:
    return {name: getattr(server, name) for name in _AUDITED}
