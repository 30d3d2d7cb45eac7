"""The page of stops: what is in force, the way to set one, and what each did."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from clients.models import User
from tests.conftest import SYSTEM, make_person, switch_on
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import fields_of
from tests.pages.world import World
from tools import stops
from tools.models import Stop

PAGE = "/admin/tools/stop/"
SET = f"{PAGE}set/"
REASON = "It closes alerts that nobody read."


@pytest.fixture
def world(world: World) -> World:
    """The usual world, switched on, without its drill."""
    switch_on()
    stops.lift(actor=SYSTEM, stop=Stop.objects.get())
    return world


@pytest.fixture
def browser(sam: User, world: World) -> Client:
    return signed_in(sam)


def targets(world: World) -> dict[str, Any]:
    return {
        "gateway": None,
        "server": world.server,
        "tool": world.tool,
        "client": world.token.client,
        "person": world.person,
    }


def set_by_form(browser: Client, address: str, **fields: Any) -> Any:
    """Fill in the form at an address and send it, then send the confirmation it answers with."""
    page = browser.get(address)
    confirmation = browser.post(SET, {**fields_of(page, "stop_form"), "reason": REASON, **fields})
    assert confirmation.templates[0].name == "admin/tools/stop/confirm.html", confirmation.content
    return browser.post(SET, fields_of(confirmation, "stop_form"), follow=True)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def put(**fields: Any) -> Stop:
    stop = Stop(**{"level": "gateway", "reason": REASON, **fields})
    return stops.set_stop(actor=SYSTEM, stop=stop)


def tell(event: Event, world: World, at_stop: Stop | None = None, **detail: Any) -> AuditRow:
    """A call of the world's person to its tool."""
    if at_stop is not None:
        detail["stop"] = {"id": at_stop.pk, "reason": at_stop.reason}
    client = world.token.client
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id=str(client.pk), client_name=client.name,
        tool_name=world.tool.client_name, protocol_version="", server_id=world.server.pk,
        server_name=world.server.name, tool_id=world.tool.pk,
    )  # fmt: skip
    return log.record_call(event, actor=Actor.person(world.person), facts=facts, detail=detail)


@pytest.mark.parametrize("level", Stop.Level.values)
def test_a_stop_is_set_in_a_form_and_a_confirmation(browser: Client, world: World, level: str) -> None:
    target = targets(world)[level]
    chosen = f"&target={target.pk}" if target else ""
    done = set_by_form(browser, f"{SET}?level={level}{chosen}")
    stop = Stop.objects.latest("pk")
    assert (stop.level, stop.target, stop.reason, stop.set_by) == (level, target, REASON, "sam")
    assert (stop.is_drill, stop.ends_at) == (False, None)
    assert f"Stopped: {stop.what}. It took" in done.content.decode()
    assert AuditRow.objects.get(event="stop.set", object_id=stop.pk).detail["after"]["reason"] == REASON


@pytest.mark.parametrize(
    ("path", "level"),
    [("catalog/server", "server"), ("tools/tool", "tool"), ("clients/client", "client"),
     ("clients/user", "person")],
)  # fmt: skip
def test_each_page_of_something_that_can_be_stopped_leads_to_its_form(
    root: User, world: World, path: str, level: str
) -> None:
    browser, target = signed_in(root), targets(world)[level]
    address = f"/admin/{path}/{target.pk}/"
    assert f'href="{address}stop/"' in browser.get(f"{address}change/").content.decode()
    form = browser.get(f"{address}stop/", follow=True)
    assert form.redirect_chain == [(f"{SET}?level={level}&target={target.pk}", 302)]
    assert fields_of(form, "stop_form")["target"] == [str(target.pk)]


def test_who_may_not_set_stops_is_not_offered_it(vera: User, world: World) -> None:
    browser = signed_in(vera)
    put(level="tool", tool=world.tool)
    address = f"/admin/catalog/server/{world.server.pk}/"
    assert f"{address}stop/" not in browser.get(f"{address}change/").content.decode()
    page = text(browser.get(PAGE))
    assert REASON in page
    assert "Lift…" not in page
    assert "Set a stop" not in page


def test_the_confirmation_says_whom_it_hits(browser: Client, world: World) -> None:
    for _ in range(3):
        tell(Event.CALL_ADMITTED, world)
    before = whole_database()
    data = {"level": "server", "target": world.server.pk, "reason": REASON, "ends": "lifted"}
    page = text(browser.post(SET, data))
    assert "1 person loses 1 tool; 3 calls of theirs in the last 30 days would have been refused." in page
    assert "<td>holder</td><td>1</td><td>3</td>" in page
    assert "<code>opsgenie_list_alerts</code>" in page
    assert "Calls that are already under way go on to their end." in page
    assert whole_database() == before


