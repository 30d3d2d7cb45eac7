"""With *four eyes* on, a severe change counts once two reviewers approved the same definition."""

from __future__ import annotations

import pytest

from audit.actor import Actor
from catalog.models import Server
from clients.models import User
from tests.conftest import approve, make_person, switch_on, sync
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tools import review
from tools.models import Review, Tool
from tools.review import Classification, ReviewRefused


@pytest.fixture
def rosa(db: None) -> User:
    return make_person("rosa", "tools.review_tool")


@pytest.fixture
def severe(connector: SmallOpsgenie, few_tools: Server) -> Server:
    """get_alert sends its request elsewhere; list_alerts is only reworded."""
    switch_on(four_eyes=True)
    approve("opsgenie_get_alert", "opsgenie_list_alerts")
    connector.change("get_alert", path="/v2/elsewhere")
    connector.change("list_alerts", description="Finds alerts.")
    sync(few_tools)
    return few_tools


def tool(name: str = "get_alert") -> Tool:
    return Tool.objects.select_related("discovered_revision", "approved_revision").get(name=name)


def approve_as(person: User, *names: str, **more: object) -> list[Tool]:
    decisions = [review.shown(tool(name)) for name in names or ("get_alert",)]
    return review.approve(actor=Actor.person(person), decisions=decisions, **more)  # type: ignore[arg-type]


def test_the_first_endorses_and_the_second_approves(severe: Server, sam: User, rosa: User) -> None:
    served = tool().approved_revision
    approve_as(sam)
    assert (tool().state, tool().approved_revision) == ("changed", served)
    approve_as(rosa)
    assert (tool().state, tool().approved_revision) == ("approved", tool().discovered_revision)
    assert list(Review.objects.filter(tool=tool()).order_by("pk").values_list("decision", "reviewer")) == [
        ("approve", "tests"), ("endorse", "sam"), ("approve", "rosa"),
    ]  # fmt: skip


def test_the_same_person_twice_is_refused(severe: Server, sam: User) -> None:
    approve_as(sam)
    before = everything()
    with pytest.raises(ReviewRefused, match="somebody else must too"):
        approve_as(sam)
    assert everything() == before


def test_what_is_not_severe_takes_one(severe: Server, sam: User) -> None:
    approve_as(sam, "list_alerts", "get_alert")
    assert (tool("list_alerts").state, tool("get_alert").state) == ("approved", "changed")


def test_a_tool_that_was_never_approved_takes_one(severe: Server, sam: User) -> None:
    approve_as(sam, "create_alert")
    assert tool("create_alert").state == "approved"


def test_without_the_setting_one_is_enough(severe: Server, sam: User) -> None:
    switch_on(four_eyes=False)
    approve_as(sam)
    assert tool().state == "approved"


def test_disabling_takes_one(severe: Server, sam: User) -> None:
    review.disable(actor=Actor.person(sam), decisions=[review.shown(tool())])
    assert tool().state == "disabled"


def test_what_was_disabled_and_approved_again_still_takes_two(severe: Server, sam: User, rosa: User) -> None:
    approve_as(sam)
    review.disable(actor=Actor.person(rosa), decisions=[review.shown(tool())])
    approve_as(rosa)
    assert tool().state == "disabled", "what sam approved was before"
    approve_as(sam)
    assert tool().state == "approved"


def test_another_definition_begins_anew(
    connector: SmallOpsgenie, severe: Server, sam: User, rosa: User
) -> None:
    approve_as(sam)
    connector.change("get_alert", path="/v2/yet/elsewhere")
    sync(severe)
    approve_as(rosa)
    assert tool().state == "changed"


def test_an_undone_first_approval_does_not_count(severe: Server, sam: User, rosa: User) -> None:
    since = tool().state_since
    approve_as(sam)
    review.undo(actor=Actor.person(sam), batch=Review.objects.latest("pk").batch)
    assert tool().state_since == since
    approve_as(rosa)
    assert tool().state == "changed"
    approve_as(sam)
    assert tool().state == "approved"


def test_a_classification_given_with_the_first_approval_is_kept(severe: Server, sam: User) -> None:
    approve_as(sam, classification=Classification(tightened_action="write", risk="sensitive"))
    assert (tool().state, tool().tightened_action, tool().risk) == ("changed", "write", "sensitive")
