"""The first of two approvals counts while who gave it may still review the tool."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission

from audit.actor import Actor
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, make_person, switch_on, sync
from tests.connectors import SmallOpsgenie
from tools import inbox, review, reviewers
from tools.models import Tool


@pytest.fixture
def rosa(db: None) -> User:
    return make_person("rosa", "tools.review_assigned_tool")


@pytest.fixture
def endorsed(connector: SmallOpsgenie, few_tools: Server, rosa: User) -> Server:
    """get_alert changed severely, and rosa, who reviews its server, approved that as the first."""
    switch_on(four_eyes=True)
    approve("opsgenie_get_alert")
    connector.change("get_alert", path="/v2/elsewhere")
    sync(few_tools)
    reviewers.assign(actor=SYSTEM, server=few_tools, reviewers=[rosa])
    approve_as(rosa)
    return few_tools


def tool() -> Tool:
    return Tool.objects.select_related("discovered_revision").get(name="get_alert")


def approve_as(person: User) -> None:
    review.approve(actor=Actor.person(person), decisions=[review.shown(tool())])


def deactivate(rosa: User, server: Server) -> None:
    User.objects.filter(pk=rosa.pk).update(is_active=False)


def take_the_permission(rosa: User, server: Server) -> None:
    rosa.user_permissions.remove(Permission.objects.get(codename="review_assigned_tool"))


def unassign(rosa: User, server: Server) -> None:
    reviewers.assign(actor=SYSTEM, server=server, reviewers=[])


def delete(rosa: User, server: Server) -> None:
    rosa.delete()


@pytest.mark.parametrize("lose", [deactivate, take_the_permission, unassign, delete])
def test_of_somebody_who_may_not_any_more_it_does_not_count(
    endorsed: Server, rosa: User, sam: User, lose: Callable[[User, Server], None]
) -> None:
    lose(rosa, endorsed)
    (entry,) = inbox.entries([tool().pk])
    assert entry.endorsement is None
    approve_as(sam)
    assert tool().state == "changed", "sam is the first of two"
    (entry,) = inbox.entries([tool().pk])
    assert entry.endorsement is not None
    assert entry.endorsement.reviewer == "sam"


def test_of_somebody_who_still_may_it_counts(endorsed: Server, rosa: User, sam: User) -> None:
    approve_as(sam)
    assert tool().state == "approved"
