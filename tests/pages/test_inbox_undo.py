"""Taking a decision back: everything as it was, for a minute, by the one who decided."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from audit.models import AuditRow
from catalog.models import Server
from tests.conftest import SYSTEM, approve, make_person, switch_on
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.inbox import INBOX, address, decide, message, preview, send, state, tool
from tests.pages.world import definition, discover
from tools import review
from tools.models import Review, Tool

OFFERED = [definition("list_alerts"), definition("get_alert"), definition("list_teams")]
DECIDED = ("state", "approved_revision", "approval_expires_at", "tightened_action", "risk",
           "discovered_revision", "state_since")  # fmt: skip


@pytest.fixture
def offered(server: Server) -> Server:
    discover(server, *OFFERED)
    return server


def columns() -> list[tuple[Any, ...]]:
    return list(Tool.objects.order_by("pk").values_list("pk", *DECIDED))


def undo_path() -> str:
    return f"/admin/tools/tool/undo/{Review.objects.latest('pk').batch}/"


def test_a_decision_can_be_taken_back_from_the_next_page(browser: Client, offered: Server) -> None:
    before = columns()
    then = decide(browser, "get_alert", "approve", expires_in="90", risk="dangerous")["Location"]
    text = browser.get(then).content.decode()
    assert "Your last decision: opsgenie_get_alert approved." in text
    assert f'action="{undo_path()}"' in text
    assert columns() != before
    response = browser.post(undo_path())
    assert response["Location"] == address("get_alert")
    assert columns() == before
    assert message(browser) == "Undone: opsgenie_get_alert is pending review again."
    row = AuditRow.objects.latest("pk")
    assert (row.event, row.actor_name) == ("tool.decision_undone", "sam")


def test_what_was_approved_before_is_approved_again(browser: Client, offered: Server) -> None:
    approve("opsgenie_get_alert")
    discover(offered, definition("get_alert", description="Other."), OFFERED[0], OFFERED[2])
    before = columns()
    old = tool("get_alert").approved_revision
    decide(browser, "get_alert", "approve")
    assert tool("get_alert").approved_revision != old
    browser.post(undo_path())
    assert columns() == before
    assert (state("get_alert"), tool("get_alert").approved_revision) == ("changed", old)


def test_many_are_taken_back_together(browser: Client, offered: Server) -> None:
    before = columns()
    send(browser, preview(browser, "approve"))
    assert set(Tool.objects.values_list("state", flat=True)) == {"approved"}
    assert "Your last decision: 3 tools approved." in browser.get(INBOX).content.decode()
    browser.post(undo_path())
    assert columns() == before
    assert message(browser) == "Undone: 3 tools are again as they were."


def test_the_list_of_tools_offers_it_too(browser: Client, offered: Server) -> None:
    decide(browser, "get_alert", "disable")
    assert undo_path() in browser.get("/admin/tools/tool/").content.decode()


@pytest.mark.parametrize(("seconds", "is_possible"), [(58, True), (61, False)])
def test_only_within_its_minute(browser: Client, offered: Server, seconds: int, is_possible: bool) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        decide(browser, "get_alert", "approve")
        path = undo_path()
        clock.shift(timedelta(seconds=seconds))
        assert (path in browser.get(INBOX).content.decode()) == is_possible
        browser.post(path)
        assert state("get_alert") == ("pending" if is_possible else "approved")
        if not is_possible:
            assert message(browser).startswith("Nothing was undone. The minute for undoing is over.")


def test_nobody_elses_decision(browser: Client, offered: Server) -> None:
    decide(browser, "get_alert", "approve")
    path = undo_path()
    rosa = signed_in(make_person("rosa", "tools.review_tool", "tools.view_tool", is_staff=True))
    assert path not in rosa.get(INBOX).content.decode()
    before = whole_database()
    assert rosa.post(path).status_code == 403
    assert whole_database() == before


def test_only_once_and_not_after_something_happened_since(browser: Client, offered: Server) -> None:
    decide(browser, "get_alert", "approve")
    path = undo_path()
    browser.post(path)
    after = columns()
    browser.post(path)
    assert columns() == after
    decide(browser, "list_alerts", "approve")
    path = undo_path()
    review.disable(actor=SYSTEM, decisions=[review.shown(tool("list_alerts"))])
    assert path not in browser.get(INBOX).content.decode()
    browser.post(path)
    assert state("list_alerts") == "disabled"
    assert "Something happened to opsgenie_list_alerts since." in message(browser)


def test_the_decision_before_is_offered_once_the_last_is_taken_back(browser: Client, offered: Server) -> None:
    decide(browser, "get_alert", "approve")
    first = undo_path()
    decide(browser, "list_alerts", "approve")
    second = undo_path()
    text = browser.get(INBOX).content.decode()
    assert second in text
    assert first not in text
    browser.post(second)
    assert first in browser.get(INBOX).content.decode()
    browser.post(first)
    assert set(Tool.objects.values_list("state", flat=True)) == {"pending"}


def test_a_first_approval_of_two_taken_back_does_not_count(browser: Client, offered: Server) -> None:
    switch_on(four_eyes=True)
    approve("opsgenie_get_alert")
    discover(offered, definition("get_alert", path="/v9/x"), OFFERED[0], OFFERED[2])
    decide(browser, "get_alert", "approve")
    browser.post(undo_path())
    rosa = signed_in(make_person("rosa", "tools.review_tool", "tools.view_tool", is_staff=True))
    decide(rosa, "get_alert", "approve")
    assert state("get_alert") == "changed", "hers is the first now"


@pytest.mark.parametrize("batch", ["x", "1", str(uuid.UUID(int=7)), "%00"])
def test_a_batch_that_is_none(browser: Client, offered: Server, batch: str) -> None:
    path = f"/admin/tools/tool/undo/{batch}/"
    assert browser.get(path).status_code == browser.post(path).status_code == 404


def test_looking_at_its_address_undoes_nothing(browser: Client, offered: Server) -> None:
    decide(browser, "get_alert", "approve")
    before = whole_database()
    assert browser.get(undo_path())["Location"] == INBOX
    assert whole_database() == before
