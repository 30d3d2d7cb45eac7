"""One of everything that a page can show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.models import AuditRow, PortalSettings
from catalog import syncs
from catalog.connectors.base import Action, ToolDefinition
from catalog.models import Server, SyncRun
from clients import people
from clients.models import Token, User
from tests.conftest import SYSTEM, approve, give, issue_token, make_person, make_server
from tools import access_requests, discovery, stops
from tools.models import AccessProfile, AccessRequest, Grant, Stop, Tool


def definition(name: str, **fields: Any) -> ToolDefinition:
    """A tool as an upstream could offer it."""
    return ToolDefinition(
        **{
            "name": name,
            "title": name.replace("_", " ").capitalize(),
            "description": f"What {name} does.",
            "input_schema": {
                "type": "object",
                "properties": {"query": {"type": "string", "description": "What to look for."}},
                "required": ["query"],
            },
            "output_schema": {"type": "object"},
            "annotations": {"readOnlyHint": True},
            "action": Action.READ,
            "domain": "alerts",
            "method": "GET",
            "path": f"/v2/{name}",
            **fields,
        }
    )


def discover(server: Server, *definitions: ToolDefinition) -> SyncRun:
    """Let a server offer exactly these tools."""
    syncs.request(actor=SYSTEM, server=server, trigger=SyncRun.Trigger.SCHEDULE)
    run = syncs.claim(SyncRun.objects.open().get(server=server).pk)
    assert run is not None
    with governed():
        discovery.apply(run, definitions)
        syncs.succeed(run, actor=SYSTEM)
    return run


@dataclass
class World:
    """The objects, and under which id each model's pages show one.

    `parts` are the values of parameters in addresses that are not the id of the model's object.
    """

    server: Server
    token: Token
    tool: Tool
    grant: Grant
    person: User
    group: Group
    shown: dict[type[models.Model], Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)


def _ask(profile: AccessProfile) -> AccessRequest:
    """Somebody asks for the profile, which is published for that."""
    AccessProfile.objects.filter(pk=profile.pk).update(is_published=True)
    asker = make_person("asker")
    return access_requests.ask(
        actor=Actor.person(asker), person=asker, profile=profile, reason="I am on call."
    )


def make_world() -> World:
    """A server with three tools, one of them approved and given to a person who has a client and a token."""
    server = make_server()
    run = discover(server, definition("list_alerts"), definition("get_alert"), definition("list_teams"))
    person = make_person("holder")
    (tool,) = approve("opsgenie_list_alerts")
    grant = give(person, "opsgenie_list_alerts")
    token, _ = issue_token(person)
    group = people.save_group(actor=SYSTEM, group=Group(name="Responders"), permissions=[])
    asked = _ask(grant.profile)
    log.record(Event.AUTHENTICATION_FAILED, actor=Actor.anonymous("192.0.2.1"), reason="token_unknown")
    # A drill: its banner is on every page, and it refuses nothing.
    drill = stops.set_stop(
        actor=SYSTEM, stop=Stop(level="tool", tool=tool, reason="It pages everybody.", is_drill=True)
    )
    world = World(server=server, token=token, tool=tool, grant=grant, person=person, group=group)
    world.shown = {
        PortalSettings: 1,
        AuditRow: AuditRow.objects.latest("pk").pk,
        Server: server.pk,
        SyncRun: run.pk,
        User: person.pk,
        Group: group.pk,
        type(token.client): token.client.pk,
        Token: token.pk,
        type(grant.profile): grant.profile.pk,
        type(grant.profile.toolsets.get()): grant.profile.toolsets.get().pk,
        Grant: grant.pk,
        AccessRequest: asked.pk,
        Tool: tool.pk,
        Stop: drill.pk,
    }
    world.parts = {"revision_id": tool.discovered_revision_id}
    missing = set(admin.site._registry) - set(world.shown)
    assert not missing, f"The pages of {missing} need an object here, to be tested with the others."
    return world
