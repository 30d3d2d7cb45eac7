"""Undoing at the same moment as something else: one of the two happens, never half of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from audit.actor import Actor
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, make_person, sync
from tests.connectors import SmallOpsgenie
from tests.database import everything
from tests.threads import Beside
from tools import review
from tools.models import Review, Tool
from tools.review import ReviewRefused, Shown

NAMES = ("get_alert", "list_alerts", "create_alert")


def seen(*names: str) -> list[Shown]:
    found = Tool.objects.select_related("discovered_revision").filter(name__in=names)
    return [review.shown(tool) for tool in found]


def states() -> set[str]:
    return set(Tool.objects.filter(name__in=NAMES).values_list("state", flat=True))


def outcome_of(work: Callable[[], Any]) -> str:
    """Either "done" or "refused"."""
    try:
        work()
    except ReviewRefused:
        return "refused"
    return "done"


@pytest.mark.django_db(transaction=True)
def test_of_two_undos_at_once_one_undoes(few_tools: Server, sam: User) -> None:
    actor = Actor.person(sam)
    review.approve(actor=actor, decisions=seen(*NAMES))
    batch = Review.objects.latest("pk").batch
    beside = [Beside(lambda: outcome_of(lambda: review.undo(actor=actor, batch=batch))) for _ in range(3)]
    assert sorted(thread.result() for thread in beside) == ["done", "refused", "refused"]
    assert states() == {"pending"}
    assert Review.objects.filter(decision="undo").count() == len(NAMES)


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_another_decision_at_once(few_tools: Server, sam: User) -> None:
    actor = Actor.person(sam)
    review.approve(actor=actor, decisions=seen(*NAMES))
    batch = Review.objects.latest("pk").batch
    approved = seen(*NAMES)
    undoing = Beside(lambda: outcome_of(lambda: review.undo(actor=actor, batch=batch)))
    disabling = Beside(lambda: outcome_of(lambda: review.disable(actor=SYSTEM, decisions=approved)))
    outcome = undoing.result(), disabling.result()
    assert outcome in {("done", "refused"), ("refused", "done")}
    assert states() == ({"pending"} if outcome[0] == "done" else {"disabled"})


def test_one_that_moved_on_keeps_all_from_being_undone(few_tools: Server, sam: User) -> None:
    actor = Actor.person(sam)
    review.approve(actor=actor, decisions=seen(*NAMES))
    batch = Review.objects.latest("pk").batch
    review.disable(actor=SYSTEM, decisions=seen("list_alerts"))
    before = everything()
    with pytest.raises(ReviewRefused, match="Something happened to opsgenie_list_alerts since"):
        review.undo(actor=actor, batch=batch)
    assert everything() == before


def test_a_new_definition_since_keeps_it_from_being_undone(
    connector: SmallOpsgenie, few_tools: Server, sam: User
) -> None:
    actor = Actor.person(sam)
    review.approve(actor=actor, decisions=seen(*NAMES))
    batch = Review.objects.latest("pk").batch
    connector.change("get_alert", description="Reworded.")
    sync(few_tools)
    before = everything()
    with pytest.raises(ReviewRefused, match="Something happened to opsgenie_get_alert since"):
        review.undo(actor=actor, batch=batch)
    assert everything() == before


def test_an_undo_is_not_undone(few_tools: Server, sam: User) -> None:
    actor = Actor.person(sam)
    review.approve(actor=actor, decisions=seen(*NAMES))
    review.undo(actor=actor, batch=Review.objects.latest("pk").batch)
    approve("opsgenie_get_alert")
    with pytest.raises(PermissionDenied):
        review.undo(actor=actor, batch=Review.objects.latest("pk").batch)


def test_who_lost_the_permission_meanwhile_undoes_nothing(few_tools: Server) -> None:
    rita = make_person("rita", "tools.review_tool")
    review.approve(actor=Actor.person(rita), decisions=seen(*NAMES))
    rita.user_permissions.clear()
    rita = type(rita).objects.get(pk=rita.pk)
    before = everything()
    with pytest.raises(PermissionDenied):
        review.undo(actor=Actor.person(rita), batch=Review.objects.latest("pk").batch)
    assert everything() == before
