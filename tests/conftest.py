"""The fixed cast and the few objects that most tests need.

olga  runs the operations: registers servers, keeps their keys
sam   is the security admin: reviews tools, gives access
mia   is a member who uses tools through her AI client
otto  is an outsider: a member without any grant
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from audit.actor import Actor
from audit.models import PortalSettings
from catalog import servers, syncs
from catalog.models import Server, SyncRun
from clients import tokens
from clients.authentication_failures import FailureLog
from clients.caller import Caller
from clients.models import Token, User
from tools import discovery, grants, profiles, review, toolsets
from tools.models import AccessProfile, Grant, Tool, Toolset

SYSTEM = Actor.system("tests")
KEY = "0f1e2d3c-4b5a-4968-8776-a5b4c3d2e1f0"

OPERATOR = ("catalog.add_server", "catalog.change_server", "catalog.view_server", "catalog.view_syncrun",
            "catalog.view_credential", "catalog.rotate_credential", "catalog.sync_server")  # fmt: skip
REVIEWER = ("tools.view_tool", "tools.review_tool", "tools.view_toolset", "tools.add_toolset",
            "tools.change_toolset", "tools.delete_toolset", "tools.view_accessprofile",
            "tools.add_accessprofile", "tools.change_accessprofile", "tools.delete_accessprofile",
            "tools.view_grant", "tools.add_grant", "tools.end_grant", "clients.add_token",
            "clients.view_token", "clients.revoke_token", "clients.view_client", "clients.close_client",
            "audit.view_auditrow", "tools.set_stop", "tools.view_accessrequest",
            "tools.decide_accessrequest")  # fmt: skip


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in production: one in memory has neither the log nor the locks of a real one."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(configured.VAR_DIR / "tests.sqlite3")


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Half a second of hashing a person adds up to minutes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_failure_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process counts failed authentication by the minute; one test's failures are not the next one's."""
    monkeypatch.setattr("clients.authentication.failures", FailureLog())


def make_person(username: str, *permissions: str, **fields: Any) -> User:
    """A saved person with exactly these permissions."""
    person = User.objects.create_user(username, f"{username}@example.com", "a long enough password", **fields)
    for permission in permissions:
        application, codename = permission.split(".")
        person.user_permissions.add(
            Permission.objects.get(content_type__app_label=application, codename=codename)
        )
    return person


@pytest.fixture
def olga(db: None) -> User:
    return make_person("olga", *OPERATOR, is_staff=True)


@pytest.fixture
def sam(db: None) -> User:
    return make_person("sam", *REVIEWER, is_staff=True)


@pytest.fixture
def mia(db: None) -> User:
    return make_person("mia")


@pytest.fixture
def otto(db: None) -> User:
    return make_person("otto")


def make_server(**fields: Any) -> Server:
    """A registered Opsgenie server with an active key; nothing listens at its address."""
    server = Server(
        **{
            "name": "Opsgenie",
            "connector_key": "opsgenie",
            "prefix": "opsgenie",
            "region": "custom",
            "base_url": "http://127.0.0.1:9",
            "authentication_method": "custom_header",
            "header_name": "Authorization",
            "value_prefix": "GenieKey ",
            **fields,
        }
    )
    return servers.register(actor=SYSTEM, server=server, secret_text=KEY, slot="integration")


def sync(server: Server) -> SyncRun:
    """Discover the server's tools, here and now."""
    run = syncs.request(actor=SYSTEM, server=server, trigger=SyncRun.Trigger.SCHEDULE)
    discovery.sync(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def server(db: None) -> Server:
    return make_server()


@pytest.fixture
def synced_server(server: Server) -> Server:
    sync(server)
    return server


def approve(*names: str) -> list[Tool]:
    """Approve tools by client name."""
    chosen = Tool.objects.filter(client_name__in=names).select_related("discovered_revision")
    assert chosen.count() == len(names), f"unknown among {names}"
    return review.approve(actor=SYSTEM, decisions=[review.shown(tool) for tool in chosen])


def disable(*names: str) -> list[Tool]:
    """Disable tools by client name."""
    chosen = Tool.objects.filter(client_name__in=names).select_related("discovered_revision")
    return review.disable(actor=SYSTEM, decisions=[review.shown(tool) for tool in chosen])


def give(person: User, *names: str, profile: str = "On call", **fields: Any) -> Grant:
    """Grant a person a new profile that holds exactly these tools."""
    toolset = toolsets.save(
        actor=SYSTEM,
        toolset=Toolset(name=f"{profile} tools"),
        tools=Tool.objects.filter(client_name__in=names),
    )
    access = profiles.save(actor=SYSTEM, profile=AccessProfile(name=profile), toolsets=[toolset])
    return grants.give(
        actor=SYSTEM, grant=Grant(profile=access, user=person, reason="They are on call.", **fields)
    )


def switch_on(**fields: Any) -> None:
    """Switch AI access management on, with these settings changed."""
    PortalSettings.objects.update_or_create(pk=1, defaults={"is_active": True, **fields})


def issue_token(person: User, **fields: Any) -> tuple[Token, str]:
    """A new token of the person, and its text, for a portal that is switched on."""
    switch_on()
    return tokens.issue(
        actor=SYSTEM,
        owner=person,
        client_name="Claude",
        expires_at=fields.pop("expires_at", timezone.now() + timedelta(days=30)),
    )


def caller_for(person: User) -> Caller:
    """The person as `/mcp` sees them, with a client and token of their own."""
    token, _ = issue_token(person)
    return Caller(user=person, client=token.client, token=token, actor=Actor.person(person))
