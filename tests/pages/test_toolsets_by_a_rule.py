"""A set by a rule is made on its page, previewed there, and holds what fits from then on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditRow
from catalog.connectors.base import Action
from catalog.models import Server
from clients.models import User
from tests.conftest import approve, switch_on
from tests.pages.conftest import signed_in
from tests.pages.forms import errors_of, fields_of, submit
from tests.pages.world import definition, discover
from tools import policy
from tools.models import AccessProfile, Grant, Tool, Toolset
from tools.reach import holds_by_rule

ADD = "/admin/tools/toolset/add/"


@pytest.fixture
def offered(server: Server) -> Server:
    discover(
        server,
        definition("list_alerts"),
        definition("close_alert", action=Action.WRITE, method="POST"),
        definition("list_teams", domain="teams"),
    )
    approve("opsgenie_list_alerts", "opsgenie_list_teams")
    return server


def held(toolset: Toolset) -> list[str]:
    tools = Tool.objects.select_related("server", "approved_revision")
    return sorted(tool.name for tool in tools if holds_by_rule(toolset, tool))


def make(browser: Client, **fields: Any) -> Any:
    return submit(browser, ADD, "toolset_form", name="Alert readers", kind="rule", **fields)


def test_it_holds_what_fits_now_and_later(browser: Client, offered: Server) -> None:
    make(browser, domains=["alerts"], servers=[str(offered.pk)])
    toolset = Toolset.objects.get(name="Alert readers")
    assert toolset.rule == {"domains": ["alerts"], "servers": [offered.pk]}
    assert held(toolset) == ["list_alerts"]
    approve("opsgenie_close_alert")
    assert held(toolset) == ["close_alert", "list_alerts"]
    row = AuditRow.objects.get(event="toolset.created", object_name="Alert readers")
    assert row.detail["after"]["rule"] == {"domains": ["alerts"], "servers": [offered.pk]}


def test_a_changed_rule_counts_at_once(browser: Client, offered: Server, mia: User) -> None:
    switch_on()
    make(browser, domains=["alerts", "teams"])
    toolset = Toolset.objects.get(name="Alert readers")
    profile = AccessProfile.objects.create(name="Readers")
    profile.toolsets.add(toolset)
    Grant.objects.create(profile=profile, user=mia, reason="x", approver="x")

    def names() -> list[str]:
        return [tool.name for tool in policy.tools_of_person(mia, timezone.now())]

    assert names() == ["list_alerts", "list_teams"]
    page = f"/admin/tools/toolset/{toolset.pk}/change/"
    asked = submit(browser, page, "toolset_form", domains=["teams"])
    assert "1 person loses 1 tool" in asked.content.decode()
    assert names() == ["list_alerts", "list_teams"], "nothing is saved before it is confirmed"
    browser.post(page, fields_of(asked))
    assert names() == ["list_teams"]


def test_a_rule_that_says_nothing_is_refused(browser: Client, offered: Server) -> None:
    assert list(errors_of(make(browser))) == ["domains"]
    assert not Toolset.objects.filter(name="Alert readers").exists()


@pytest.mark.parametrize(
    "part", [{"domains": ["no such"]}, {"servers": ["999999"]}, {"servers": ["x"]}, {"actions": ["\0"]}]
)
def test_what_does_not_exist_is_refused(browser: Client, offered: Server, part: dict[str, Any]) -> None:
    assert list(errors_of(make(browser, **part))) == list(part)


def test_the_preview_shows_what_is_approved_and_fits(browser: Client, offered: Server) -> None:
    def preview(query: str) -> str:
        return browser.get(f"/admin/tools/toolset/preview/?{query}").content.decode()

    assert "1 tool" in preview("domains=teams")
    assert "opsgenie_list_teams" in preview("domains=teams")
    assert "opsgenie_close_alert" not in preview("domains=alerts")
    assert "Tick at least one" in preview("")
    assert "Tick at least one" in preview("domains=%00&servers=9999999999999999999999&servers=x")


def test_the_set_shows_what_it_holds_to_whoever_may_only_look(
    browser: Client, offered: Server, vera: User
) -> None:
    make(browser, domains=["teams"])
    toolset = Toolset.objects.get(name="Alert readers")
    page = signed_in(vera).get(f"/admin/tools/toolset/{toolset.pk}/change/").content.decode()
    assert "opsgenie_list_teams" in page
