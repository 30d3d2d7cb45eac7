"""The state that `make run` begins with: a server on the sandbox, reviewed tools, two people."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from audit import portal_settings
from audit.actor import Actor
from catalog import entries, servers
from catalog.models import Server, SyncRun
from clients import people, tokens
from clients.models import Token, User
from tools import discovery, grants, profiles, review, toolsets
from tools.models import AccessProfile, Action, Grant, Tool, Toolset

ACTOR = Actor.system("quickstart")
SERVER_NAME = "Opsgenie sandbox"
ADMIN_NAME = "admin"
TOKEN_DAYS = 90
#: Beside the reading tools, what a responder may do; both can be taken back with one call.
RESPONDER_TOOLS = ("acknowledge_alert", "unacknowledge_alert", "add_alert_note")
ON_CALL_TOOLS = (
    "list_alerts",
    "count_alerts",
    "get_alert",
    "list_alert_notes",
    "list_on_calls",
    "get_on_calls",
    "get_next_on_calls",
    "list_schedules",
    "get_schedule",
    "list_teams",
)


@dataclass(frozen=True, slots=True)
class FirstWalk:
    """What somebody needs to try it: kept in `var/first_walk.json`, readable by the owner only."""

    url: str
    mcp_url: str
    admin_user: str
    admin_password: str
    member_user: str
    member_password: str
    user_token: str
    sandbox_url: str
    sandbox_key: str


def prepare(*, path: Path, url: str, sandbox_url: str) -> FirstWalk:
    """Bring the database to the quickstart's state and write the first walk to `path`.

    Repeatable: what exists stays as people have changed it. A password or token that is no longer known,
    because the file is gone, is made anew.
    """
    known = _read(path)
    sandbox_key = known.get("sandbox_key") or str(uuid.uuid4())
    if not portal_settings.current().is_active:
        portal_settings.activate(actor=ACTOR)
    server = _server(sandbox_url, sandbox_key, is_new_key="sandbox_key" not in known)
    member = _person("mia", "Mia", "Okafor")
    responder = _person("ben", "Ben", "Lindqvist")
    _access(server, member, responder)
    walk = FirstWalk(
        url=url,
        mcp_url=f"{url}/mcp",
        admin_user=ADMIN_NAME,
        admin_password=_admin_password(known.get("admin_password", "")),
        member_user=member.get_username(),
        member_password=_password(member, known.get("member_password", "")),
        user_token=_token(member, known.get("user_token", "")),
        sandbox_url=sandbox_url,
        sandbox_key=sandbox_key,
    )
    _write(path, walk)
    return walk


def _admin_password(known: str) -> str:
    admin = User.objects.filter(username=ADMIN_NAME).first()
    if admin is None:
        admin = User(username=ADMIN_NAME, email="admin@portcullis.invalid", is_staff=True, is_superuser=True)
    return _password(admin, known)


def _password(person: User, known: str) -> str:
    """The password that the person signs in with; a new one where none was ever told. Saves the person."""
    if person.pk is not None and known:
        # Who has chosen a password of their own keeps it, and is told so instead of being shown one.
        return known if person.check_password(known) else "(the one you chose)"
    password = secrets.token_urlsafe(15)
    person.set_password(password)
    people.save_user(actor=ACTOR, user=person)
    return password


def _person(username: str, first_name: str, last_name: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        person = User(
            username=username,
            email=f"{username}@portcullis.invalid",
            first_name=first_name,
            last_name=last_name,
        )
        person.set_unusable_password()
        people.save_user(actor=ACTOR, user=person)
    return person


def _server(sandbox_url: str, key: str, *, is_new_key: bool) -> Server:
    server = Server.objects.filter(name=SERVER_NAME).first()
    if server is None:
        server = Server(name=SERVER_NAME, connector_key="opsgenie", prefix="opsgenie", region="sandbox")
        method = server.connector.authentication_method("custom_header")
        server.base_url = sandbox_url
        server.authentication_method = method.key
        server.header_name, server.value_prefix = method.header_name, method.value_prefix
        slot = server.connector.slots[0].key
        # Hidden from the catalog in an earlier run, it could not be registered.
        entries.show(actor=ACTOR, connector=server.connector)
        servers.register(actor=ACTOR, server=server, secret_text=key, slot=slot)
        # Here and now, not in a worker: the walk that is printed next must already work.
        discovery.sync(SyncRun.objects.open().get(server=server).pk)
    elif server.base_url != sandbox_url or is_new_key:
        # Another PORT this time, to which the stored key isn't bound, or another sandbox key.
        server.base_url = sandbox_url
        servers.change(actor=ACTOR, server=server, secret_text=key, slot=server.connector.slots[0].key)
    return server


def _access(server: Server, member: User, responder: User) -> None:
    if AccessProfile.objects.exists():
        return
    pending = Tool.objects.filter(server=server, state=Tool.State.PENDING).select_related(
        "discovered_revision"
    )
    chosen = [tool for tool in pending if tool.action == Action.READ or tool.name in RESPONDER_TOOLS]
    review.approve(
        actor=ACTOR,
        decisions=[review.shown(tool) for tool in chosen],
        comment="Approved by the quickstart: reading, and what a responder needs.",
    )
    by_name = {tool.name: tool for tool in chosen}
    on_call = toolsets.save(
        actor=ACTOR,
        toolset=Toolset(name="On-call basics", description="See alerts and who is on call."),
        tools=[by_name[name] for name in ON_CALL_TOOLS],
    )
    response = toolsets.save(
        actor=ACTOR,
        toolset=Toolset(name="Alert response", description="Acknowledge alerts and write notes."),
        tools=[by_name[name] for name in RESPONDER_TOOLS],
    )
    reading = Toolset.objects.get(server=server, kind=Toolset.Kind.READ)
    for name, description, sets, holder in (
        ("On-call reader", "Look at alerts and schedules.", [on_call], member),
        ("Responder", "Read everything, acknowledge and annotate alerts.", [reading, response], responder),
    ):
        profile = profiles.save(
            actor=ACTOR, profile=AccessProfile(name=name, description=description), toolsets=sets
        )
        grants.give(actor=ACTOR, grant=Grant(profile=profile, user=holder, reason="Part of the quickstart."))


def _token(owner: User, known: str) -> str:
    token: Token | None = tokens.find(known) if known else None
    if token is not None and token.is_valid(timezone.now()):
        return known
    _, text = tokens.issue(
        actor=ACTOR,
        owner=owner,
        client_name="Quickstart",
        expires_at=timezone.now() + timedelta(days=TOKEN_DAYS),
    )
    return text


def _read(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _write(path: Path, walk: FirstWalk) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(walk), file, indent=2)
        file.write("\n")
    temporary.replace(path)
