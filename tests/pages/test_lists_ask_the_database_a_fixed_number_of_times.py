"""A list of five hundred rows costs as many queries as one of fifty."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditRow, PortalSettings
from catalog.models import Credential, Server, SyncRun
from clients.models import Client, Token, User
from tests.conftest import make_server
from tests.pages.conftest import signed_in
from tests.pages.world import World
from tools.models import AccessProfile, AccessRequest, Grant, Stop, Tool, Toolset


def server_fields(number: int) -> dict[str, Any]:
    return {
        "name": f"Server {number}", "prefix": f"s{number}", "connector_key": "opsgenie", "region": "us",
        "base_url": "https://api.opsgenie.com", "authentication_method": "custom_header",
        "header_name": "Authorization", "value_prefix": "GenieKey ",
    }  # fmt: skip


def make_servers(world: World, numbers: range) -> None:
    made = Server.objects.bulk_create([Server(**server_fields(number)) for number in numbers])
    SyncRun.objects.bulk_create([SyncRun(server=one, trigger="manual", requested_by="x") for one in made])
    Tool.objects.bulk_create(
        [
            Tool(server=one, name="x", client_name=f"{one.prefix}_x", domain="alerts", action="read")
            for one in made
        ]
    )


def make_runs(world: World, numbers: range) -> None:
    make_servers(world, numbers)


def make_people(world: World, numbers: range) -> list[User]:
    return User.objects.bulk_create(
        [User(username=f"person{number}", email=f"person{number}@example.com") for number in numbers]
    )


def make_clients(world: World, numbers: range) -> list[Client]:
    return Client.objects.bulk_create(
        [Client(name=f"Client of {person}", owner=person) for person in make_people(world, numbers)]
    )


def make_tokens(world: World, numbers: range) -> None:
    later = timezone.now() + timedelta(days=1)
    Token.objects.bulk_create(
        [
            Token(public_id=f"{number:012}", hash="0" * 64, client=client, created_by="x", expires_at=later)
            for number, client in zip(numbers, make_clients(world, numbers), strict=True)
        ]
    )


def make_toolsets(world: World, numbers: range) -> list[Toolset]:
    made = Toolset.objects.bulk_create([Toolset(name=f"Set {number}") for number in numbers])
    through: Any = Toolset.tools.through
    through.objects.bulk_create([through(toolset=one, tool=world.tool) for one in made])
    return made


def make_profiles(world: World, numbers: range) -> list[AccessProfile]:
    made = AccessProfile.objects.bulk_create([AccessProfile(name=f"Profile {number}") for number in numbers])
    through: Any = AccessProfile.toolsets.through
    through.objects.bulk_create(
        [
            through(accessprofile=one, toolset=toolset)
            for one, toolset in zip(made, make_toolsets(world, numbers), strict=True)
        ]
    )
    give(made, make_people(world, numbers))
    return made


def give(profiles: list[AccessProfile], people: list[User]) -> None:
    Grant.objects.bulk_create(
        [
            Grant(profile=profile, user=person, reason="x", approver="x")
            for profile, person in zip(profiles, people, strict=True)
        ]
    )


def make_grants(world: World, numbers: range) -> None:
    make_profiles(world, numbers)
    groups = make_groups(world, numbers)
    Grant.objects.bulk_create(
        [Grant(profile=world.grant.profile, group=group, reason="x", approver="x") for group in groups]
    )


def make_requests(world: World, numbers: range) -> None:
    people = make_people(world, numbers)
    AccessRequest.objects.bulk_create(
        [AccessRequest(profile=world.grant.profile, person=person, reason="x") for person in people]
    )


def make_groups(world: World, numbers: range) -> list[Group]:
    return Group.objects.bulk_create([Group(name=f"Group {number}") for number in numbers])


def make_tools(world: World, numbers: range) -> None:
    for number in numbers[:: max(1, len(numbers) // 5)]:
        make_servers(world, range(number * 1000, number * 1000 + 1))
    servers = list(Server.objects.all())
    Tool.objects.bulk_create(
        [
            Tool(
                server=servers[number % len(servers)], name=f"tool{number}", client_name=f"tool{number}",
                domain="alerts", action="read",
            )
            for number in numbers
        ]
    )  # fmt: skip


def make_audit_rows(world: World, numbers: range) -> None:
    rows = [
        AuditRow(
            at=timezone.now(), event="call.succeeded", actor_kind="person", actor_name=f"person{number}",
            tool_name=f"tool{number}", call_id=uuid.uuid4(), detail={},
        )
        for number in numbers
    ]  # fmt: skip
    models.QuerySet(AuditRow).bulk_create(rows)


def make_stops(world: World, numbers: range) -> None:
    """All of them in force."""
    people = make_people(world, numbers)
    Stop.objects.bulk_create([Stop(level="person", person=one, reason="x", set_by="x") for one in people])


MAKERS: dict[type[models.Model], Callable[[World, range], Any]] = {
    AuditRow: make_audit_rows,
    Server: make_servers,
    SyncRun: make_runs,
    User: make_people,
    Group: make_groups,
    Client: make_clients,
    Token: make_tokens,
    Toolset: make_toolsets,
    AccessProfile: make_profiles,
    Grant: make_grants,
    AccessRequest: make_requests,
    Tool: make_tools,
    Stop: make_stops,
}


def queries_of(browser: Any, path: str) -> int:
    browser.get(path)  # what is asked once in a while, such as content types
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_every_list_is_measured() -> None:
    # Of the settings there is one row, and its page is no list.
    assert set(MAKERS) == set(admin.site._registry) - {PortalSettings}


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label)
def test_fifty_and_five_hundred_cost_the_same(world: World, root: User, model: type[models.Model]) -> None:
    browser = signed_in(root)
    path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    MAKERS[model](world, range(50))
    few = queries_of(browser, path)
    MAKERS[model](world, range(50, 500))
    assert model._default_manager.count() >= 500
    assert queries_of(browser, path) == few
    # One of them is the banner's. The page of stops tells of the ten newest in force, each in four.
    assert few <= (60 if model is Stop else 21)


@pytest.mark.parametrize("count", [3, 60])
def test_the_page_of_a_server_does_not_grow_with_what_belongs_to_it(root: User, count: int) -> None:
    server = make_server()
    SyncRun.objects.update(state="succeeded")
    SyncRun.objects.bulk_create(
        [SyncRun(server=server, trigger="manual", requested_by="x", state="failed") for _ in range(count)]
    )
    Credential.objects.bulk_create(
        [
            Credential(
                server=server,
                slot="account",
                state="revoked",
                secret=server.credentials.get(state="active").secret,
            )
            for _ in range(count)
        ]
    )
    Tool.objects.bulk_create(
        [
            Tool(server=server, name=f"t{number}", client_name=f"t{number}", domain="alerts", action="read")
            for number in range(count)
        ]
    )
    assert queries_of(signed_in(root), f"/admin/catalog/server/{server.pk}/change/") <= 45
