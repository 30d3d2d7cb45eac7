"""Creating and changing people and groups. Who somebody is, is part of what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from audit import log
from audit.actor import Actor
from audit.cascades import lost_with
from audit.events import Event
from audit.governance import governed
from audit.models import AuditRow
from clients import roles
from clients.models import User

_AUDITED = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")


def save_user(*, actor: Actor, user: User) -> User:
    """Create or change a person. A changed password is recorded as changed, never its text or hash."""
    creating = user._state.adding
    actor.require("clients.add_user" if creating else "clients.change_user")
    with governed():
        stored = None if creating else User.objects.select_for_update().get(pk=user.pk)
        _keep_superusers_apart(actor, stored, user)
        user.save()
        after = _user_snapshot(user)
        if stored is None:
            log.record(Event.USER_CREATED, actor=actor, subject=user, after=after)
            return user
        detail = {"password": "changed"} if stored.password != user.password else None
        before = _user_snapshot(stored)
        if before != after or detail:
            log.record(
                Event.USER_CHANGED, actor=actor, subject=user, before=before, after=after, detail=detail
            )
    return user


@contextmanager
def recording_password_change(*, actor: Actor, user_id: int) -> Iterator[None]:
    """Run code that may save a new password, as Django's own pages do, and record whether it did."""
    with governed():
        before = User.objects.filter(pk=user_id).values_list("password", flat=True).first()
        yield
        user = User.objects.filter(pk=user_id).first()
        if user is not None and user.password != before:
            # The new password is undone with the transaction.
            if actor.id != str(user.pk):
                _keep_superusers_apart(actor, user)
            log.record(Event.USER_CHANGED, actor=actor, subject=user, detail={"password": "changed"})


def set_memberships(*, actor: Actor, user: User, groups: list[Group], permissions: list[Any]) -> None:
    """Give a person exactly these groups and direct permissions."""
    actor.require("clients.change_user")
    with governed():
        _keep_superusers_apart(actor, user)
        before = _rights_of(user)
        user.groups.set(groups)
        user.user_permissions.set(permissions)
        after = _rights_of(user)
        if before != after:
            log.record(Event.USER_CHANGED, actor=actor, subject=user, before=before, after=after)


def delete_user(*, actor: Actor, user: User) -> None:
    """Delete a person with their clients. Their audit rows stay."""
    actor.require("clients.delete_user")
    with governed():
        _keep_superusers_apart(actor, User.objects.filter(pk=user.pk).first(), user)
        before = {**_user_snapshot(user), **lost_with(user)}
        log.record(Event.USER_DELETED, actor=actor, subject=user, before=before)
        user.delete()


def save_group(*, actor: Actor, group: Group, permissions: list[Any]) -> Group:
    """Create or change a group and what its members may do. Raises ValidationError for a shipped role."""
    creating = group._state.adding
    actor.require("auth.add_group" if creating else "auth.change_group")
    roles.refuse_shipped(group)
    with governed():
        before = None if creating else _group_snapshot(Group.objects.get(pk=group.pk))
        group.save()
        group.permissions.set(permissions)
        event = Event.GROUP_CREATED if creating else Event.GROUP_CHANGED
        log.record(event, actor=actor, subject=group, before=before, after=_group_snapshot(group))
    return group


def delete_group(*, actor: Actor, group: Group) -> None:
    """Delete a group; its members keep their accounts and lose what it gave."""
    actor.require("auth.delete_group")
    roles.refuse_shipped(group)
    with governed():
        members = User.objects.filter(groups=group).order_by("username").values_list("username", flat=True)
        before = {**_group_snapshot(group), "members": list(members), **lost_with(group)}
        log.record(Event.GROUP_DELETED, actor=actor, subject=group, before=before)
        group.delete()


def _keep_superusers_apart(actor: Actor, *people: User | None) -> None:
    """Raise PermissionDenied when somebody else than a superuser would make, change or remove one.

    Whoever may set a superuser's password, or the flag, would hold every permission a moment later.
    """
    if actor.kind == AuditRow.ActorKind.SYSTEM:
        return
    concerns_one = any(person is not None and person.is_superuser for person in people)
    # What is stored counts, not what the actor's own object has come to say.
    if concerns_one and not User.objects.filter(pk=actor.id, is_superuser=True).exists():
        raise PermissionDenied("Only a superuser makes, changes or removes a superuser.")


def _user_snapshot(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _AUDITED}


def _rights_of(user: User) -> dict[str, Any]:
    return {
        "groups": sorted(group.name for group in user.groups.all()),
        "permissions": sorted(_codename(permission) for permission in user.user_permissions.all()),
    }


def _group_snapshot(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "permissions": sorted(_codename(permission) for permission in group.permissions.all()),
    }


def _codename(permission: Any) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
