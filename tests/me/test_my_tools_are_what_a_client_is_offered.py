from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from catalog import servers
from catalog.models import Server
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, approve, disable, give, sync
from tests.connectors import FEW, SmallOpsgenie
from tests.database import undone
from tests.me.conftest import Gateway, browser_of, read, signed_in
from tests.tools.test_listed_is_callable import NOW, PLANS, Cast, Plan, allowed, cast
from tools import grants, policy
from tools.me import pages
from tools.models import AccessProfile, Grant, Tool, Toolset

__all__ = ["cast"]


@given(plan=PLANS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_somebody_holds(cast: Cast, plan: Plan) -> None:
    """With a connection, what the policy says of it; without one, what it would say of a good one."""
    # A stop of one client leaves the person's others, and the page is about any of them.
    of_others = tuple(stop for stop in plan.stops if stop.level != "client")
    plan = replace(plan, person_is_active=True, stops=of_others)
    with undone():
        names = cast.build(plan)
        meant = sorted(
            name for name, place in names.items() if allowed(replace(plan, client="active"), *place)
        )
        person = cast.caller.user
        shown = [tool.client_name for tool in pages.tools_of(person, NOW)]
        assert shown == meant
        if plan.client != "closed":
            assert shown == [tool.client_name for tool in policy.callable_tools(cast.caller, NOW)]
        Token.objects.all().delete()
        tools = pages.tools_of(person, NOW)
        assert [tool.client_name for tool in tools] == meant
        ways = pages.ways_to(person, tools, NOW)
        assert all(grant.is_live(NOW) for found in ways.values() for grant in found)
        assert all(ways[tool.pk] for tool in tools)


def listed(person: User, **parameters: str) -> list[str]:
    """The tools on the person's page, in its order."""
    response = signed_in(person).get("/me/tools/", parameters)
    return [
        line.tool.client_name
        for server in response.context["servers"]
        for domain in server.domains
        for line in domain.lines
    ]


def test_the_page_has_what_tools_list_has(gateway: Gateway, mia: User) -> None:
    names = [tool["name"] for tool in gateway.connect().result("tools/list")["tools"]]
    assert len(names) == len(FEW)
    assert sorted(listed(mia)) == names
    page = read(mia, "/me/tools/")
    assert all(name in page for name in names)
    assert "6 tools, exactly what your AI client is offered." in page


def test_what_is_taken_away_is_gone_from_it(gateway: Gateway, mia: User) -> None:
    disable("opsgenie_get_alert")
    assert "opsgenie_get_alert" not in listed(mia)
    assert browser_of(mia).get("/me/tools/opsgenie_get_alert/").status_code == 404
    servers.pause(actor=SYSTEM, server=gateway.server)
    assert listed(mia) == []


def test_each_says_through_what_and_until_when(gateway: Gateway, mia: User) -> None:
    assert "On call, no end set" in read(mia, "/me/tools/opsgenie_get_alert/")
    end = timezone.now() + timedelta(days=3)
    grants.end(actor=SYSTEM, grant=gateway.grant)
    give(mia, "opsgenie_get_alert", profile="Holiday cover", ends_at=end)
    for path in ("/me/tools/", "/me/tools/opsgenie_get_alert/"):
        page = read(mia, path)
        assert f"Holiday cover, until {end:%Y-%m-%d %H:%M:%S} UTC" in page
        assert "no end set" not in page


def test_of_several_ways_the_longest_comes_first(few_tools: Server, mia: User) -> None:
    (tool,) = approve("opsgenie_get_alert")
    now = timezone.now()
    for name, days in (("Short", 1), ("Open", None), ("Long", 9)):
        ends_at = None if days is None else now + timedelta(days=days)
        give(mia, tool.client_name, profile=name, ends_at=ends_at)
    (found,) = pages.ways_to(mia, [tool], timezone.now()).values()
    assert [grant.profile.name for grant in found] == ["Open", "Long", "Short"]


def test_a_way_that_does_not_permit_it_is_none(few_tools: Server, mia: User) -> None:
    (tool,) = approve("opsgenie_create_alert")
    give(mia, tool.client_name, profile="Looking")
    AccessProfile.objects.update(ceiling="read")
    give(mia, tool.client_name, profile="Working")
    assert "Working, no end set" in read(mia, f"/me/tools/{tool.client_name}/")
    assert "Looking" not in read(mia, f"/me/tools/{tool.client_name}/")


def test_a_tightened_action_is_the_one_that_is_shown(gateway: Gateway, mia: User) -> None:
    Tool.objects.filter(client_name="opsgenie_get_alert").update(tightened_action="destructive")
    assert "Action destructive" in read(mia, "/me/tools/opsgenie_get_alert/")
    assert "2 destructive" in read(mia, "/me/")


def test_they_come_by_server_and_domain(gateway: Gateway, mia: User) -> None:
    shown = signed_in(mia).get("/me/tools/").context["servers"]
    assert [(server.name, server.count) for server in shown] == [("Opsgenie", 6)]
    assert [(domain.name, len(domain.lines)) for domain in shown[0].domains] == [("Alerts", 4), ("Teams", 2)]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("opsgenie_get_alert", ["opsgenie_get_alert"]),
        ("TEAM", ["opsgenie_create_team", "opsgenie_delete_team"]),
        ("destructive", ["opsgenie_delete_team"]),
        ("team create", ["opsgenie_create_team"]),
        ("  team   create ", ["opsgenie_create_team"]),
        ("team\0create", ["opsgenie_create_team"]),
        ("no such thing", []),
    ],
)
def test_the_search_finds_every_word(gateway: Gateway, mia: User, search: str, found: list[str]) -> None:
    assert listed(mia, q=search) == found


