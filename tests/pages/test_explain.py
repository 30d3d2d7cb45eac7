"""The page that explains access: the answer in words, what would change it, and arguments to try."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from mcp_types.version import LATEST_HANDSHAKE_VERSION

from audit.models import AuditRow
from clients.models import Client as AIClient
from clients.models import User
from tests.conftest import SYSTEM, make_person, switch_on
from tests.pages.conftest import signed_in, text_of
from tests.pages.dump import whole_database
from tests.pages.world import World
from tests.wire import connect
from tools import profiles, stops
from tools.models import AccessProfile, Grant, Stop, Tool

PAGE = "/admin/tools/tool/explain/"
NAME = "opsgenie_list_alerts"


def ask(browser: Client, **question: str) -> str:
    return text_of(browser.get(PAGE, question))


def test_a_yes_and_what_it_rests_on(browser: Client, world: World) -> None:
    response = browser.get(PAGE, {"person": "holder", "tool": NAME})
    text = text_of(response)
    assert "Allowed" in text
    assert f"holder can call {NAME} through any client of theirs that is open." in text
    assert "The answer rests on it" in text
    page = response.content.decode()
    for address in (
        f"/admin/tools/grant/{world.grant.pk}/change/",
        f"/admin/tools/accessprofile/{world.grant.profile.pk}/change/",
        f"/admin/tools/toolset/{world.grant.profile.toolsets.get().pk}/change/",
        f"/admin/tools/tool/{world.tool.pk}/change/",
    ):
        assert f'href="{address}"' in page
    # sam may not look at people.
    assert f"/admin/clients/user/{world.person.pk}/change/" not in page


def test_a_no_its_reason_and_the_way_out(browser: Client, world: World, otto: User) -> None:
    response = browser.get(PAGE, {"person": "otto", "tool": NAME})
    text = text_of(response)
    assert "Denied" in text
    assert f"No grant of otto's reaches {NAME}: to them it doesn't exist. unknown_tool" in text
    assert f"Give otto a grant of On call, which holds {NAME}." in text
    chosen = urlencode({"profile": world.grant.profile.pk, "user": otto.pk}).replace("&", "&amp;")
    assert f'href="/admin/tools/grant/add/?{chosen}"' in response.content.decode()


def test_what_would_be_in_the_way_next_is_told_at_once(browser: Client, world: World, otto: User) -> None:
    Tool.objects.update(state="disabled")
    text = ask(browser, person="otto", tool=NAME)
    answer = text[: text.index("Every check")]
    assert answer.index("unknown_tool") < answer.index("What would be in the way then")
    assert f"{NAME} is disabled since" in answer
    assert "tool_not_approved" in answer
    assert "grant_expired" not in answer
    assert "No grant lets the tool through, so a call is refused whatever its arguments are." in text


def test_the_form_that_a_way_out_leads_to_is_filled_in(browser: Client, world: World, otto: User) -> None:
    page = browser.get(f"/admin/tools/grant/add/?profile={world.grant.profile.pk}&user={otto.pk}")
    content = page.content.decode()
    assert re.search(rf'<option value="{otto.pk}"[^>]*selected', content)
    assert re.search(rf'<option value="{world.grant.profile.pk}"[^>]*selected', content)


def test_whoever_may_give_nothing_is_led_to_the_profile(vera: User, world: World, otto: User) -> None:
    page = signed_in(vera).get(PAGE, {"person": "otto", "tool": NAME}).content.decode()
    assert "/admin/tools/grant/add/" not in page
    assert f'href="/admin/tools/accessprofile/{world.grant.profile.pk}/change/"' in page


def test_a_stop_is_told_with_its_reason(browser: Client, world: World) -> None:
    stop = stops.set_stop(actor=SYSTEM, stop=Stop(level="gateway", reason="A key leaked."))
    text = ask(browser, person="holder", tool=NAME)
    assert "A stop of the whole gateway is in force since" in text
    assert "A key leaked." in text
    assert f"Lift stop #{stop.pk}" in text


def test_a_client_is_chosen_from_the_persons(browser: Client, world: World) -> None:
    client = world.token.client
    assert f"through {client.name}" in ask(browser, person="holder", tool=NAME, client=str(client.pk))
    AIClient.objects.update(state="closed")
    text = ask(browser, person="holder", tool=NAME, client=str(client.pk))
    assert f"{client.name} is closed. client_closed" in text
    assert "holds 0 tools for them" in text


def test_a_client_of_somebody_else_is_none_of_theirs(browser: Client, world: World, otto: User) -> None:
    text = ask(browser, person="otto", tool=NAME, client=str(world.token.client.pk))
    assert "That is no client of otto's." in text


def test_part_of_a_name_is_enough(browser: Client, sam: User, world: World) -> None:
    sam.user_permissions.add(Permission.objects.get(codename="view_user"))
    make_person("holdfast")
    assert "Allowed" in ask(browser, person="holder@EXAMPLE.com", tool="list_alerts")
    text = ask(browser, person="hold", tool="opsgenie")
    assert "Several have “hold” in their names: choose a person." in text
    assert "holdfast" in text
    assert "Several have “opsgenie” in their names: choose a tool." in text
    assert "No person has “nobody” in its name." in ask(browser, person="nobody", tool=NAME)


def test_a_user_name_is_that_persons_even_if_it_is_anothers_address(browser: Client, world: World) -> None:
    make_person("holder@example.com")
    assert "holder@example.com can't call" in ask(browser, person="holder@example.com", tool=NAME)


def test_who_can_call_a_tool(browser: Client, world: World, otto: User) -> None:
    response = browser.get(PAGE, {"tool": NAME})
    assert "1 person, each through a client that is open." in text_of(response)
    assert f'href="{PAGE}?person=holder&amp;tool={NAME}"' in response.content.decode()
    assert "Nobody. Name a person above" in ask(browser, tool="opsgenie_get_alert")


def test_the_list_is_what_the_persons_client_gets(browser: Client, world: World) -> None:
    sent = connect(world.person, LATEST_HANDSHAKE_VERSION).result("tools/list")["tools"]
    assert "holds 1 tool for them" in ask(browser, person="holder")
    page = browser.get(PAGE, {"person": "holder", "listing": "all"}).content.decode()
    shown = [unescape(each) for each in re.findall(r"<details>.*?<pre[^>]*>(.*?)</pre>", page, re.S)]
    assert [json.loads(each) for each in shown] == sent
    assert [list(json.loads(each)) for each in shown] == [list(each) for each in sent]


def try_arguments(browser: Client, arguments: str) -> str:
    return text_of(browser.post(f"{PAGE}?person=holder&tool={NAME}", {"arguments": arguments}))


def test_arguments_are_tried_and_dropped(browser: Client, world: World) -> None:
    limit = {"properties": {"query": {"enum": ["team: payments"]}}}
    profile = world.grant.profile
    profiles.save(
        actor=SYSTEM, profile=profile, toolsets=profile.toolsets.all(), argument_limits={world.tool: limit}
    )
    before = whole_database()
    assert "team: payments" in ask(browser, person="holder", tool=NAME)
    assert "would be let through , by grant" in try_arguments(browser, '{"query": "team: payments"}')
    text = try_arguments(browser, '{"query": "canary-7"}')
    assert "would be refused , as arguments_not_allowed : On call: query:" in text
    assert "as arguments_invalid" in try_arguments(browser, "{}")
    assert "This is no JSON" in try_arguments(browser, "{")
    assert "Arguments are a JSON object" in try_arguments(browser, "[]")
    assert whole_database() == before
    assert "canary-7" not in str(before)


ODD = ["", " ", "0", "-1", "9" * 300, "\0", "%", "_", "'\"><script>", "{{ 7*7 }}", "é", "\u202e", "a b c",
       "00000000-0000-4000-8000-000000000000", "None", "1e999"]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_nothing_odd_is_a_fault(root: User, world: World, odd: str) -> None:
    browser = signed_in(root, raise_request_exception=False)
    before = whole_database()
    for name in ("person", "tool", "client", "listing", "people"):
        question = {"person": "holder", "tool": NAME, name: odd}
        for asked in (question, {name: odd}):
            response = browser.get(PAGE, asked)
            assert response.status_code == 200, asked
            assert b"<script>" + b"alert" not in response.content
    assert browser.post(f"{PAGE}?person=holder&tool={NAME}", {"arguments": odd}).status_code == 200
    assert browser.post(PAGE, {"arguments": odd}).status_code == 200
    assert whole_database() == before


@pytest.mark.parametrize("permission", ["tools.view_tool", "tools.view_grant"])
def test_one_of_the_two_permissions_is_not_enough(world: World, permission: str) -> None:
    person = make_person("half", permission, is_staff=True)
    browser = signed_in(person)
    assert browser.get(PAGE).status_code == 403
    assert PAGE not in browser.get("/admin/").content.decode()


def test_pages_lead_to_it(root: User, world: World) -> None:
    browser = signed_in(root)
    assert f'href="{PAGE}"' in browser.get("/admin/").content.decode()
    client = world.token.client
    for page, leads_to in (
        (f"/admin/clients/user/{world.person.pk}/", f"{PAGE}?person=holder"),
        (f"/admin/clients/client/{client.pk}/", f"{PAGE}?person=holder&client={client.pk}"),
    ):
        link = f"{page}explain"
        assert link in browser.get(f"{page}change/").content.decode()
        assert browser.get(f"{link}/")["Location"] == leads_to


def test_the_row_of_a_denied_call_leads_to_it(sam: User, world: World, otto: User) -> None:
    switch_on()
    connect(otto).request("tools/call", {"name": NAME, "arguments": {}})
    row = AuditRow.objects.filter(event="call.denied").latest("pk")
    page = signed_in(sam).get(f"/admin/audit/auditrow/{row.pk}/change/").content.decode()
    (address,) = [unescape(each) for each in re.findall(r'href="([^"]*)"', page) if f"{PAGE}?" in each]
    text = text_of(signed_in(sam).get(address))
    assert "Denied" in text
    assert "otto can't call" in text
    reader = make_person("reader", "audit.view_auditrow", is_staff=True)
    assert PAGE not in signed_in(reader).get(f"/admin/audit/auditrow/{row.pk}/change/").content.decode()


def queries(browser: Client, **question: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(PAGE, question).status_code == 200
    return len(captured)


def test_it_asks_the_database_a_fixed_number_of_times(browser: Client, world: World) -> None:
    questions = ({"tool": NAME}, {"person": "holder"}, {"person": "holder", "tool": NAME})
    few = [queries(browser, **question) for question in questions]
    people = User.objects.bulk_create(
        [User(username=f"p{number:03}", email=f"p{number}@example.com") for number in range(200)]
    )
    others = AccessProfile.objects.bulk_create([AccessProfile(name=f"P{number}") for number in range(100)])
    for profile in others:
        profile.toolsets.set(world.grant.profile.toolsets.all())
    Grant.objects.bulk_create(
        [Grant(profile=profile, user=world.person, reason="x", approver="x") for profile in others]
        + [Grant(profile=world.grant.profile, user=person, reason="x", approver="x") for person in people]
    )
    Tool.objects.bulk_create(
        [
            Tool(server=world.server, name=f"t{number}", client_name=f"t{number}", domain="x", action="read")
            for number in range(200)
        ]
    )
    assert [queries(browser, **question) for question in questions] == few
    assert max(few) <= 40
