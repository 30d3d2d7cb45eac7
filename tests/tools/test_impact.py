"""What is foretold of a change is what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from audit.models import AuditRow
from catalog import servers
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, disable, give, issue_token, switch_on
from tests.database import everything
from tools import impact, policy, profiles, review, stops, toolsets
from tools.models import AccessProfile, Grant, Stop, Tool, Toolset

GET, LIST, CREATE = "opsgenie_get_alert", "opsgenie_list_alerts", "opsgenie_create_alert"


class Scene:
    """Mia holds two tools by herself and two by her group, of which ivo is a member too."""

    def __init__(self, server: Server, mia: User, ivo: User) -> None:
        switch_on()
        self.server, self.mia, self.ivo = server, mia, ivo
        approve(GET, LIST, CREATE)
        self.own = give(mia, GET, LIST, profile="Own")
        group = Group.objects.create(name="responders")
        group.user_set.set([mia, ivo])
        self.shared = give(mia, LIST, CREATE, profile="Shared")
        Grant.objects.filter(pk=self.shared.pk).update(user=None, group=group)

    def tools(self) -> dict[str, set[str]]:
        now = timezone.now()
        return {
            person.username: {tool.client_name for tool in policy.tools_of_person(person, now)}
            for person in (self.mia, self.ivo)
        }


@pytest.fixture
def scene(few_tools: Server, mia: User, otto: User) -> Scene:
    return Scene(few_tools, mia, otto)


def profile_of(scene: Scene, name: str) -> AccessProfile:
    return AccessProfile.objects.get(name=name)


def narrow(scene: Scene) -> AccessProfile:
    profile = profile_of(scene, "Shared")
    profile.ceiling = "read"
    return profile


#: The change as it is foretold, and as it is made.
CHANGES: dict[str, tuple[Callable[[Scene], impact.Impact], Callable[[Scene], Any]]] = {
    "disabling": (
        lambda scene: impact.of_disabling(Tool.objects.filter(client_name__in=[LIST])),
        lambda scene: disable(LIST),
    ),
    "stopping the gateway": (
        lambda scene: impact.of_stopping(Stop(level="gateway")),
        lambda scene: stops.set_stop(actor=SYSTEM, stop=Stop(level="gateway", reason="x")),
    ),
    "stopping a person": (
        lambda scene: impact.of_stopping(Stop(level="person", person=scene.ivo)),
        lambda scene: stops.set_stop(actor=SYSTEM, stop=Stop(level="person", person=scene.ivo, reason="x")),
    ),
    "stopping a server": (
        lambda scene: impact.of_stopping(Stop(level="server", server=scene.server)),
        lambda scene: stops.set_stop(
            actor=SYSTEM, stop=Stop(level="server", server=scene.server, reason="x")
        ),
    ),
    "narrowing a profile": (
        lambda scene: impact.what_if(narrow(scene).save),
        lambda scene: profiles.save(
            actor=SYSTEM, profile=narrow(scene), toolsets=profile_of(scene, "Shared").toolsets.all()
        ),
    ),
    "deleting a toolset": (
        lambda scene: impact.what_if(Toolset.objects.get(name="Shared tools").delete),
        lambda scene: toolsets.delete(actor=SYSTEM, toolset=Toolset.objects.get(name="Shared tools")),
    ),
    "deleting a server": (
        lambda scene: impact.what_if(Server.objects.get().delete),
        lambda scene: servers.delete(actor=SYSTEM, server=scene.server, typed_name=scene.server.name),
    ),
    "changing nothing": (lambda scene: impact.what_if(lambda: None), lambda scene: None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_foretold_happens_and_foretelling_changes_nothing(scene: Scene, name: str) -> None:
    foretell, make = CHANGES[name]
    before, rows = scene.tools(), everything()
    foretold = foretell(scene)
    assert everything() == rows
    make(scene)
    after = scene.tools()
    lost = {person: before[person] - after[person] for person in before}
    assert {line.person.username: set(line.lost) for line in foretold.losing} == {
        person: names for person, names in lost.items() if names
    }
    assert not foretold.gaining


def test_approving_says_who_gains(scene: Scene) -> None:
    disable(CREATE)
    before = scene.tools()
    tool = Tool.objects.select_related("discovered_revision").get(client_name=CREATE)
    foretold = impact.of_approving([tool])
    assert foretold.in_words() == "2 people gain 1 tool."
    review.approve(actor=SYSTEM, decisions=[review.shown(tool)])
    after = scene.tools()
    assert {line.person.username: set(line.gained) for line in foretold.gaining} == {
        person: after[person] - before[person] for person in after
    }


def admitted(person: User, tool_name: str, count: int, **fields: Any) -> None:
    tool = Tool.objects.get(client_name=tool_name)
    for _ in range(count):
        AuditRow(
            at=fields.get("at", timezone.now()), event="call.admitted", actor_kind="person",
            actor_id=str(person.pk), actor_name=person.username, tool_id=tool.pk, tool_name=tool_name,
        ).save()  # fmt: skip


def test_it_counts_the_calls_of_thirty_days_that_would_have_been_refused(scene: Scene) -> None:
    admitted(scene.mia, LIST, 3)
    admitted(scene.ivo, LIST, 2)
    admitted(scene.mia, GET, 7)
    admitted(scene.mia, LIST, 5, at=timezone.now() - impact.LOOKS_BACK * 2)
    foretold = impact.of_disabling(Tool.objects.filter(client_name=LIST))
    assert {line.person.username: line.calls for line in foretold.people} == {"mia": 3, "otto": 2}
    assert foretold.in_words() == (
        "2 people lose 1 tool; 5 calls of theirs in the last 30 days would have been refused."
    )


def test_stopping_a_client_leaves_its_owners_other_clients(scene: Scene) -> None:
    client = issue_token(scene.mia)[0].client
    foretold = impact.of_stopping(Stop(level="client", client=client))
    assert [line.person for line in foretold.people] == [scene.mia]
    assert set(foretold.lost_tools) == {GET, LIST, CREATE}
    stops.set_stop(actor=SYSTEM, stop=Stop(level="client", client=client, reason="x"))
    assert policy.tools_of_person(scene.mia, timezone.now(), client=client) == []
    assert scene.tools()["mia"] == {GET, LIST, CREATE}


def test_a_change_that_touches_nobody_says_so(scene: Scene) -> None:
    foretold = impact.of_disabling(Tool.objects.filter(client_name="opsgenie_delete_team"))
    assert foretold.people == ()
    assert foretold.in_words() == "Nobody loses or gains a tool by it."
