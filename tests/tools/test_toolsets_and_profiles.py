from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, give
from tests.database import everything
from tools import profiles, toolsets
from tools.models import AccessProfile, Grant, Tool, Toolset
from tools.reach import holds_by_rule

READS = ["opsgenie_get_alert", "opsgenie_list_alerts"]


def tools(*names: str) -> list[Tool]:
    return list(Tool.objects.filter(client_name__in=names))


def test_a_set_holds_exactly_what_was_chosen(few_tools: Server) -> None:
    reading = toolsets.save(actor=SYSTEM, toolset=Toolset(name="Reading"), tools=tools(*READS))
    assert [tool.client_name for tool in reading.tools.all()] == READS
    toolsets.save(actor=SYSTEM, toolset=reading, tools=tools("opsgenie_count_alerts"))
    assert [tool.client_name for tool in Toolset.objects.get(name="Reading").tools.all()] == [
        "opsgenie_count_alerts"
    ]
    created, changed = AuditRow.objects.filter(object_name="Reading").order_by("pk")
    assert created.detail == {"after": {"name": "Reading", "description": "", "tools": READS}}
    assert changed.detail == {"before": {"tools": READS}, "after": {"tools": ["opsgenie_count_alerts"]}}


@pytest.mark.parametrize("kind", ["all_approved", "read"])
def test_a_set_that_keeps_itself_is_not_kept_by_hand(few_tools: Server, kind: str) -> None:
    automatic = Toolset.objects.get(kind=kind)
    before = everything()
    with pytest.raises(ValidationError, match="keeps itself"):
        toolsets.save(actor=SYSTEM, toolset=automatic, tools=tools(*READS))
    with pytest.raises(ValidationError, match="keeps itself"):
        toolsets.delete(actor=SYSTEM, toolset=automatic)
    assert everything() == before


def test_no_two_sets_or_profiles_have_one_name(db: None) -> None:
    toolsets.save(actor=SYSTEM, toolset=Toolset(name="Reading"), tools=[])
    profiles.save(actor=SYSTEM, profile=AccessProfile(name="On call"), toolsets=[])
    before = everything()
    with pytest.raises(ValidationError):
        toolsets.save(actor=SYSTEM, toolset=Toolset(name="Reading"), tools=[])
    with pytest.raises(ValidationError):
        profiles.save(actor=SYSTEM, profile=AccessProfile(name="On call"), toolsets=[])
    assert everything() == before


def test_a_deleted_set_is_told_with_what_it_held(few_tools: Server) -> None:
    reading = toolsets.save(actor=SYSTEM, toolset=Toolset(name="Reading"), tools=tools(*READS))
    toolsets.delete(actor=SYSTEM, toolset=reading)
    row = AuditRow.objects.get(event="toolset.deleted")
    assert (row.object_name, row.detail["before"]["tools"]) == ("Reading", READS)
    assert not Toolset.objects.filter(name="Reading").exists()


def test_a_deleted_profile_takes_its_grants_and_says_so(few_tools: Server, mia: User, otto: User) -> None:
    grant = give(mia, *READS)
    other = give(otto, *READS, profile="Another")
    profiles.delete(actor=SYSTEM, profile=grant.profile)
    assert list(Grant.objects.all()) == [other]
    row = AuditRow.objects.get(event="profile.deleted")
    assert row.detail["before"]["grants"] == ["On call for mia"]
    assert row.detail["before"]["toolsets"] == ["On call tools"]


def test_a_profile_is_told_by_the_names_of_its_sets(few_tools: Server) -> None:
    automatic = list(Toolset.objects.all())
    profile = profiles.save(actor=SYSTEM, profile=AccessProfile(name="On call"), toolsets=automatic)
    profiles.save(actor=SYSTEM, profile=profile, toolsets=automatic[:1])
    row = AuditRow.objects.get(event="profile.changed")
    assert row.detail == {
        "before": {"toolsets": ["opsgenie: All approved tools", "opsgenie: Read tools"]},
        "after": {"toolsets": ["opsgenie: All approved tools"]},
    }


@pytest.mark.parametrize(
    ("kind", "with_server"), [("custom", True), ("all_approved", False), ("read", False)]
)
def test_the_database_ties_automatic_sets_to_servers(few_tools: Server, kind: str, with_server: bool) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Toolset.objects.create(name="x", kind=kind, server=few_tools if with_server else None)


def test_the_database_keeps_one_automatic_set_a_kind(few_tools: Server) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Toolset.objects.create(name="x", kind="read", server=few_tools)


@pytest.mark.parametrize("rule", [{}, {"domains": []}, {"unheard_of": ["alerts"]}])
def test_a_rule_that_says_nothing_known_holds_nothing(few_tools: Server, rule: dict[str, Any]) -> None:
    """The verb refuses it; the decision doesn't lean on that."""
    (tool,) = approve("opsgenie_get_alert")
    toolset = Toolset.objects.create(name="Everything?", kind="rule", rule=rule)
    assert not holds_by_rule(toolset, tool)