def test_what_is_stopped_already_is_not_lost_again(browser: Client, world: World) -> None:
    put()
    page = text(browser.post(SET, {"level": "gateway", "reason": REASON, "ends": "lifted"}))
    assert "Nobody loses or gains a tool by it. What is refused already isn’t counted." in page


@pytest.mark.parametrize(("ends", "minutes"), [("15", 15), ("60", 60), ("240", 240)])
def test_it_ends_by_itself_after_the_chosen_time(
    browser: Client, world: World, ends: str, minutes: int
) -> None:
    now = timezone.now()
    set_by_form(browser, f"{SET}?level=gateway", ends=ends)
    until = Stop.objects.latest("pk").ends_at
    assert until is not None
    assert timedelta(minutes=minutes) <= until - now < timedelta(minutes=minutes + 1)


def test_it_ends_at_a_chosen_date(browser: Client, world: World) -> None:
    set_by_form(browser, f"{SET}?level=gateway", ends="date", ends_at="2999-01-31T18:00")
    assert f"{Stop.objects.latest('pk').ends_at:%Y-%m-%d %H:%M %Z}" == "2999-01-31 18:00 UTC"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": " "}, "Say why: everybody who is refused is told."),
        ({"reason": "x" * 301}, "at most 300 characters"),
        ({"reason": "a\0b"}, "Null characters are not allowed."),
        ({"ends": "date"}, "Give the date and time, or choose another end."),
        ({"ends": "date", "ends_at": "2001-01-01T00:00"}, "The end must lie in the future."),
        ({"ends": "date", "ends_at": "soon"}, "Write it as 2026-01-31 18:00, in UTC."),
        ({"ends": "never"}, "Select a valid choice."),
        ({"level": "planet"}, "isn&#x27;t there any more. Choose again."),
        ({"level": "tool"}, "isn&#x27;t there any more. Choose again."),
        ({"level": "tool", "target": "9" * 30}, "isn&#x27;t there any more. Choose again."),
        ({"level": "client", "target": "\0"}, "isn&#x27;t there any more. Choose again."),
        ({"level": "client", "target": "1"}, "isn&#x27;t there any more. Choose again."),
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_a_wrong_form_comes_back_with_what_is_wrong(
    browser: Client, world: World, fields: dict[str, str], message: str, confirmed: dict[str, str]
) -> None:
    before = whole_database()
    data = {"level": "gateway", "reason": REASON, "ends": "lifted", **fields, **confirmed}
    response = browser.post(SET, data)
    assert response.status_code == 200
    assert response.templates[0].name == "admin/tools/stop/form.html"
    assert message in response.content.decode()
    assert whole_database() == before


@pytest.mark.parametrize("level", ["server", "tool", "client", "person"])
def test_a_target_is_found_by_a_part_of_its_name(browser: Client, world: World, level: str) -> None:
    target = targets(world)[level]
    make_person("somebody else")
    words = {"server": "opsg", "tool": "LIST alerts", "client": "holder", "person": "holder@"}[level]
    page = browser.get(SET, {"level": level, "q": words}).content.decode()
    assert f"{SET}?level={level}&amp;target={target.pk}" in page
    assert "somebody else" not in page
    assert "Nothing has" in browser.get(SET, {"level": level, "q": "no such\0thing"}).content.decode()


def test_of_many_only_some_are_listed(browser: Client, world: World) -> None:
    User.objects.bulk_create([User(username=f"p{n:03}", email=f"p{n}@example.com") for n in range(100)])
    page = text(browser.get(SET, {"level": "person"}))
    assert page.count("level=person&amp;target=") == 20
    assert "There are more than these 20. Search for a part of the name." in page
    assert text(browser.get(SET, {"level": "person", "q": "p09"})).count("level=person&amp;target=") == 10


def test_a_target_that_is_none_leads_to_the_search(browser: Client, world: World) -> None:
    for target in ("0", "-1", "x", "9" * 30, "\0", str(uuid.uuid4())):
        for level in ("server", "tool", "client", "person"):
            response = browser.get(SET, {"level": level, "target": target})
            assert response.templates[0].name == "admin/tools/stop/search.html", (level, target)


