"""The verbs of people, groups, clients and tokens."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from audit.actor import Actor
from audit.events import Event
from clients import people, roles, tokens
from clients.models import User
from tests.verbs.world import Verb, World, changed


def _change_password(actor: Actor, world: World) -> None:
    with people.recording_password_change(actor=actor, user_id=world.mia.pk):
        world.mia.set_password("another long enough password")
        world.mia.save()


def _some_permission() -> Permission:
    return Permission.objects.get(codename="view_auditrow")


def _new_person() -> User:
    return User(username="nina", email="nina@example.com", password="!")


VERBS = (
    Verb(
        "clients.roles.ensure",
        (),
        (Event.GROUP_CHANGED,),
        lambda actor, world: roles.ensure(),
        prepare=lambda world: Group.objects.get(name="Operator").permissions.clear(),
    ),
    Verb(
        "clients.tokens.issue",
        ("clients.add_token",),
        (Event.CLIENT_CREATED, Event.TOKEN_ISSUED),
        lambda actor, world: tokens.issue(
            actor=actor, owner=world.mia, client_name="X", expires_at=timezone.now() + timedelta(days=1)
        ),
    ),
    Verb(
        "clients.tokens.revoke",
        ("clients.revoke_token",),
        (Event.TOKEN_REVOKED,),
        lambda actor, world: tokens.revoke(actor=actor, token=world.token),
    ),
    Verb(
        "clients.tokens.close_client",
        ("clients.close_client",),
        (Event.CLIENT_CLOSED, Event.TOKEN_REVOKED),
        lambda actor, world: tokens.close_client(actor=actor, client=world.client),
    ),
    # Needs no permission but to be its owner, whoever else is said to act.
    Verb(
        "clients.tokens.close_own_client",
        (),
        (Event.CLIENT_CLOSED, Event.TOKEN_REVOKED),
        lambda actor, world: tokens.close_own_client(actor=Actor.person(world.mia), client=world.client),
    ),
    Verb(
        "clients.people.save_user",
        ("clients.add_user",),
        (Event.USER_CREATED,),
        lambda actor, world: people.save_user(actor=actor, user=_new_person()),
        case="new",
    ),
    Verb(
        "clients.people.save_user",
        ("clients.change_user",),
        (Event.USER_CHANGED,),
        lambda actor, world: people.save_user(actor=actor, user=changed(world.mia, is_active=False)),
        case="changed",
    ),
    # The page that runs inside it asks for the permission.
    Verb("clients.people.recording_password_change", (), (Event.USER_CHANGED,), _change_password),
    Verb(
        "clients.people.set_memberships",
        ("clients.change_user",),
        (Event.USER_CHANGED,),
        lambda actor, world: people.set_memberships(
            actor=actor, user=world.mia, groups=[], permissions=[_some_permission()]
        ),
    ),
    Verb(
        "clients.people.delete_user",
        ("clients.delete_user",),
        (Event.USER_DELETED,),
        lambda actor, world: people.delete_user(actor=actor, user=world.mia),
    ),
    Verb(
        "clients.people.save_group",
        ("auth.add_group",),
        (Event.GROUP_CREATED,),
        lambda actor, world: people.save_group(
            actor=actor, group=Group(name="new"), permissions=[_some_permission()]
        ),
        case="new",
    ),
    Verb(
        "clients.people.save_group",
        ("auth.change_group",),
        (Event.GROUP_CHANGED,),
        lambda actor, world: people.save_group(
            actor=actor, group=world.operators, permissions=[_some_permission()]
        ),
        case="changed",
    ),
    Verb(
        "clients.people.delete_group",
        ("auth.delete_group",),
        (Event.GROUP_DELETED,),
        lambda actor, world: people.delete_group(actor=actor, group=world.operators),
    ),
)
