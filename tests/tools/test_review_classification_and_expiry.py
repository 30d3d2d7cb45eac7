"""A reviewer's word can only be stricter than the connector's; an approval for a time ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditRow
from catalog.connectors.base import Action as ConnectorAction
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, give, switch_on, sync
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tools import review, tasks
from tools.models import Action, Review, Tool
from tools.policy import access_of_everyone
from tools.review import Classification, ReviewRefused

#: One of each discovered action, by upstream name.
ONE_OF_EACH = {"read": "get_alert", "write": "create_alert", "destructive": "delete_team"}


def tool(name: str) -> Tool:
    return Tool.objects.select_related("discovered_revision", "approved_revision").get(name=name)


def classify(name: str, **classification: str) -> Tool:
    (classified,) = review.classify(
        actor=SYSTEM, decisions=[review.shown(tool(name))], classification=Classification(**classification)
    )
    return classified


@pytest.mark.parametrize("discovered", list(Action))
@pytest.mark.parametrize("wanted", list(Action))
def test_an_action_can_only_be_tightened(few_tools: Server, discovered: Action, wanted: Action) -> None:
    name = ONE_OF_EACH[discovered]
    assert tool(name).action == discovered
    before = everything()
    if wanted.rank < discovered.rank:
        with pytest.raises(ValidationError) as caught:
            classify(name, tightened_action=wanted.value)
        assert list(caught.value.message_dict) == ["tightened_action"]
        assert everything() == before
        return
    classify(name, tightened_action=wanted.value)
    assert tool(name).effective_action == wanted
    assert tool(name).tightened_action == ("" if wanted == discovered else wanted.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("tightened_action", "none"), ("tightened_action", "\0"), ("risk", "harmless"), ("risk", "")],
)
def test_a_word_that_is_none_is_refused(few_tools: Server, field: str, value: str) -> None:
    before = everything()
    with pytest.raises(ValidationError) as caught:
        classify("get_alert", **{field: value})
    assert list(caught.value.message_dict) == [field]
    assert everything() == before


def test_a_stricter_word_can_be_taken_back_and_each_word_stays_alone(few_tools: Server) -> None:
    classify("get_alert", tightened_action="destructive", risk="dangerous")
    classify("get_alert", tightened_action="")
    assert (tool("get_alert").effective_action, tool("get_alert").risk) == (Action.READ, "dangerous")
    classify("get_alert", risk="normal")
    assert (tool("get_alert").tightened_action, tool("get_alert").risk) == ("", "normal")


def test_one_that_would_be_milder_refuses_them_all(few_tools: Server) -> None:
    before = everything()
    with pytest.raises(ValidationError, match="delete_team"):
        review.classify(
            actor=SYSTEM,
            decisions=[review.shown(tool(name)) for name in ("get_alert", "delete_team")],
            classification=Classification(tightened_action="write"),
        )
    assert everything() == before


def test_a_stricter_word_survives_a_new_definition(connector: SmallOpsgenie, few_tools: Server) -> None:
    approve("opsgenie_get_alert")
    classify("get_alert", tightened_action="write")
    connector.change("get_alert", description="Reworded.")
    sync(few_tools)
    approve("opsgenie_get_alert")
    assert tool("get_alert").effective_action == Action.WRITE


# --- For a time ----------------------------------------------------------------------------------------


def test_an_approval_ends_at_its_moment_and_the_tick_sends_the_tool_back(
    few_tools: Server, mia: User
) -> None:
    give(mia, "opsgenie_get_alert")
    switch_on()
    end = timezone.now() + timedelta(days=30)
    (approved,) = review.approve(actor=SYSTEM, decisions=[review.shown(tool("get_alert"))], expires_at=end)
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert approved.pk in access_of_everyone(timezone.now())[mia.pk]
        tasks.end_what_is_over()
        assert tool("get_alert").state == "approved"
    with time_machine.travel(end, tick=False):
        # Before any tick has run.
        assert mia.pk not in access_of_everyone(timezone.now())
        assert tool("get_alert").state == "approved"
        tasks.end_what_is_over()
        returned = tool("get_alert")
        assert (returned.state, returned.state_since) == ("pending", end)
        row = AuditRow.objects.latest("pk")
        assert (row.event, row.actor_name, row.tool_name) == (
            "tool.approval_expired", "schedule", "opsgenie_get_alert",
        )  # fmt: skip
        rows = AuditRow.objects.count()
        tasks.end_what_is_over()
        assert AuditRow.objects.count() == rows


@pytest.mark.parametrize("seconds", [0, -1, -86_400])
def test_an_end_in_the_past_is_refused(few_tools: Server, seconds: int) -> None:
    before = everything()
    with pytest.raises(ValidationError) as caught:
        review.approve(
            actor=SYSTEM,
            decisions=[review.shown(tool("get_alert"))],
            expires_at=timezone.now() + timedelta(seconds=seconds),
        )
    assert list(caught.value.message_dict) == ["expires_at"]
    assert everything() == before


def test_approving_again_without_an_end_takes_the_end_away(few_tools: Server) -> None:
    end = timezone.now() + timedelta(days=30)
    review.approve(actor=SYSTEM, decisions=[review.shown(tool("get_alert"))], expires_at=end)
    with time_machine.travel(end + timedelta(minutes=1), tick=False):
        review.expire_approvals(actor=SYSTEM)
        approve("opsgenie_get_alert")
        assert tool("get_alert").approval_expires_at is None
        assert tool("get_alert").state == "approved"


def test_an_expiry_can_not_be_undone_by_undoing_the_approval(few_tools: Server, sam: User) -> None:
    end = timezone.now() + timedelta(seconds=30)
    review.approve(actor=Actor.person(sam), decisions=[review.shown(tool("get_alert"))], expires_at=end)
    with time_machine.travel(end, tick=False):
        review.expire_approvals(actor=SYSTEM)
        before = everything()
        with pytest.raises(ReviewRefused, match="Something happened"):
            review.undo(actor=Actor.person(sam), batch=Review.objects.get().batch)
    assert tool("get_alert").state == "pending"
    assert everything() == before


def test_a_stricter_word_than_what_is_served_counts_while_that_is_served(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    """The definition that waits says "write" itself; the served one still says "read"."""
    switch_on(changed_definition="serve_approved")
    approve("opsgenie_get_alert")
    connector.change("get_alert", action=ConnectorAction.WRITE)
    sync(few_tools)
    assert tool("get_alert").effective_action == Action.READ
    review.classify(
        actor=SYSTEM,
        decisions=[review.shown(tool("get_alert"))],
        classification=Classification(tightened_action="write"),
    )
    assert tool("get_alert").effective_action == Action.WRITE
