"""Turning what an upstream offers into tools and revisions. The only maker of revisions."""

from __future__ import annotations

import logging
from dataclasses import replace

from django.utils import timezone

from audit import log, portal_settings
from audit.actor import Actor
from audit.events import Event
from audit.faults import log_fault
from audit.governance import governed
from audit.models import PortalSettings
from catalog import credentials, syncs
from catalog.connectors.base import Action as ConnectorAction
from catalog.connectors.base import ConnectorError, Target, ToolDefinition
from catalog.fields import SecretUnreadable
from catalog.models import Server, SyncRun
from tools import toolsets
from tools.definitions import as_stored, digest_of
from tools.models import Tool, ToolRevision
from tools.naming import client_name
from tools.severity import is_severe_between

logger = logging.getLogger(__name__)

ACTOR = Actor.system("discovery")
FAULT = "A fault in Portcullis stopped the sync and nothing was changed. Its log has the details."


def sync(run_id: int) -> None:
    """Carry out a queued sync run. Safe to repeat: a run that is taken or over is left alone."""
    run = syncs.claim(run_id)
    if run is None:
        return
    try:
        definitions = _discover(run.server)
        with governed():
            apply(run, definitions)
            syncs.succeed(run, actor=ACTOR)
    except ConnectorError as error:
        syncs.fail(run, actor=ACTOR, error=f"{error.message} {error.remedy}".strip())
    except Exception as error:  # noqa: BLE001
        # Left open, the run would pass for work under way until it is given up, without a reason.
        log_fault(logger, f"Sync run {run_id} failed", error)
        # Read again: the counts on this one are of changes that were rolled back.
        run = SyncRun.objects.select_related("server").filter(pk=run_id).first()
        # None when the server was deleted meanwhile, and its syncs with it.
        if run is not None:
            syncs.fail(run, actor=ACTOR, error=FAULT)


def _discover(server: Server) -> tuple[ToolDefinition, ...]:
    try:
        target, _ = credentials.target_for(server)
    except (credentials.CredentialMissing, SecretUnreadable):
        # What tools there are must not depend on a key that is missing, wrong or unreadable.
        target = Target(base_url=server.base_url, headers={})
    return server.connector.discover(target=target, domains=frozenset(server.optional_domains))


def apply(run: SyncRun, definitions: tuple[ToolDefinition, ...]) -> None:
    """Bring the server's tools in line with `definitions`; counts go to `run`. Inside `governed()`."""
    server = run.server
    known = {
        tool.name: tool
        for tool in Tool.objects.select_for_update(of=("self",))
        .select_related("server", "approved_revision", "discovered_revision")
        .filter(server=server)
    }
    run.found = len(definitions)
    for declared in definitions:
        definition = _classified(declared)
        content = as_stored(definition, instructions=server.connector.instructions)
        tool = known.pop(definition.name, None)
        if tool is None:
            _add(run, definition, content)
        else:
            _compare(run, tool, definition, content)
    for tool in known.values():
        _mark_removed(run, tool)
    toolsets.ensure_automatic(server)


def _classified(definition: ToolDefinition) -> ToolDefinition:
    """The definition with the settings' class, where its connector declares none."""
    if definition.declares_action:
        return definition
    return replace(definition, action=ConnectorAction(portal_settings.current().default_action))


def _add(run: SyncRun, definition: ToolDefinition, content: dict[str, object]) -> None:
    tool = Tool.objects.create(
        server=run.server,
        name=definition.name,
        client_name=_free_name(run.server, definition.name),
        domain=definition.domain,
        action=definition.action.value,
    )
    revision = _revision(run, tool, content)
    tool.discovered_revision = revision
    if not run.server.requires_tool_approval:
        tool.state, tool.approved_revision = Tool.State.APPROVED, revision
    tool.save()
    run.added += 1
    log.record(
        Event.TOOL_DISCOVERED,
        actor=ACTOR,
        subject=tool,
        after={"state": tool.state, "digest": revision.digest},
    )


def _compare(run: SyncRun, tool: Tool, definition: ToolDefinition, content: dict[str, object]) -> None:
    returned = tool.state == Tool.State.REMOVED
    accepted = False
    revision = _revision(run, tool, content)
    if revision.pk == tool.discovered_revision_id and not returned:
        return
    before = {"state": tool.state, "digest": tool.discovered_revision.digest}  # type: ignore[union-attr]
    tool.discovered_revision = revision
    # The connector's newer word on what the tool does is part of what is reviewed.
    tool.domain, tool.action = definition.domain, definition.action.value
    if returned:
        _move(tool, Tool.State.PENDING)
    elif tool.state == Tool.State.APPROVED:
        _move(tool, Tool.State.CHANGED)
        accepted = _accept(tool, revision)
    elif tool.state == Tool.State.CHANGED and revision.pk == tool.approved_revision_id:
        # The upstream took its change back: these are the very bytes that were approved.
        _move(tool, Tool.State.APPROVED)
    tool.save()
    run.changed += 1
    log.record(
        Event.TOOL_RETURNED if returned else Event.TOOL_CHANGED,
        actor=ACTOR,
        subject=tool,
        before=before,
        after={"state": tool.state, "digest": revision.digest},
        detail={"accepted": "by the settings for changed definitions"} if accepted else None,
    )


def _accept(tool: Tool, revision: ToolRevision) -> bool:
    """Approve a changed definition where the settings say so. Never a severe change: that is what reviews
    are for, and a setting made on a calm day must not let it pass."""
    if tool.on_changed_definition() != PortalSettings.ChangedDefinition.ACCEPT:
        return False
    approved = tool.approved_revision
    if approved is None or is_severe_between(approved.definition, revision.definition):
        return False
    tool.approved_revision = revision
    _move(tool, Tool.State.APPROVED)
    return True


def _mark_removed(run: SyncRun, tool: Tool) -> None:
    if tool.state == Tool.State.REMOVED:
        return
    before = {"state": tool.state}
    _move(tool, Tool.State.REMOVED)
    tool.save(update_fields=["state", "state_since"])
    run.removed += 1
    log.record(Event.TOOL_REMOVED, actor=ACTOR, subject=tool, before=before, after={"state": tool.state})


def _revision(run: SyncRun, tool: Tool, content: dict[str, object]) -> ToolRevision:
    revision, _ = ToolRevision.objects.get_or_create(
        tool=tool, digest=digest_of(content), defaults={"definition": content, "sync_run": run}
    )
    return revision


def _free_name(server: Server, tool_name: str) -> str:
    """The client name, made unique where another server's prefix and tool happen to spell the same."""
    name = client_name(server.prefix, tool_name)
    if Tool.objects.filter(client_name=name).exists():
        return client_name(server.prefix, f"{tool_name}#{server.pk}")
    return name


def _move(tool: Tool, state: Tool.State) -> None:
    tool.state = state
    tool.state_since = timezone.now()
