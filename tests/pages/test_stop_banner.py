"""While something is stopped, every page of the admin says so, at the price of one question."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import User
from tests.conftest import SYSTEM
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.world import World
from tools import stops
from tools.models import Stop

REASON = "A key was leaked."
BANNER = 'aria-label="Stops in force"'


@pytest.fixture
def world(world: World) -> World:
    """The usual world without its drill."""
    stops.lift(actor=SYSTEM, stop=Stop.objects.get())
    return world


def put(**fields: Any) -> Stop:
    stop = Stop(**{"level": "gateway", "reason": REASON, **fields})
    return stops.set_stop(actor=SYSTEM, stop=stop)


def banner(browser: Client, path: str = "/admin/password_change/") -> str:
    """The words of the banner on a page; empty without one."""
    page = " ".join(browser.get(path).content.decode().split())
    return page.partition(BANNER)[2].partition("</section>")[0]


def test_it_is_on_every_page_that_has_a_side_bar(root: User, world: World) -> None:
    browser = signed_in(root)
    put()
    pages = 0
    for address in every_address(world):
        response = browser.get(address.path)
        page = response.content.decode() if response.status_code == 200 else ""
        if 'id="nav-sidebar"' in page:
            pages += 1
            assert page.count(BANNER) == 1, address
    assert pages > 50


def test_it_says_what_why_since_when_and_until(sam: User, world: World) -> None:
    ends_at = timezone.now() + timedelta(hours=1)
    stop = put(level="client", client=world.token.client, ends_at=ends_at)
    words = banner(signed_in(sam))
    assert "Stopped: the client Claude of holder.</strong>" in words
    assert f"{REASON} " in words
    assert f"Since {stop.starts_at:%Y-%m-%d %H:%M:%S} UTC by tests" in words
    assert f"until {ends_at:%Y-%m-%d %H:%M:%S} UTC" in words
    assert 'href="/admin/tools/stop/"' in words


def test_a_drill_is_called_one_and_comes_after_the_stops(sam: User, world: World) -> None:
    put(level="tool", tool=world.tool)
    put(is_drill=True)
    words = banner(signed_in(sam))
    assert words.index("Stopped: the tool") < words.index("Drill, nothing is refused: the whole gateway")
    assert words.count("is-drill") == 1


def test_of_many_three_are_told_and_the_rest_counted(sam: User, world: World) -> None:
    for _ in range(5):
        put()
    words = banner(signed_in(sam))
    assert words.count(REASON) == 3
    assert "5 stops and drills are in force." in words


def test_who_may_not_see_stops_is_told_of_their_own(nora: User, world: World) -> None:
    put(level="person", person=world.person)
    put(level="server", server=world.server)
    put(is_drill=True)
    browser = signed_in(nora)
    assert banner(browser) == ""
    put()
    assert "Stopped: the whole gateway." in banner(browser)
    assert "/admin/tools/stop/" not in banner(browser)


def test_it_goes_when_the_stop_ends(sam: User, world: World) -> None:
    stop = put(ends_at=timezone.now() + timedelta(minutes=15))
    put(level="tool", tool=world.tool)
    browser = signed_in(sam)
    assert banner(browser).count("Stopped:") == 2
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert banner(browser).count("Stopped:") == 1
    stops.lift(actor=SYSTEM, stop=stop)
    assert banner(browser).count("Stopped:") == 1


def test_nobody_who_is_not_signed_in_is_told(world: World) -> None:
    put()
    assert REASON not in Client().get("/admin/login/").content.decode()


def test_it_costs_one_query_however_many_are_in_force(sam: User, world: World) -> None:
    browser = signed_in(sam)
    put(level="tool", tool=world.tool)

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            browser.get("/admin/tools/tool/")
        return [query["sql"] for query in captured if 'FROM "tools_stop"' in query["sql"]]

    assert len(asked()) == 1
    for _ in range(5):
        put(level="client", client=world.token.client)
        put(level="person", person=world.person)
    assert len(asked()) == 1
