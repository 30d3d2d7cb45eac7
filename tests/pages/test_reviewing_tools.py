"""Select tools, see what is decided about, say why: the decision counts for exactly what was shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import fields_of, shown_value
from tests.pages.world import definition, discover
from tools import review
from tools.models import Review, Tool

LIST = "/admin/tools/tool/"
OFFERED = [definition("list_alerts"), definition("get_alert"), definition("list_teams")]


@pytest.fixture
def offered(server: Server) -> Server:
    discover(server, *OFFERED)
    return server


def tool(name: str) -> Tool:
    return Tool.objects.get(name=name)


def states() -> dict[str, str]:
    return dict(Tool.objects.order_by("name").values_list("name", "state"))


def choose(browser: Client, action: str, *names: str, **more: Any) -> Any:
    """Tick tools on the list and start an action: the page that asks for the decision."""
    ids = [str(pk) for pk in Tool.objects.filter(name__in=names).values_list("pk", flat=True)]
    return browser.post(LIST, {"action": action, "_selected_action": ids, "index": "0", **more})


def confirm(browser: Client, page: Any, **changes: Any) -> Any:
    """Send the page that asks for the decision."""
    return browser.post(page.context["action_address"], {**decision_form(page), **changes})


def decision_form(page: Any) -> dict[str, Any]:
    fields = fields_of(page)
    assert "shown" in fields
    return fields


def message(browser: Client) -> str:
    return " ".join(str(note) for note in browser.get(LIST).context["messages"])


def test_the_page_shows_what_is_decided_about_and_changes_nothing(browser: Client, offered: Server) -> None:
    before = whole_database()
    page = choose(browser, "approve", "list_alerts", "get_alert")
    text = page.content.decode()
    assert "Approve 2 tools" in text
    for name in ("list_alerts", "get_alert"):
        assert f"opsgenie_{name}" in text
        assert f"GET /v2/{name}" in text
        assert tool(name).discovered_revision.digest[:12] in text
        assert f"/admin/tools/tool/inbox/{tool(name).pk}/" in text
    assert "opsgenie_list_teams" not in text
    assert whole_database() == before


def test_approval_of_several_with_a_reason(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts", "get_alert")
    response = confirm(browser, page, comment="Only reads; needed on call.")
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert states() == {"get_alert": "approved", "list_alerts": "approved", "list_teams": "pending"}
    assert tool("get_alert").approved_revision == tool("get_alert").discovered_revision
    assert message(browser) == "2 tools approved."

    rows = AuditRow.objects.filter(event="tool.approved").order_by("pk")
    assert {row.tool_name for row in rows} == {"opsgenie_list_alerts", "opsgenie_get_alert"}
    for row in rows:
        assert row.actor_name == "sam"
        assert row.detail["comment"] == "Only reads; needed on call."
        assert row.detail["digest"] == Tool.objects.get(pk=row.tool_id).approved_revision.digest


def test_the_reason_stands_on_the_tools_page_later(browser: Client, offered: Server) -> None:
    confirm(browser, choose(browser, "approve", "list_alerts"), comment="Needed on call.")
    confirm(browser, choose(browser, "disable", "list_alerts"), comment="Too noisy after all.")
    page = browser.get(f"{LIST}{tool('list_alerts').pk}/change/").content.decode()
    assert "Needed on call." in page
    assert "Too noisy after all." in page
    assert page.count(">sam<") + page.count("sam\n") >= 2


def test_disabling(browser: Client, offered: Server) -> None:
    confirm(browser, choose(browser, "approve", "list_alerts"))
    page = choose(browser, "disable", "list_alerts", "get_alert")
    assert "Calls to these tools are refused from now on" in page.content.decode()
    confirm(browser, page)
    assert states() == {"get_alert": "disabled", "list_alerts": "disabled", "list_teams": "pending"}
    assert message(browser) == "2 tools disabled."


def test_every_tool_of_a_long_list_can_be_chosen_at_once(browser: Client, synced_server: Server) -> None:
    count = Tool.objects.count()
    assert count > 60
    page = choose(browser, "approve", "list_alerts", select_across="1")
    assert f"Approve {count} tools" in page.content.decode()
    confirm(browser, page)
    assert set(states().values()) == {"approved"}


def test_choosing_nothing_changes_nothing(browser: Client, offered: Server) -> None:
    before = whole_database()
    response = choose(browser, "approve")
    assert response.status_code == 302
    assert whole_database() == before


# --- What was shown is not what is there any more ------------------------------------------------------


def test_a_definition_that_changed_meanwhile_is_not_approved(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts", "get_alert")
    discover(offered, definition("list_alerts", description="Also deletes them."), *OFFERED[1:])
    confirm(browser, page)
    assert set(states().values()) == {"pending"}, "none of them: the decision was about all"
    assert not Review.objects.exists()
    assert message(browser).startswith("Nothing was changed. opsgenie_list_alerts changed while you were")


def test_a_tool_decided_about_meanwhile_is_not_decided_again(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts")
    review.disable(actor=SYSTEM, decisions=[review.shown(tool("list_alerts"))])
    confirm(browser, page)
    assert states()["list_alerts"] == "disabled"
    assert "Nothing was changed." in message(browser)


def test_sending_the_decision_twice_counts_once(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts")
    confirm(browser, page)
    confirm(browser, page)
    assert Review.objects.count() == 1
    assert "Nothing was changed." in message(browser)


def test_a_changed_tool_is_approved_as_it_is_now(browser: Client, offered: Server) -> None:
    confirm(browser, choose(browser, "approve", "list_alerts"))
    discover(offered, definition("list_alerts", description="Finds alerts."), *OFFERED[1:])
    assert states()["list_alerts"] == "changed"
    confirm(browser, choose(browser, "approve", "list_alerts"))
    approved = tool("list_alerts")
    assert approved.state == "approved"
    assert approved.approved_revision.definition["description"] == "Finds alerts."


@pytest.mark.parametrize("action", ["approve", "disable"])
def test_a_tool_that_is_gone_can_not_be_decided_about(browser: Client, offered: Server, action: str) -> None:
    discover(offered, *OFFERED[1:])
    page = choose(browser, action, "list_alerts")
    text = page.content.decode()
    assert f"There is nothing to {action} here." in text
    assert "It is removed and can&#x27;t be" in text
    assert 'name="shown"' not in text
    gone = tool("list_alerts")
    forged = json.dumps([[gone.pk, "removed", gone.discovered_revision.digest]])
    browser.post(page.context["action_address"], {"shown": forged, "chosen": [gone.pk]})
    assert states()["list_alerts"] == "removed"
    assert "Nothing was changed." in message(browser)


# --- What is sent is not what the page made ------------------------------------------------------------

DAMAGED = [
    "",
    "x",
    "null",
    "7",
    '"text"',
    "{}",
    '{"0": [1, "pending", "x"]}',
    "[[]]",
    "[[1]]",
    '[[1, "pending"]]',
    '[["a", "pending", "x"]]',
    '[[null, "pending", "x"]]',
    '[[1e400, "pending", "x"]]',
    '[[Infinity, "pending", "x"]]',
    '[[NaN, "pending", "x"]]',
    f'[[{"9" * 30}, "pending", "x"]]',
    f'[[{"9" * 5000}, "pending", "x"]]',
    '[[-1, "pending", "x"]]',
    '[[1, "\\u0000", "\\u0000"]]',
    "[" * 100_000,
    "[[[[[1]]]]]",
    "\0",
]


@pytest.mark.parametrize("shown", DAMAGED, ids=lambda text: text[:30])
def test_a_damaged_page_decides_nothing_and_is_no_fault(browser: Client, offered: Server, shown: str) -> None:
    page = choose(browser, "approve", "list_alerts")
    before = whole_database()
    assert confirm(browser, page, shown=shown).status_code in (200, 302, 400)
    assert whole_database() == before


@pytest.mark.parametrize("ticked", ["x", "9" * 40, "-1", "\0", "", "1.5"])
def test_a_ticked_row_that_is_none_is_no_fault(sam: User, offered: Server, ticked: str) -> None:
    browser = signed_in(sam, raise_request_exception=False)
    before = whole_database()
    for more in ({}, {"index": "0"}, {"index": "0", "shown": "[]"}):
        response = browser.post(LIST, {"action": "approve", "_selected_action": [ticked], **more})
        assert response.status_code in (200, 302, 400)
    assert whole_database() == before


def test_what_was_never_shown_is_not_approved(browser: Client, offered: Server) -> None:
    """A digest that was true once, or the empty one, opens nothing."""
    page = choose(browser, "approve", "list_alerts")
    for digest in ("", "0" * 64, tool("get_alert").discovered_revision.digest):
        forged = json.dumps([[tool("list_alerts").pk, "pending", digest]])
        confirm(browser, page, shown=forged)
    assert set(states().values()) == {"pending"}


def test_a_comment_that_is_too_long_is_kept_and_can_be_shortened(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts")
    response = confirm(browser, page, comment="long " * 500)
    assert response.status_code == 200
    assert shown_value(response, "comment").startswith("long long")
    assert states()["list_alerts"] == "pending"
    assert confirm(browser, response, comment="short").status_code == 302
    assert states()["list_alerts"] == "approved"


def test_a_comment_the_database_can_not_hold_is_said(browser: Client, offered: Server) -> None:
    page = choose(browser, "approve", "list_alerts")
    assert confirm(browser, page, comment="nul\0l").status_code == 200
    assert states()["list_alerts"] == "pending"


# --- Who may not ---------------------------------------------------------------------------------------


def test_who_may_only_look_is_offered_no_action_and_can_send_none(
    browser: Client, offered: Server, vera: User
) -> None:
    looker = signed_in(vera)
    page = looker.get(LIST).content.decode()
    assert "opsgenie_list_alerts" in page
    assert 'value="approve"' not in page
    form = decision_form(choose(browser, "approve", "list_alerts"))
    before = whole_database()
    looker.post(LIST, form)
    choose(looker, "approve", "list_alerts")
    assert whole_database() == before


def test_the_page_of_a_tool_has_nothing_to_change(browser: Client, offered: Server) -> None:
    path = f"{LIST}{tool('list_alerts').pk}/change/"
    assert 'name="_save"' not in browser.get(path).content.decode()
    before = whole_database()
    response = browser.post(path, {"state": "approved", "client_name": "mine", "_save": "Save"})
    assert response.status_code == 403
    assert whole_database() == before
