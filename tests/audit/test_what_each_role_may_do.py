"""Which verbs each role that comes with the product may carry out."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from audit.actor import Actor
from catalog.models import Server
from tests.conftest import SYSTEM
from tests.database import everything, undone
from tests.roles import ROLES, holder_of, table
from tests.verbs import VERBS, Verb, World
from tools import reviewers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connector")]

# The reviewer is assigned to the server concerned. Nobody here makes people and roles, or switches AI access
# management on: that is for superusers.
ACTS = """
verb                                governance  reviewer  operator  auditor  member
catalog.servers.register            yes         no        yes       no       no
catalog.servers.change              yes         no        yes       no       no
catalog.servers.pause               yes         no        yes       no       no
catalog.servers.resume              yes         no        yes       no       no
catalog.servers.delete              yes         no        yes       no       no
catalog.rotation.store              yes         no        yes       no       no
catalog.rotation.stage              yes         no        yes       no       no
catalog.rotation.activate           yes         no        yes       no       no
catalog.rotation.take_back          yes         no        yes       no       no
catalog.rotation.revoke             yes         no        yes       no       no
catalog.entries.hide                yes         no        no        no       no
catalog.entries.show                yes         no        no        no       no
audit.portal_settings.change        yes         no        no        no       no
audit.portal_settings.activate      no          no        no        no       no

tools.review.approve                yes         yes       no        no       no
tools.review.disable                yes         yes       no        no       no
tools.review.classify               yes         yes       no        no       no
tools.review.undo                   yes         yes       no        no       no
tools.tool_settings.change          yes         yes       no        no       no
tools.reviewers.assign              yes         no        no        no       no
tools.stops.set_stop                yes         no        no        no       no
tools.stops.lift                    yes         no        no        no       no
tools.toolsets.save                 yes         no        no        no       no
tools.toolsets.delete               yes         no        no        no       no
tools.profiles.save                 yes         no        no        no       no
tools.profiles.delete               yes         no        no        no       no
tools.grants.give                   yes         no        no        no       no
tools.grants.end                    yes         no        no        no       no
tools.access_requests.approve       yes         no        no        no       no
tools.access_requests.refuse        yes         no        no        no       no

clients.tokens.issue                yes         no        no        no       no
clients.tokens.revoke               yes         no        no        no       no
clients.tokens.close_client         yes         no        no        no       no
clients.people.save_user            no          no        no        no       no
clients.people.set_memberships      no          no        no        no       no
clients.people.delete_user          no          no        no        no       no
clients.people.save_group           no          no        no        no       no
clients.people.delete_group         no          no        no        no       no
"""
ASKING = [verb for verb in VERBS if verb.permissions]


def test_every_verb_that_asks_has_a_line_and_no_other_has() -> None:
    assert set(table(ACTS)) == {verb.name for verb in ASKING}


@pytest.mark.parametrize("verb", ASKING, ids=str)
def test_who_may(verb: Verb) -> None:
    world = World()
    verb.prepare(world)
    found = {}
    for column in ROLES:
        # What was deleted under the column before, and came back, is an object without an id by now.
        world.server = Server.objects.get(name="Opsgenie")
        with undone():
            found[column] = attempt(verb, world, column)
    assert found == table(ACTS)[verb.name]


def attempt(verb: Verb, world: World, column: str) -> str:
    person = holder_of(column)
    if column == "reviewer" and verb.name.startswith(("tools.review.", "tools.tool_settings.")):
        reviewers.assign(actor=SYSTEM, server=world.server, reviewers=[person])
    actor = Actor.person(person)
    verb.own(actor)
    before = everything()
    try:
        verb.call(actor, world)
    except PermissionDenied:
        assert everything() == before
        return "no"
    assert everything() != before
    return "yes"


@pytest.mark.parametrize("name", ["approve", "disable", "classify", "undo"])
def test_a_reviewer_of_no_server_decides_nothing(name: str) -> None:
    verb = next(verb for verb in ASKING if verb.name == f"tools.review.{name}")
    world = World()
    verb.prepare(world)
    actor = Actor.person(holder_of("reviewer"))
    verb.own(actor)
    before = everything()
    with pytest.raises(PermissionDenied):
        verb.call(actor, world)
    assert everything() == before


def test_who_reads_the_arguments_of_calls() -> None:
    readers = [column for column in ROLES if holder_of(column).has_perm("audit.view_arguments")]
    assert readers == ["governance", "auditor"]
