"""What pages show only in a certain state: a stop in force, a changed tool, a staged key, an open request.

It runs inside the portal (`manage.py shell`) and makes objects of its own, on a server named by `prefix`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

from tests.e2e.processes import PROJECT, Portal, portal_environment


def run_inside(portal: Portal, function: str, **arguments: Any) -> Any:
    """Call a function of this module in a process that has the portal's settings; what it returned."""
    code = (
        f"import json, sys; from tests.e2e import page_world as world;"
        f"print('\\n' + json.dumps(world.{function}(**json.loads({json.dumps(arguments)!r}))))"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code],
        cwd=PROJECT, env=portal_environment(portal.folder, portal.database_url), timeout=90,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def show_everything(*, prefix: str, username: str) -> dict[str, str]:
    """One object in each state, and `username` in the middle of it; the text of a token of theirs.

    The server must have synced. Stops: one on a tool of it, and a drill beside it.
    """
    from django.utils import timezone

    from audit.actor import Actor
    from catalog import rotation
    from catalog.models import Server
    from clients import tokens
    from clients.models import User
    from tools import access_requests, grants, profiles, review, reviewers, toolsets
    from tools.models import AccessProfile, Grant, Tool, Toolset

    system = Actor.system("tests")
    person, server = User.objects.get(username=username), Server.objects.get(prefix=prefix)
    names = [f"{prefix}_{name}" for name in ("list_alerts", "get_alert", "close_alert", "count_alerts")]
    chosen = list(Tool.objects.filter(client_name__in=names).select_related("discovered_revision"))
    review.approve(actor=system, decisions=[review.shown(tool) for tool in chosen], comment="For a test")
    by_name = {tool.client_name: tool for tool in chosen}
    rotation.stage(actor=system, server=server, slot=server.connector.slots[0].key, text="b" * 36)
    reviewers.assign(actor=system, server=server, reviewers=[person])

    by_hand = toolsets.save(actor=system, toolset=Toolset(name=f"{prefix} by hand"), tools=chosen)
    rule = {"servers": [server.pk], "actions": ["read"]}
    by_rule = Toolset(name=f"{prefix} by rule", kind=Toolset.Kind.RULE, rule=rule)
    by_rule = toolsets.save(actor=system, toolset=by_rule, tools=())
    limit = {"properties": {"query": {"const": "status:open"}}, "required": ["query"]}
    held = profiles.save(
        actor=system,
        profile=AccessProfile(name=f"{prefix} held", allows_dangerous=True),
        toolsets=[by_hand],
        argument_limits={by_name[names[0]]: limit},
    )
    grants.give(actor=system, grant=Grant(profile=held, user=person, reason="For a test"))
    for name in ("asked for", "free"):
        profile = AccessProfile(name=f"{prefix} {name}", description="Look at it.", is_published=True)
        profile = profiles.save(actor=system, profile=profile, toolsets=[by_rule])
        if name == "asked for":
            access_requests.ask(
                actor=Actor.person(person), person=person, profile=profile, reason="I am on call."
            )
    change_definition(name=names[0])
    _stop(by_name[names[3]], by_name[names[2]])
    _, text = tokens.issue(
        actor=system, owner=person, client_name=f"{prefix} client",
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return {"token": text}


def _stop(stopped: Any, practised: Any) -> None:
    from audit.actor import Actor
    from tools import stops
    from tools.models import Stop

    for tool, is_drill in ((stopped, False), (practised, True)):
        stop = Stop(level="tool", tool=tool, reason="It pages everybody.", is_drill=is_drill)
        stops.set_stop(actor=Actor.system("tests"), stop=stop)


def lift_all() -> None:
    """Lift every stop and drill: other tests begin without any."""
    from django.utils import timezone

    from audit.actor import Actor
    from tools import stops
    from tools.models import Stop

    for stop in Stop.objects.in_force(timezone.now()):
        stops.lift(actor=Actor.system("tests"), stop=stop)


def change_definition(*, name: str) -> None:
    """As if the tool had been approved with another definition than the one that is offered now."""
    from django.utils import timezone

    from tools.definitions import digest_of
    from tools.models import Tool, ToolRevision

    tool = Tool.objects.get(client_name=name)
    assert tool.discovered_revision is not None
    old = {**tool.discovered_revision.definition, "path": "/v1/alerts", "description": "Lists alerts."}
    revision, _ = ToolRevision.objects.get_or_create(
        tool=tool, digest=digest_of(old), defaults={"definition": old}
    )
    Tool.objects.filter(pk=tool.pk).update(
        state="changed", approved_revision=revision, state_since=timezone.now()
    )


def make_superuser(*, username: str) -> None:
    """Let somebody do everything, as only the command line can."""
    from clients.models import User

    User.objects.filter(username=username).update(is_staff=True, is_superuser=True)


def a_month_of_use() -> None:
    """What the quickstart's portal would look like after a month: people, calls, requests, a changed tool."""
    from datetime import timedelta

    from django.utils import timezone

    from audit.actor import Actor
    from clients import people
    from clients.models import User
    from tests import scale
    from tools import access_requests, grants
    from tools.models import AccessProfile, Grant, Tool

    system, now = Actor.system("tests"), timezone.now()
    profiles = list(AccessProfile.objects.order_by("pk"))
    staff = []
    for number, (first, last) in enumerate(COLLEAGUES):
        person = User(
            username=first.lower(), email=f"{first.lower()}@example.com", first_name=first, last_name=last
        )
        person.set_unusable_password()
        staff.append(people.save_user(actor=system, user=person) or person)
        grant = Grant(profile=profiles[number % 2], user=person, reason="On the on-call rota.")
        grants.give(actor=system, grant=grant)
    AccessProfile.objects.update(is_published=True)
    for person, profile in ((staff[0], profiles[1]), (staff[3], profiles[0])):
        access_requests.ask(
            actor=Actor.person(person), person=person, profile=profile,
            reason="I take over the payments rota on Monday.",
        )  # fmt: skip
    approved = Tool.objects.filter(state="approved").select_related("server")
    used = list(approved.filter(name__in=MOST_USED))
    holders = [*staff, *User.objects.filter(username__in=("mia", "ben"))]
    everything = list(Grant.objects.all())
    for days, count, tools in ((30, 2600, used), (9, 900, list(approved)), (1, 240, used)):
        scale.many_audit_rows(count, tools=tools, people=holders, grants=everything, days=days)
    change_definition(name="opsgenie_list_alerts")
    waiting = Tool.objects.filter(state="changed")
    waiting.update(state_since=now - timedelta(days=2, hours=5))


COLLEAGUES = (("Nadia", "Haddad"), ("Tom", "Okafor"), ("Lena", "Fischer"), ("Raj", "Patel"), ("Inga", "Berg"))
MOST_USED = ("list_alerts", "get_alert", "count_alerts", "get_on_calls", "list_teams", "who_is_on_call")
