"""Whoever could set a superuser's password, or the flag, would hold every permission a moment later."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from audit.actor import Actor
from audit.models import AuditRow
from clients import people
from clients.models import User
from tests.conftest import make_person

pytestmark = pytest.mark.django_db

RIGHTS = ("clients.add_user", "clients.change_user", "clients.delete_user")


def promote_oneself(actor: Actor, root: User) -> None:
    """On the very object that is asked for permissions: only what is stored may count."""
    actor.user.is_superuser = True
    people.save_user(actor=actor, user=actor.user)


def add_another(actor: Actor, root: User) -> None:
    people.save_user(actor=actor, user=User(username="new", email="new@example.com", is_superuser=True))


def set_the_password(actor: Actor, root: User) -> None:
    with people.recording_password_change(actor=actor, user_id=root.pk):
        root.set_password("known to the attacker")
        root.save()


def take_the_flag(actor: Actor, root: User) -> None:
    root.is_superuser = False
    people.save_user(actor=actor, user=root)


def change_memberships(actor: Actor, root: User) -> None:
    people.set_memberships(actor=actor, user=root, groups=[], permissions=[])


def delete(actor: Actor, root: User) -> None:
    people.delete_user(actor=actor, user=root)


WAYS = [promote_oneself, add_another, set_the_password, take_the_flag, change_memberships, delete]


@pytest.mark.parametrize("way", WAYS)
def test_a_manager_of_people_can_not(way: Callable[[Actor, User], None]) -> None:
    manager = make_person("manager", *RIGHTS, is_staff=True)
    root = make_person("root", is_superuser=True)
    before = list(User.objects.order_by("pk").values())

    with pytest.raises(PermissionDenied):
        way(Actor.person(manager), root)

    assert list(User.objects.order_by("pk").values()) == before
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("way", WAYS[1:])
def test_a_superuser_can(way: Callable[[Actor, User], None]) -> None:
    boss = make_person("boss", is_superuser=True)
    way(Actor.person(boss), make_person("root", is_superuser=True))


def test_everybody_changes_their_own_password() -> None:
    root = make_person("root", is_superuser=True)
    set_the_password(Actor.person(root), root)
    assert User.objects.get(pk=root.pk).check_password("known to the attacker")
