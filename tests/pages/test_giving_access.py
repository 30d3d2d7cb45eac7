"""Toolsets, access profiles and grants: made, changed and ended on their pages, each with its audit row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tests.conftest import SYSTEM, approve
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import errors_of, fields_of, submit
from tests.pages.world import definition, discover
from tools import profiles, toolsets
from tools.models import AccessProfile, Grant, Tool, Toolset

ADD_GRANT = "/admin/tools/grant/add/"
NAMES = ("list_alerts", "get_alert", "list_teams")


@pytest.fixture
def tools(server: Server) -> dict[str, str]:
    """The ids of three tools by name."""
    discover(server, *map(definition, NAMES))
    approve("opsgenie_list_alerts")
    return {tool.name: str(tool.pk) for tool in Tool.objects.all()}


@pytest.fixture
def profile(tools: dict[str, str]) -> AccessProfile:
    basics = toolsets.save(
        actor=SYSTEM, toolset=Toolset(name="Basics"), tools=Tool.objects.filter(pk=tools["list_alerts"])
    )
    return profiles.save(actor=SYSTEM, profile=AccessProfile(name="On call"), toolsets=[basics])


def audited(*events: str) -> list[AuditRow]:
    return list(AuditRow.objects.filter(event__in=events, actor_name="sam").order_by("pk"))


# --- Toolsets ------------------------------------------------------------------------------------------


def test_a_toolset_from_beginning_to_end(browser: Client, tools: dict[str, str]) -> None:
    add = "/admin/tools/toolset/add/"
    submit(browser, add, "toolset_form", name="Alerts", tools=[tools["list_alerts"], tools["get_alert"]])
    toolset = Toolset.objects.get(name="Alerts")
    page = f"/admin/tools/toolset/{toolset.pk}/"
    assert sorted(fields_of(browser.get(f"{page}change/"), "toolset_form")["tools"]) == sorted(
        [tools["list_alerts"], tools["get_alert"]]
    )
    submit(browser, f"{page}change/", "toolset_form", description="For alerts", tools=[tools["list_teams"]])
    assert [tool.name for tool in toolset.tools.all()] == ["list_teams"]
    browser.post(f"{page}delete/", {"post": "yes"})
    assert not Toolset.objects.filter(name="Alerts").exists()

    rows = audited("toolset.created", "toolset.changed", "toolset.deleted")
    assert [row.event for row in rows] == ["toolset.created", "toolset.changed", "toolset.deleted"]
    assert {row.object_name for row in rows} == {"Alerts"}
    assert rows[0].detail["after"]["tools"] == ["opsgenie_get_alert", "opsgenie_list_alerts"]
    assert rows[1].detail == {
        "before": {"description": "", "tools": ["opsgenie_get_alert", "opsgenie_list_alerts"]},
        "after": {"description": "For alerts", "tools": ["opsgenie_list_teams"]},
    }
    assert rows[2].detail["before"]["tools"] == ["opsgenie_list_teams"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "n" * 121}),
        ("name", {"name": "Basics"}),
        ("name", {"name": "a\0b"}),
        ("description", {"description": "d" * 301}),
        ("tools", {"tools": ["999999"]}),
        ("tools", {"tools": ["x"]}),
    ],
)
def test_a_mistake_in_a_toolset_is_said_at_its_field(
    browser: Client, profile: AccessProfile, field: str, changes: dict[str, Any]
) -> None:
    before = whole_database()
    response = submit(browser, "/admin/tools/toolset/add/", "toolset_form", **{"name": "New", **changes})
    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert whole_database() == before


def test_a_number_too_large_for_the_database_is_no_fault(sam: User, profile: AccessProfile) -> None:
    browser = signed_in(sam, raise_request_exception=False)
    before = whole_database()
    huge = "9" * 40
    for path, form, field in (
        ("/admin/tools/toolset/add/", "toolset_form", "tools"),
        ("/admin/tools/accessprofile/add/", "accessprofile_form", "toolsets"),
        (ADD_GRANT, "grant_form", "user"),
        (ADD_GRANT, "grant_form", "profile"),
        ("/admin/clients/token/add/", "token_form", "owner"),
    ):
        response = submit(browser, path, form, **{"name": "New", field: [huge]})
        assert response.status_code in (200, 400), path
    assert whole_database() == before


@pytest.mark.parametrize("kind", ["all_approved", "read"])
def test_a_set_that_keeps_itself_can_be_looked_at_only(
    browser: Client, tools: dict[str, str], kind: str
) -> None:
    page = f"/admin/tools/toolset/{Toolset.objects.get(kind=kind).pk}/"
    assert 'name="_save"' not in browser.get(f"{page}change/").content.decode()
    before = whole_database()
    changed = browser.post(f"{page}change/", {"name": "Mine", "tools": [tools["list_teams"]]})
    deleted = browser.post(f"{page}delete/", {"post": "yes"})
    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert whole_database() == before


def test_the_kind_and_server_of_a_set_can_not_be_sent(
    browser: Client, server: Server, tools: dict[str, str]
) -> None:
    add = "/admin/tools/toolset/add/"
    response = submit(browser, add, "toolset_form", name="Sly", kind="all_approved")
    assert list(errors_of(response)) == ["kind"]
    submit(browser, add, "toolset_form", name="Sly", server=str(server.pk))
    sly = Toolset.objects.get(name="Sly")
    assert (sly.kind, sly.server) == ("custom", None)


# --- Access profiles -----------------------------------------------------------------------------------


def test_a_profile_from_beginning_to_end(browser: Client, profile: AccessProfile) -> None:
    basics = Toolset.objects.get(name="Basics")
    submit(browser, "/admin/tools/accessprofile/add/", "accessprofile_form", name="Readers")
    readers = AccessProfile.objects.get(name="Readers")
    page = f"/admin/tools/accessprofile/{readers.pk}/"
    submit(browser, f"{page}change/", "accessprofile_form", toolsets=[str(basics.pk)])
    assert list(readers.toolsets.all()) == [basics]
    browser.post(f"{page}delete/", {"post": "yes"})
    assert list(AccessProfile.objects.all()) == [profile]

    rows = audited("profile.created", "profile.changed", "profile.deleted")
    assert [row.event for row in rows] == ["profile.created", "profile.changed", "profile.deleted"]
    assert rows[1].detail == {"before": {"toolsets": []}, "after": {"toolsets": ["Basics"]}}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "On call"}),
        ("name", {"name": "n" * 81}),
        ("name", {"name": "a\0b"}),
        ("description", {"description": "d" * 301}),
        ("toolsets", {"toolsets": ["999999"]}),
    ],
)
def test_a_mistake_in_a_profile_is_said_at_its_field(
    browser: Client, profile: AccessProfile, field: str, changes: dict[str, Any]
) -> None:
    before = whole_database()
    path = "/admin/tools/accessprofile/add/"
    response = submit(browser, path, "accessprofile_form", **{"name": "New", **changes})
    assert list(errors_of(response)) == [field]
    assert whole_database() == before


# --- Grants --------------------------------------------------------------------------------------------


def grant(browser: Client, held: AccessProfile, **changes: Any) -> Any:
    typed = {"profile": str(held.pk), "reason": "On call this week.", **changes}
    return submit(browser, ADD_GRANT, "grant_form", **typed)


def test_a_grant_to_a_person(browser: Client, profile: AccessProfile, mia: User) -> None:
    assert grant(browser, profile, user=str(mia.pk)).status_code == 302
    given = Grant.objects.get()
    assert (given.user, given.group, given.approver, given.ends_at) == (mia, None, "sam", None)
    (row,) = audited("grant.given")
    assert row.object_name == "On call for mia"
    assert {name: row.detail["after"][name] for name in ("profile", "holder", "reason", "until")} == {
        "profile": "On call",
        "holder": "mia",
        "reason": "On call this week.",
        "until": None,
    }


def test_a_grant_to_a_group_for_a_time(browser: Client, profile: AccessProfile) -> None:
    group = Group.objects.create(name="Responders")
    tomorrow = timezone.now().replace(microsecond=0) + timedelta(days=1)
    until = {"ends_at_0": f"{tomorrow:%Y-%m-%d}", "ends_at_1": f"{tomorrow:%H:%M:%S}"}
    grant(browser, profile, group=str(group.pk), **until)
    given = Grant.objects.get()
    assert (given.group, given.ends_at) == (group, tomorrow)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("__all__", {}),
        ("__all__", {"user": "mia", "group": "group"}),
        ("ends_at", {"user": "mia", "ends_at_0": "2020-01-01", "ends_at_1": "00:00:00"}),
        ("profile", {"profile": "", "user": "mia"}),
        ("profile", {"profile": "999999", "user": "mia"}),
        ("user", {"user": "999999"}),
        ("reason", {"user": "mia", "reason": ""}),
        ("reason", {"user": "mia", "reason": "r" * 301}),
        ("reason", {"user": "mia", "reason": "a\0b"}),
        ("starts_at", {"user": "mia", "starts_at_0": "", "starts_at_1": ""}),
        ("starts_at", {"user": "mia", "starts_at_0": "soon", "starts_at_1": "00:00"}),
        ("ends_at", {"user": "mia", "ends_at_0": "2026-13-45", "ends_at_1": "00:00"}),
        ("ends_at", {"user": "mia", "ends_at_0": "9" * 40, "ends_at_1": "9" * 40}),
    ],
)
def test_a_mistake_in_a_grant_is_said_at_its_field(
    browser: Client, profile: AccessProfile, mia: User, field: str, changes: dict[str, Any]
) -> None:
    ids = {"mia": str(mia.pk), "group": str(Group.objects.create(name="Responders").pk)}
    before = whole_database()
    response = grant(browser, profile, **{name: ids.get(value, value) for name, value in changes.items()})
    assert response.status_code == 200
    assert field in errors_of(response)
    assert whole_database() == before


def test_what_somebody_holds_is_not_given_twice(browser: Client, profile: AccessProfile, mia: User) -> None:
    grant(browser, profile, user=str(mia.pk))
    response = grant(browser, profile, user=str(mia.pk))
    assert errors_of(response)["__all__"] == ["mia already holds On call. End that grant first."]
    assert Grant.objects.count() == 1


def test_the_approver_can_not_be_chosen(browser: Client, profile: AccessProfile, mia: User) -> None:
    grant(browser, profile, user=str(mia.pk), approver="root", created_at="2020-01-01")
    assert Grant.objects.get().approver == "sam"


def test_ending_a_grant_and_ending_it_again(browser: Client, profile: AccessProfile, mia: User) -> None:
    grant(browser, profile, user=str(mia.pk))
    page = f"/admin/tools/grant/{Grant.objects.get().pk}/"
    for _ in range(2):
        response = browser.post(f"{page}end/", fields_of(browser.get(f"{page}end/")))
        assert response["HX-Redirect"] == f"{page}change/"
    assert Grant.objects.get().ends_at <= timezone.now()
    assert len(audited("grant.ended")) == 1
    notes = [str(note) for note in browser.get(f"{page}change/").context["messages"]]
    assert notes[-2:] == ["Ended: On call for mia.", "On call for mia had already ended."]


def test_a_grant_is_never_edited(browser: Client, profile: AccessProfile, mia: User, otto: User) -> None:
    grant(browser, profile, user=str(mia.pk))
    page = f"/admin/tools/grant/{Grant.objects.get().pk}/"
    before = whole_database()
    assert browser.post(f"{page}change/", {"user": str(otto.pk), "reason": "x"}).status_code == 403
    assert browser.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert whole_database() == before


def test_the_list_says_which_grants_are_live(browser: Client, profile: AccessProfile, mia: User) -> None:
    now = timezone.now()
    fields = {"profile": profile, "user": mia, "approver": "sam"}
    Grant.objects.create(reason="live one", starts_at=now - timedelta(days=1), **fields)
    Grant.objects.create(
        reason="past one", starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1), **fields
    )
    Grant.objects.create(reason="coming one", starts_at=now + timedelta(days=1), **fields)
    page = browser.get("/admin/tools/grant/").content.decode()
    rows = page.split("<tr")
    said = {
        reason: word
        for reason, word in (("live one", "live"), ("past one", "ended"), ("coming one", "not begun"))
        for row in rows
        if f">{reason}<" in row or f"{reason}\n" in row
        if word in row
    }
    assert said == {"live one": "live", "past one": "ended", "coming one": "not begun"}
