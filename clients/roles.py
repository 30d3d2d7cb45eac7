"""The roles that come with the product, as groups. They are kept in step with it at every `migrate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed

ACTOR = Actor.system("roles")

_READS_CATALOG = ("catalog.view_catalogentry", "catalog.view_credential", "catalog.view_server",
                  "catalog.view_syncrun")  # fmt: skip
_READS_TOOLS = ("tools.view_review", "tools.view_reviewassignment", "tools.view_tool",
                "tools.view_toolrevision", "tools.view_toolset", "tools.view_accessprofile",
                "tools.view_grant", "tools.view_accessrequest", "tools.view_stop")  # fmt: skip
_READS_PEOPLE = ("auth.view_group", "clients.view_client", "clients.view_token", "clients.view_user")
_READS_EVERYTHING = (*_READS_CATALOG, *_READS_TOOLS, *_READS_PEOPLE, "audit.view_auditrow",
                     "audit.view_arguments", "audit.view_portalsettings")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """A group that is shipped: its name, what it is for, and the permissions of its members."""

    name: str
    purpose: str
    permissions: tuple[str, ...]


ROLES = (
    Role(
        "AI governance admin",
        "Everything but people and roles.",
        (
            *_READS_EVERYTHING,
            "audit.change_portalsettings",
            "catalog.add_server", "catalog.change_server", "catalog.delete_server", "catalog.sync_server",
            "catalog.rotate_credential", "catalog.change_catalogentry",
            "tools.review_tool", "tools.assign_reviewer",
            "tools.add_toolset", "tools.change_toolset", "tools.delete_toolset",
            "tools.add_accessprofile", "tools.change_accessprofile", "tools.delete_accessprofile",
            "tools.add_grant", "tools.end_grant", "tools.decide_accessrequest", "tools.set_stop",
            "clients.close_client", "clients.add_token", "clients.revoke_token",
        ),
    ),
    Role(
        "Reviewer",
        "Reviews the tools of the servers assigned to them.",
        (
            "tools.review_assigned_tool", "tools.view_tool", "tools.view_toolrevision", "tools.view_review",
            "tools.view_reviewassignment", "catalog.view_server",
        ),
    ),
    Role(
        "Operator",
        "Runs servers, keys and syncs. Approves nothing.",
        (
            *_READS_CATALOG, "tools.view_tool", "tools.view_stop",
            "catalog.add_server", "catalog.change_server", "catalog.delete_server", "catalog.sync_server",
            "catalog.rotate_credential",
        ),
    ),
    Role("Auditor", "Reads everything, arguments of calls included. Changes nothing.", _READS_EVERYTHING),
    Role("Member", "Uses tools, and sees their own pages only.", ()),
)  # fmt: skip
NAMES = frozenset(role.name for role in ROLES)
PURPOSES = {role.name: role.purpose for role in ROLES}


def ensure() -> None:
    """Make the groups that are missing and bring those that differ in step. Runs after every `migrate`.

    A change of what people may do is recorded; a new group has no members yet.
    """
    for role in ROLES:
        permissions = [_permission(name) for name in role.permissions]
        group = Group.objects.filter(name=role.name).first()
        if group is None:
            Group.objects.create(name=role.name).permissions.set(permissions)
            continue
        before = sorted(_names(group.permissions.select_related("content_type")))
        if before == sorted(role.permissions):
            continue
        with governed():
            group.permissions.set(permissions)
            log.record(
                Event.GROUP_CHANGED,
                actor=ACTOR,
                subject=group,
                before={"permissions": before},
                after={"permissions": sorted(role.permissions)},
            )


def refuse_shipped(group: Group) -> None:
    """Raise ValidationError for a role that comes with the product, under its stored name or its new one."""
    stored = Group.objects.filter(pk=group.pk).first()
    if stored is not None and stored.name in NAMES:
        raise ValidationError(
            f"{stored.name} comes with Portcullis and stays as it is. Make a group of your own instead."
        )


def _permission(name: str) -> Permission:
    application, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=application, codename=codename)


def _names(permissions: Any) -> list[str]:
    return [f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions]
