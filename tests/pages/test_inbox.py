"""The review inbox: what waits for whom, the longest first, and one decision after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.actor import Actor
from catalog.connectors.base import Action
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, give, make_person, make_server, switch_on
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.inbox import INBOX, address, decide, listed, message, state, tool, wait_since
from tests.pages.many import make_many
from tests.pages.world import definition, discover
from tools import review, reviewers
from tools.models import Review, Tool

OFFERED = [
    definition("list_alerts"),
    definition("get_alert"),
    definition("list_teams", domain="teams"),
    definition("close_alert", action=Action.WRITE, method="POST", annotations={}),
]
WORDING = [definition("list_alerts", description="Finds alerts."), *OFFERED[1:]]
SEVERE = [definition("list_alerts", path="/v3/elsewhere"), *OFFERED[1:]]


@pytest.fixture
def offered(server: Server) -> Server:
    discover(server, *OFFERED)
    wait_since({"close_alert": 9, "list_teams": 5, "get_alert": 2, "list_alerts": 1})
    return server


def test_what_waits_is_listed_with_the_longest_waiting_first(browser: Client, offered: Server) -> None:
    assert listed(browser) == ["close_alert", "list_teams", "get_alert", "list_alerts"]
    text = browser.get(INBOX).content.decode()
    for age in ("1 week", "5 days", "2 days", "1 day"):
        assert f">{age}</time>" in text
    approve("opsgenie_get_alert")
    assert listed(browser) == ["close_alert", "list_teams", "list_alerts"]
    discover(offered, *[definition("get_alert", description="Other."), OFFERED[0], *OFFERED[2:]])
    assert listed(browser) == ["close_alert", "list_teams", "list_alerts", "get_alert"]


def test_the_side_bar_counts_what_waits_for_the_person(browser: Client, offered: Server, vera: User) -> None:
    assert "waiting: </span>4</span>" in browser.get("/admin/").content.decode()
    assert "waiting: </span>" not in signed_in(vera).get("/admin/").content.decode()
    approve(*Tool.objects.values_list("client_name", flat=True))
    text = browser.get("/admin/").content.decode()
    assert "waiting: </span>" not in text
    assert INBOX in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?domain=teams", ["list_teams"]),
        ("?action=write", ["close_alert"]),
        ("?action=read&domain=alerts", ["get_alert", "list_alerts"]),
        ("?state=changed", []),
        ("?state=pending", ["close_alert", "list_teams", "get_alert", "list_alerts"]),
        ("?grade=severe", []),
        # Nonsense narrows to nothing: a bulk decision must not reach further than what was asked for.
        ("?state=approved", []),
        ("?action=x", []),
        ("?grade=x", []),
        ("?server=x", []),
        ("?server=" + "9" * 40, []),
        ("?server=-1", []),
        ("?domain=%00", []),
    ],
)
def test_narrowing(browser: Client, offered: Server, query: str, found: list[str]) -> None:
    assert listed(browser, query) == found


def test_narrowing_to_a_server_to_severe_changes_and_to_what_a_tool_does_by_a_reviewers_word(
    browser: Client, offered: Server
) -> None:
    other = make_server(name="Other", prefix="other")
    discover(other, definition("get_user"))
    assert listed(browser, f"?server={other.pk}") == ["get_user"]
    approve("opsgenie_list_alerts", "opsgenie_get_alert")
    discover(offered, SEVERE[0], definition("get_alert", description="Says more."), *OFFERED[2:])
    assert set(listed(browser, "?state=changed")) == {"list_alerts", "get_alert"}
    assert listed(browser, "?grade=severe") == ["list_alerts"]
    review.classify(
        actor=SYSTEM,
        decisions=[review.shown(tool("get_user"))],
        classification=review.Classification(tightened_action="write"),
    )
    assert listed(browser, f"?server={other.pk}&action=read") == []
    assert listed(browser, f"?server={other.pk}&action=write") == ["get_user"]


def test_a_reviewer_of_some_servers_sees_and_decides_about_theirs_only(offered: Server, sam: User) -> None:
    other = make_server(name="Other", prefix="other")
    discover(other, definition("get_user"))
    rita = make_person("rita", "tools.review_assigned_tool", "tools.view_tool", is_staff=True)
    browser = signed_in(rita)
    assert listed(browser) == []
    reviewers.assign(actor=SYSTEM, server=other, reviewers=[rita])
    assert listed(browser) == ["get_user"]
    assert "waiting: </span>1</span>" in browser.get("/admin/").content.decode()
    before = whole_database()
    assert browser.get(address("list_alerts")).status_code == 403
    assert browser.post(address("list_alerts"), {"decision": "approve"}).status_code == 403
    assert whole_database() == before
    decide(browser, "get_user", "approve")
    assert state("get_user") == "approved"


def test_a_decision_leads_to_the_next_and_the_last_to_an_empty_inbox(
    browser: Client, offered: Server
) -> None:
    order = ["close_alert", "list_teams", "get_alert", "list_alerts"]
    following = [*order[1:], None]
    for name, then in zip(order, following, strict=True):
        response = decide(browser, name, "approve", comment="Fine.")
        assert response.status_code == 302
        assert response["Location"] == (address(then) if then else INBOX)
        assert state(name) == "approved"
    assert "Nothing waits for you." in browser.get(INBOX).content.decode()
    assert set(Review.objects.values_list("comment", flat=True)) == {"Fine."}


def test_after_the_last_one_comes_the_first_that_still_waits(browser: Client, offered: Server) -> None:
    assert decide(browser, "list_alerts", "disable")["Location"] == address("close_alert")
    assert state("list_alerts") == "disabled"


def test_the_filter_is_kept_from_one_tool_to_the_next(browser: Client, offered: Server) -> None:
    query = "?domain=alerts&action=read"
    page = browser.get(address("get_alert", query))
    assert page.context["next_address"] == address("list_alerts", query)
    assert "1 of 2" in page.content.decode()
    assert decide(browser, "get_alert", "approve", query=query)["Location"] == address("list_alerts", query)
    assert decide(browser, "list_alerts", "approve", query=query)["Location"] == INBOX + query


def test_the_page_of_a_tool_shows_what_is_decided_about(browser: Client, offered: Server) -> None:
    text = browser.get(address("get_alert")).content.decode()
    assert "What get_alert does." in text
    assert "What to look for." in text
    assert tool("get_alert").discovered_revision.digest in text
    assert "What changed since the approval" not in text


def test_a_changed_tool_shows_the_difference_and_its_grade(browser: Client, offered: Server) -> None:
    approve("opsgenie_list_alerts")
    discover(offered, *SEVERE)
    text = browser.get(address("list_alerts")).content.decode()
    assert "What changed since the approval" in text
    assert "method, path or action changed" in text
    entry = browser.get(INBOX).context["entries"][-1]
    assert (entry.tool.name, entry.look.grade.label) == ("list_alerts", "method, path or action changed")


def test_the_words_about_access_are_what_happens(browser: Client, offered: Server, mia: User) -> None:
    switch_on()
    give(mia, "opsgenie_get_alert")
    text = browser.get(address("get_alert")).content.decode()
    assert "1 person gains 1 tool." in text
    approve("opsgenie_get_alert")
    text = browser.get(address("get_alert")).content.decode()
    assert "1 person loses 1 tool;" in text


def test_an_approval_for_a_time_with_a_classification(browser: Client, offered: Server) -> None:
    before = timezone.now()
    decide(browser, "get_alert", "approve", expires_in="30", tightened_action="write", risk="sensitive")
    approved = tool("get_alert")
    assert (approved.state, approved.tightened_action, approved.risk) == ("approved", "write", "sensitive")
    assert approved.approval_expires_at is not None
    assert 29.9 < (approved.approval_expires_at - before).total_seconds() / 86_400 < 30.1


def test_only_classifying_stays_on_the_tool(browser: Client, offered: Server) -> None:
    response = decide(browser, "get_alert", "classify", risk="dangerous")
    assert response["Location"] == address("get_alert")
    assert (state("get_alert"), tool("get_alert").risk) == ("pending", "dangerous")
    decide(browser, "get_alert", "classify", risk="dangerous")
    assert "Choose another risk or a stricter action first." in message(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "x"},
        {"decision": ""},
        {"shown": ""},
        {"shown": "[]"},
        {"shown": '[[1, "pending", "x"], [2, "pending", "y"]]'},
        {"shown": "[" * 100_000},
        {"expires_in": "7"},
        {"expires_in": "-1"},
        {"risk": "harmless"},
        {"tightened_action": "read"},
        {"tightened_action": "\0"},
        {"comment": "x" * 2_001},
        {"comment": "nul\0l"},
    ],
    ids=str,
)
def test_a_damaged_form_decides_nothing_and_is_no_fault(
    browser: Client, offered: Server, changes: dict[str, Any]
) -> None:
    browser.get(INBOX)
    before = whole_database()
    response = decide(browser, "close_alert", **{"decision": "approve", **changes})
    assert response.status_code in (200, 302)
    assert whole_database() == before


def test_the_form_of_one_tool_decides_about_no_other(browser: Client, offered: Server) -> None:
    other = review.shown(tool("list_teams"))
    forged = json.dumps([[other.tool_id, other.state, other.digest]])
    response = decide(browser, "get_alert", "approve", shown=forged)
    assert "The page is damaged." in response.content.decode()
    assert set(Tool.objects.values_list("state", flat=True)) == {"pending"}


def test_what_changed_while_the_page_was_open_is_refused_and_shown_again(
    browser: Client, offered: Server
) -> None:
    (seen,) = [review.shown(tool("list_alerts"))]
    discover(offered, *WORDING)
    stale = json.dumps([[seen.tool_id, seen.state, seen.digest]])
    response = decide(browser, "list_alerts", "approve", shown=stale)
    assert response["Location"] == address("list_alerts")
    assert "opsgenie_list_alerts changed while you were looking at it" in message(browser)
    assert state("list_alerts") == "pending"
    assert not Review.objects.exists()


# --- Four eyes -----------------------------------------------------------------------------------------


@pytest.fixture
def changed(offered: Server) -> Server:
    switch_on(four_eyes=True)
    approve("opsgenie_list_alerts", "opsgenie_get_alert")
    discover(offered, SEVERE[0], definition("get_alert", description="Says more."), *OFFERED[2:])
    return offered


@pytest.fixture
def second(db: None) -> Client:
    return signed_in(make_person("rosa", "tools.review_tool", "tools.view_tool", is_staff=True))


def test_a_severe_change_takes_two_reviewers(browser: Client, second: Client, changed: Server) -> None:
    assert "your approval is the first of two" in browser.get(address("list_alerts")).content.decode()
    decide(browser, "list_alerts", "approve", comment="I checked the path.")
    assert state("list_alerts") == "changed"
    assert "approved as the first of two" in message(browser)
    text = second.get(INBOX).content.decode()
    assert "waits for a second reviewer: approved first by sam" in text
    assert "I checked the path." in second.get(address("list_alerts")).content.decode()
    decide(second, "list_alerts", "approve")
    approved = tool("list_alerts")
    assert (approved.state, approved.approved_revision) == ("approved", approved.discovered_revision)


def test_the_same_reviewer_twice_is_not_two(browser: Client, changed: Server) -> None:
    path = address("list_alerts")
    fields = {"shown": review_text("list_alerts"), "decision": "approve"}
    browser.post(path, fields)
    text = browser.get(path).content.decode()
    assert "You approved it as the first of two." in text
    assert 'value="approve"' not in text
    before = whole_database()
    browser.post(path, fields)
    assert whole_database() == before
    assert "somebody else must too" in message(browser)


def review_text(name: str) -> str:
    seen = review.shown(tool(name))
    return json.dumps([[seen.tool_id, seen.state, seen.digest]])


def test_one_reviewer_is_enough_for_a_change_that_is_not_severe(browser: Client, changed: Server) -> None:
    decide(browser, "get_alert", "approve")
    assert state("get_alert") == "approved"


def test_a_first_approval_of_another_definition_does_not_count(
    browser: Client, second: Client, changed: Server
) -> None:
    decide(browser, "list_alerts", "approve")
    discover(changed, definition("list_alerts", path="/v4/again"), *OFFERED[1:])
    assert "waits for a second reviewer" not in second.get(INBOX).content.decode()
    decide(second, "list_alerts", "approve")
    assert state("list_alerts") == "changed"


def test_the_queries_of_both_pages_do_not_grow_with_what_waits(browser: Client, server: Server) -> None:
    counts = []
    for few in (60, 1_940):
        make_many(server, few, start=Tool.objects.count())
        first = Tool.objects.order_by("state_since", "pk")[0]
        for path in (INBOX, f"{INBOX}?grade=severe", f"{INBOX}{first.pk}/"):
            browser.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(path).status_code == 200
            counts.append(len(captured))
    assert Tool.objects.count() == 2_000
    assert counts[:3] == counts[3:]
    assert max(counts) <= 60


def test_pages_of_a_long_inbox(browser: Client, server: Server) -> None:
    make_many(server, 120)
    assert [len(listed(browser, f"?page={number}")) for number in ("1", "2", "3")] == [50, 50, 20]
    assert listed(browser, "?page=99") == listed(browser, "?page=3")
    for odd in ("x", "-1", "0", "9" * 40, "%00"):
        assert listed(browser, f"?page={odd}")
    last = Tool.objects.order_by("-pk")[0]
    page = browser.get(f"{INBOX}{last.pk}/")
    assert page.context["page_number"] == 3
    assert "120 of 120" in page.content.decode()


def test_a_decision_of_the_tool_itself_is_written_as_the_persons(
    browser: Client, sam: User, offered: Server
) -> None:
    decide(browser, "get_alert", "disable")
    decision = Review.objects.get()
    assert (decision.decision, decision.reviewer_id) == ("disable", Actor.person(sam).id)
