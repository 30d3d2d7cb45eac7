"""What the upstream took away, and what was sent back to review, isn't brought back into use by an undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.actor import Actor
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, sync
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tools import review
from tools.models import Review, Tool
from tools.review import Classification, ReviewRefused


def tool() -> Tool:
    return Tool.objects.select_related("discovered_revision").get(name="get_alert")


def disable_as(person: User) -> None:
    review.disable(actor=Actor.person(person), decisions=[review.shown(tool())])


def refuse_undo(person: User) -> None:
    before = everything()
    with pytest.raises(ReviewRefused):
        review.undo(actor=Actor.person(person), batch=Review.objects.latest("pk").batch)
    assert everything() == before


def test_a_tool_that_was_removed_since(connector: SmallOpsgenie, few_tools: Server, sam: User) -> None:
    approve("opsgenie_get_alert")
    disable_as(sam)
    del connector.offered["get_alert"]
    sync(few_tools)
    assert tool().state == "removed"
    refuse_undo(sam)


def test_a_tool_that_was_removed_and_came_back(
    connector: SmallOpsgenie, few_tools: Server, sam: User
) -> None:
    approve("opsgenie_get_alert")
    disable_as(sam)
    definition = connector.offered.pop("get_alert")
    sync(few_tools)
    connector.offered["get_alert"] = definition
    sync(few_tools)
    assert tool().state == "pending"
    refuse_undo(sam)


def test_an_approval_that_ended_since(few_tools: Server, sam: User) -> None:
    approve("opsgenie_get_alert")
    review.classify(
        actor=Actor.person(sam),
        decisions=[review.shown(tool())],
        classification=Classification(risk="sensitive"),
    )
    Tool.objects.filter(name="get_alert").update(approval_expires_at=timezone.now() - timedelta(seconds=1))
    review.expire_approvals(actor=SYSTEM)
    assert tool().state == "pending"
    refuse_undo(sam)


def test_an_undo_itself(few_tools: Server, sam: User) -> None:
    review.approve(actor=Actor.person(sam), decisions=[review.shown(tool())])
    review.undo(actor=Actor.person(sam), batch=Review.objects.latest("pk").batch)
    assert tool().state == "pending"
    refuse_undo(sam)
