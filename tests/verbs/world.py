"""What a verb is tried on, and what the tables of verbs say of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group

from audit.actor import Actor
from audit.events import Event
from catalog.models import Credential, Server
from clients.models import Client, Token
from tests.conftest import approve, give, issue_token, make_person, make_server, sync
from tools.models import AccessProfile, Grant, Tool, Toolset


class World:
    """One of everything, made anew for each try."""

    def __init__(self) -> None:
        self.server: Server = make_server()
        sync(self.server)
        approve("opsgenie_get_alert")
        self.mia = make_person("mia")
        self.ivo = make_person("ivo")
        self.reviewers = [make_person(name, "tools.review_assigned_tool") for name in ("ria", "rob")]
        self.operators = Group.objects.create(name="operators")
        self.mia.groups.add(self.operators)
        self.grant: Grant = give(self.mia, "opsgenie_get_alert")
        self.profile: AccessProfile = self.grant.profile
        self.toolset: Toolset = self.profile.toolsets.get()
        self.token: Token = issue_token(self.mia)[0]

    @property
    def staged(self) -> Credential:
        return self.server.credentials.get(state="staged")

    @property
    def credential(self) -> Credential:
        return self.server.credentials.get(state="active")

    @property
    def client(self) -> Client:
        return self.token.client

    def tool(self, name: str) -> Tool:
        return Tool.objects.select_related("discovered_revision").get(name=name)


@dataclass(frozen=True)
class Verb:
    """`call` does it; `events` are the rows it leaves, in order; `permissions` is all it asks of a person.

    `besides` names tables that it also writes outside its transaction.
    """

    name: str
    permissions: tuple[str, ...]
    events: tuple[Event, ...]
    call: Callable[[Actor, World], Any]
    prepare: Callable[[World], Any] = lambda world: None
    case: str = ""
    superusers_only: bool = False
    #: Makes what is done something that this actor may do, where that depends on who did something before.
    own: Callable[[Actor], Any] = lambda actor: None
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.case})" if self.case else self.name


def changed(instance: Any, **fields: Any) -> Any:
    """A copy as a form would hand it over: stored, with fields changed."""
    copy = type(instance).objects.get(pk=instance.pk)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy
