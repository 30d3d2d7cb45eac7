"""A profile's ceiling and argument limits, set on its page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditRow
from clients.models import User
from tests.pages.conftest import signed_in
from tests.pages.forms import fields_of, submit
from tests.pages.world import World
from tools.models import AccessProfile, ArgumentLimit

LIMIT = '{"properties": {"query": {"const": "team: payments"}}}'


def page_of(world: World) -> str:
    return f"/admin/tools/accessprofile/{world.grant.profile.pk}/change/"


def with_limit(world: World, schema: str, **more: Any) -> dict[str, Any]:
    return {
        "argument_limits-TOTAL_FORMS": "1",
        "argument_limits-0-tool": str(world.tool.pk),
        "argument_limits-0-schema": schema,
        "argument_limits-0-profile": str(world.grant.profile.pk),
        **more,
    }


def test_a_limit_is_saved_with_the_profile_and_on_record(browser: Client, world: World) -> None:
    response = submit(browser, page_of(world), "accessprofile_form", **with_limit(world, LIMIT))
    assert response.status_code == 302
    limit = ArgumentLimit.objects.get()
    assert (limit.tool, limit.schema) == (world.tool, {"properties": {"query": {"const": "team: payments"}}})
    row = AuditRow.objects.get(event="profile.changed", actor_name="sam")
    assert row.detail["after"] == {"argument_limits": {"opsgenie_list_alerts": limit.schema}}

    shown = fields_of(browser.get(page_of(world)), "accessprofile_form")
    assert "team: payments" in "".join(shown["argument_limits-0-schema"])
    submit(browser, page_of(world), "accessprofile_form", **{"argument_limits-0-DELETE": "on"})
    assert not ArgumentLimit.objects.exists()


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{", "This is no JSON"),
        ("[" * 5_000, "This is no JSON"),
        ("[]", "Enter a JSON object"),
        ('{"type": "nonsense"}', "no valid JSON Schema"),
        ('{"$ref": "https://example.com/schema"}', "no valid JSON Schema"),
        ('{"properties": 5}', "no valid JSON Schema"),
    ],
)
def test_a_bad_schema_is_said_at_its_field(browser: Client, world: World, schema: str, said: str) -> None:
    response = submit(browser, page_of(world), "accessprofile_form", **with_limit(world, schema))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not ArgumentLimit.objects.exists()


def test_two_limits_of_one_tool_are_refused(browser: Client, world: World) -> None:
    second = {
        "argument_limits-TOTAL_FORMS": "2",
        "argument_limits-1-tool": str(world.tool.pk),
        "argument_limits-1-schema": LIMIT,
        "argument_limits-1-profile": str(world.grant.profile.pk),
    }
    response = submit(browser, page_of(world), "accessprofile_form", **with_limit(world, LIMIT, **second))
    assert response.status_code == 200
    assert "duplicate" in response.content.decode()


def test_narrowing_says_who_loses_what_first(browser: Client, world: World) -> None:
    profile = AccessProfile.objects.get()
    asked = submit(browser, page_of(world), "accessprofile_form", toolsets=[])
    page = asked.content.decode()
    assert "This takes tools away from people" in page
    assert "1 person loses 1 tool" in page
    assert "holder" in page
    assert profile.toolsets.exists()
    assert browser.post(page_of(world), fields_of(asked)).status_code == 302
    assert not profile.toolsets.exists()


def test_widening_asks_nothing(browser: Client, world: World) -> None:
    response = submit(browser, page_of(world), "accessprofile_form", allows_dangerous="on")
    assert response.status_code == 302


def test_deleting_says_who_loses_what(browser: Client, world: World) -> None:
    page = browser.get(page_of(world).replace("change", "delete")).content.decode()
    assert "1 person loses 1 tool" in page
    assert "0 calls of theirs in the last 30 days would have been refused" in page


def test_who_may_only_look_sees_the_limits(browser: Client, world: World, vera: User) -> None:
    submit(browser, page_of(world), "accessprofile_form", **with_limit(world, LIMIT))
    assert "team: payments" in signed_in(vera).get(page_of(world)).content.decode()
