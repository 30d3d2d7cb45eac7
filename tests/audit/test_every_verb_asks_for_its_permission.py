"""Anonymous and strangers, people with every right but the one, people with nothing but the one."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from audit.actor import Actor
from audit.models import AuditRow
from tests.conftest import make_person
from tests.database import everything, undone
from tests.verbs import VERBS, Verb, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connector")]

ASKING = [verb for verb in VERBS if verb.permissions]


def refused(verb: Verb, world: World, actor: Actor) -> None:
    before = everything()
    with pytest.raises(PermissionDenied):
        verb.call(actor, world)
    assert everything() == before


def test_only_work_of_the_system_and_of_ones_own_asks_for_none() -> None:
    assert {verb.name for verb in VERBS} - {verb.name for verb in ASKING} == {
        "catalog.rotation.end_overlaps",
        "clients.people.recording_password_change",
        "clients.roles.ensure",
        "clients.tokens.close_own_client",
        "tools.access_requests.ask",
        "tools.access_requests.withdraw",
        "tools.discovery.sync",
        "tools.review.expire_approvals",
    }


@pytest.mark.parametrize("verb", ASKING, ids=str)
def test_nobody_may_without_any_permission(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    refused(verb, world, Actor.person(make_person("otto")))
    refused(verb, world, Actor.anonymous("192.0.2.1"))


@pytest.mark.parametrize("verb", ASKING, ids=str)
def test_every_other_permission_does_not_help(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    olga = make_person("olga", is_staff=True)
    for missing in verb.permissions:
        room, codename = missing.split(".")
        with undone():
            olga.user_permissions.set(
                Permission.objects.exclude(codename=codename, content_type__app_label=room)
            )
            refused(verb, world, Actor.person(type(olga).objects.get(pk=olga.pk)))


@pytest.mark.parametrize("verb", ASKING, ids=str)
def test_an_inactive_person_may_not(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    refused(verb, world, Actor.person(make_person("sam", *verb.permissions, is_active=False)))


@pytest.mark.parametrize("verb", ASKING, ids=str)
def test_the_permission_alone_is_enough(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    sam = make_person("sam", *verb.permissions, is_superuser=verb.superusers_only)
    verb.own(Actor.person(sam))
    rows = set(AuditRow.objects.values_list("pk", flat=True))
    verb.call(Actor.person(sam, source_address="192.0.2.7", request_id="abc"), world)
    written = AuditRow.objects.exclude(pk__in=rows)
    assert {(row.actor_kind, row.actor_id, row.actor_name) for row in written} == {
        ("person", str(sam.pk), "sam")
    }
    assert {(row.source_address, row.request_id) for row in written} == {("192.0.2.7", "abc")}
