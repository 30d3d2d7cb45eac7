"""Who has access and who called what is told to those who may see it; others learn how many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve, give, switch_on
from tests.connectors import connector, few_tools
from tests.pages.conftest import signed_in
from tests.pages.inbox import preview
from tests.roles import holder_of
from tests.wire import connect
from tools import reviewers, stops
from tools.models import Stop

__all__ = ["connector", "few_tools"]
EXPLAIN = "/admin/tools/tool/explain/"


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_reviewer_of_one_server_learns_how_many_gain_access(
    few_tools: Server, mia: User, sam: User
) -> None:
    switch_on()
    give(mia, "opsgenie_get_alert")
    reviewer = holder_of("reviewer")
    reviewers.assign(actor=SYSTEM, server=few_tools, reviewers=[reviewer])
    page = text(preview(signed_in(reviewer), "approve"))
    assert "1 person gains 1 tool." in page
    assert "mia" not in page
    assert "<li>mia: gains opsgenie_get_alert</li>" in text(preview(signed_in(sam), "approve"))


@pytest.fixture
def stopped(few_tools: Server, mia: User) -> Stop:
    """A stop of the whole gateway that refused a call of mia's."""
    approve("opsgenie_get_alert")
    give(mia, "opsgenie_get_alert")
    client = connect(mia)
    stop = stops.set_stop(actor=SYSTEM, stop=Stop(level="gateway", reason="An incident."))
    client.call("opsgenie_get_alert", {"identifier": "1"})
    return stop


def test_an_operator_learns_how_many_calls_a_stop_refused(stopped: Stop) -> None:
    operator = signed_in(holder_of("operator"))
    for address in ("/admin/tools/stop/", f"/admin/tools/stop/{stopped.pk}/change/"):
        page = text(operator.get(address))
        assert "mia" not in page, address
        assert "By person and tool" not in page, address
        assert "By person and tool" in text(signed_in(holder_of_auditor()).get(address)), address


def holder_of_auditor() -> User:
    found = User.objects.filter(username="auditor").first()
    return found or holder_of("auditor")


@pytest.fixture
def browser(sam: User, mia: User) -> Client:
    """sam explains access, but may not look at people."""
    return signed_in(sam)


@pytest.mark.parametrize("part", ["mi", "MIA@example.com", "example"])
def test_explaining_access_is_no_list_of_people(browser: Client, sam: User, part: str) -> None:
    page = text(browser.get(EXPLAIN, {"person": part}))
    assert f"No person has “{part}” in its name." in page
    assert "mia@example.com" not in page
    sam.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert "mia" in text(browser.get(EXPLAIN, {"person": part})).replace(f'value="{part}"', "")


def test_somebody_named_in_full_is_explained(browser: Client) -> None:
    assert "No person has" not in text(browser.get(EXPLAIN, {"person": "mia"}))
