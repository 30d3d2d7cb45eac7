"""A form that was opened before somebody narrowed access must not widen it again."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import SYSTEM
from tests.pages.forms import fields_of
from tests.pages.world import World
from tools import profiles, toolsets
from tools.models import AccessProfile, ArgumentLimit, Tool, Toolset

SAID = "Somebody else changed On call"


def send(browser: Client, path: str, form: dict[str, list[str]], **changes: str) -> str:
    return browser.post(path, {**form, "_confirmed": "yes", **changes}, follow=True).content.decode()


@pytest.fixture
def profile(world: World) -> AccessProfile:
    return world.grant.profile


def test_it_neither_lifts_a_ceiling_nor_deletes_a_limit(
    browser: Client, world: World, profile: AccessProfile
) -> None:
    path = f"/admin/tools/accessprofile/{profile.pk}/change/"
    opened_before = fields_of(browser.get(path), "accessprofile_form")
    profile.ceiling = AccessProfile.Ceiling.READ
    profiles.save(
        actor=SYSTEM,
        profile=profile,
        toolsets=profile.toolsets.all(),
        argument_limits={world.tool: {"required": ["query"]}},
    )
    assert SAID in send(browser, path, opened_before, description="New words.")
    stored = AccessProfile.objects.get(pk=profile.pk)
    assert (stored.ceiling, stored.description) == ("read", "")
    assert ArgumentLimit.objects.filter(profile=profile).exists()

    opened_now = fields_of(browser.get(path), "accessprofile_form")
    send(browser, path, opened_now, description="New words.")
    stored = AccessProfile.objects.get(pk=profile.pk)
    assert (stored.ceiling, stored.description) == ("read", "New words.")


def test_it_puts_no_tool_back_into_a_set(browser: Client, world: World, profile: AccessProfile) -> None:
    toolset = Toolset.objects.get(name="On call tools")
    path = f"/admin/tools/toolset/{toolset.pk}/change/"
    opened_before = fields_of(browser.get(path), "toolset_form")
    toolsets.save(actor=SYSTEM, toolset=toolset, tools=Tool.objects.none())
    assert SAID in send(browser, path, opened_before)
    assert not toolset.tools.exists()


def test_leaving_the_digest_out_is_no_way_round(
    browser: Client, world: World, profile: AccessProfile
) -> None:
    path = f"/admin/tools/accessprofile/{profile.pk}/change/"
    form = fields_of(browser.get(path), "accessprofile_form")
    form.pop("shown")
    assert SAID in send(browser, path, form, description="New words.")
    assert AccessProfile.objects.get(pk=profile.pk).description == ""