def test_a_search_without_a_find_says_so_as_text(gateway: Gateway, mia: User) -> None:
    page = signed_in(mia).get("/me/tools/", {"q": "<b>x</b>"}).content.decode()
    assert "No tool of yours fits “&lt;b&gt;x&lt;/b&gt;”" in page


def test_a_tool_is_shown_as_it_was_reviewed(gateway: Gateway, mia: User, connector: SmallOpsgenie) -> None:
    reviewed = Tool.objects.get(client_name="opsgenie_get_alert").approved_revision.definition
    page = read(mia, "/me/tools/opsgenie_get_alert/")
    assert " ".join(reviewed["description"].split()) in page
    for name, parameter in reviewed["input_schema"]["properties"].items():
        assert name in page
        assert " ".join(parameter["description"].split()) in page


def test_characters_that_hide_are_shown(connector: SmallOpsgenie, few_tools: Server, mia: User) -> None:
    connector.change("get_alert", description="Read it\u202e.\nMore", title="Get\u200b")
    sync(few_tools)
    approve("opsgenie_get_alert")
    give(mia, "opsgenie_get_alert")
    assert "Read it⟨U+202E⟩." in read(mia, "/me/tools/")
    assert "More" not in read(mia, "/me/tools/"), "the list has the first line only"
    page = read(mia, "/me/tools/opsgenie_get_alert/")
    assert "Get⟨U+200B⟩" in page
    assert "Read it⟨U+202E⟩. More" in page


def test_without_any_connection_one_sees_what_one_would_have(few_tools: Server, mia: User) -> None:
    approve("opsgenie_get_alert", "opsgenie_create_alert", "opsgenie_count_alerts")
    reads = Toolset.objects.get(kind="read")
    grant = give(mia, profile="Reading")
    grant.profile.toolsets.add(reads)
    assert not Client.objects.exists()
    assert not Token.objects.exists()
    assert sorted(listed(mia)) == ["opsgenie_count_alerts", "opsgenie_get_alert"]
    Grant.objects.update(ends_at=timezone.now())
    assert listed(mia) == []
    assert "You can't use any tool at the moment. Your overview says why." in read(mia, "/me/tools/")