def test_what_is_in_force_is_on_the_page_with_its_end(browser: Client, world: World) -> None:
    stop = put(level="tool", tool=world.tool, ends_at=timezone.now() + timedelta(minutes=30, seconds=30))
    page = text(browser.get(PAGE))
    assert f"Stopped: {stop.what}</a>" in page
    assert "30 minutes from now" in page
    assert "by tests" in page
    assert f"{stop.effect_ms:.1f} ms" in page
    stops.lift(actor=SYSTEM, stop=stop)
    page = text(browser.get(PAGE))
    assert "Nothing is stopped." in page
    assert REASON in page, "in the list of all"


def test_the_list_can_be_narrowed_to_what_is_in_force(browser: Client, world: World) -> None:
    put(reason="Now")
    stops.lift(actor=SYSTEM, stop=put(reason="Before"))

    def listed(state: str) -> list[str]:
        return [stop.reason for stop in browser.get(PAGE, {"state": state}).context["cl"].result_list]

    assert listed("in_force") == ["Now"]
    assert listed("over") == ["Before", "It pages everybody."]
    assert len(listed("nonsense")) == 3


def test_lifting_is_a_dialog_and_works_once(browser: Client, sam: User, world: World) -> None:
    stop = put()
    address = f"{PAGE}{stop.pk}/lift/"
    before = whole_database()
    assert b"Lift it" in browser.get(address).content
    assert whole_database() == before
    browser.post(address, {"_form_submitted": "on"})
    stop.refresh_from_db()
    assert stop.lifted_by == "sam"
    assert "is lifted." in text(browser.get(PAGE))
    browser.post(address, {"_form_submitted": "on"})
    assert "Stop of the whole gateway is not in force any more." in text(browser.get(PAGE))
    assert AuditRow.objects.filter(event="stop.lifted", object_id=stop.pk).count() == 1


@pytest.mark.parametrize("level", Stop.Level.values)
def test_the_calls_on_either_side_of_it_are_shown(browser: Client, world: World, level: str) -> None:
    tell(Event.CALL_ADMITTED, world)
    last = tell(Event.CALL_ADMITTED, world)
    target = {} if level == "gateway" else {level: targets(world)[level]}
    stop = put(level=level, **target)
    tell(Event.CALL_DENIED, world)
    first = tell(Event.CALL_DENIED, world, stop)
    tell(Event.CALL_DENIED, world, stop)
    for address in (PAGE, f"{PAGE}{stop.pk}/change/"):
        page = text(browser.get(address))
        for title, row in (("Last call admitted before it", last), ("First call refused by it", first)):
            assert f'{title}</dt><dd><a href="/admin/audit/auditrow/{row.pk}/change/"' in page, address
        assert "2 calls of 1 person to 1 tool" in page
    link = next(line for line in page.split('"') if line.startswith("/admin/audit/auditrow/?"))
    shown = browser.get(link.replace("&amp;", "&"), follow=True)
    assert shown.redirect_chain == []


@pytest.mark.parametrize("level", Stop.Level.values)
def test_a_drill_says_what_it_would_have_refused(browser: Client, world: World, level: str) -> None:
    target = {} if level == "gateway" else {level: targets(world)[level]}
    tell(Event.CALL_ADMITTED, world)
    other = put(is_drill=True)
    drill = put(level=level, is_drill=True, **target)
    named = [{"id": other.pk, "reason": ""}, {"id": drill.pk, "reason": ""}]
    tell(Event.CALL_ADMITTED, world, drills=named)
    tell(Event.CALL_ADMITTED, world, drills=named[1:])
    tell(Event.CALL_ADMITTED, world, drills=named[:1])
    tell(Event.CALL_DENIED, world, drills=named)
    page = text(browser.get(f"{PAGE}{drill.pk}/change/"))
    assert "2 calls of 1 person to 1 tool" in page
    assert "<td>holder</td><td>2</td>" in page
    assert "<td>opsgenie_list_alerts</td><td>2</td>" in page
    link = next(line for line in page.split('"') if line.startswith("/admin/audit/auditrow/?"))
    assert browser.get(link.replace("&amp;", "&")).context["cl"].result_list


def test_the_links_into_the_audit_log_are_for_who_may_read_it(world: World) -> None:
    reader = make_person("reader", "tools.view_stop", is_staff=True)
    stop = put()
    tell(Event.CALL_DENIED, world, stop)
    page = text(signed_in(reader).get(PAGE))
    assert "1 call of 1 person to 1 tool" in page
    assert "/admin/audit/" not in page
