"""The settings: one page, every change on record, and nobody but a superuser to switch the portal on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditRow, PortalSettings
from clients.models import User
from tests.conftest import make_person, switch_on
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import errors_of, fields_of, submit

PAGE = "/admin/audit/portalsettings/"
FORM = "portalsettings_form"
OFF = "AI access management is off"


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root)


@pytest.fixture
def gina(db: None) -> User:
    """Gina may change the settings, and is no superuser."""
    return make_person("gina", "audit.view_portalsettings", "audit.change_portalsettings", is_staff=True)


def stored() -> PortalSettings:
    return PortalSettings.objects.get()


def changes() -> list[dict[str, Any]]:
    return [row.detail for row in AuditRow.objects.filter(event="settings.changed").order_by("pk")]


def save(browser: Client, **fields: Any) -> Any:
    return submit(browser, PAGE, FORM, **fields)


def text_of(browser: Client, page: str = PAGE) -> str:
    return " ".join(browser.get(page).content.decode().split())


def test_before_anybody_saved_any_it_shows_what_is_shipped(browser: Client) -> None:
    before = whole_database()
    fields = fields_of(browser.get(PAGE), FORM)
    assert "is_active" not in fields, "it is off"
    assert fields["requires_tool_approval"] == ["on"]
    assert fields["allowed_client_kinds"] == ["personal"]
    assert (fields["default_action"], fields["changed_definition"]) == (["destructive"], ["block"])
    assert "Nobody has changed the settings yet" in text_of(browser)
    assert whole_database() == before


def test_a_superuser_activates_the_portal(browser: Client) -> None:
    assert OFF in text_of(browser)
    assert save(browser, is_active="on").status_code == 302
    assert stored().is_active
    assert changes() == [{"before": {"is_active": False}, "after": {"is_active": True}}]
    page = text_of(browser)
    assert OFF not in page
    assert "AI access management: off → <strong>on</strong>" in page


def test_nobody_else_activates_it_and_the_page_says_why(gina: User) -> None:
    browser = signed_in(gina)
    response = browser.get(PAGE)
    assert "is_active" not in fields_of(response, FORM)
    assert "Only a superuser can switch it on" in response.content.decode()
    assert 'name="is_active"' not in response.content.decode()
    save(browser, is_active="on", four_eyes="on")
    assert (stored().is_active, stored().four_eyes) == (False, True)


def test_switching_off_asks_first_and_says_what_stops(gina: User) -> None:
    switch_on()
    browser = signed_in(gina)
    response = save(browser, is_active=None)
    assert list(errors_of(response)) == ["confirms_switching_off"]
    assert "every call of every AI client is refused" in errors_of(response)["confirms_switching_off"][0]
    assert stored().is_active
    sent = fields_of(response, FORM)
    browser.post(PAGE, {**sent, "confirms_switching_off": "on"})
    assert not stored().is_active
    assert changes() == [{"before": {"is_active": True}, "after": {"is_active": False}}]


def test_every_setting_is_saved_and_told_in_words(browser: Client) -> None:
    switch_on()
    new: dict[str, Any] = {
        "requires_tool_approval": None, "default_action": "write", "changed_definition": "accept",
        "four_eyes": "on", "allowed_client_kinds": ["personal", "service"], "client_hidden_days": "2",
        "client_closed_days": "0", "client_deleted_days": "30", "argument_verbosity": "none",
        "discovery_interval_minutes": "15", "shows_requestable_tools": "on", "key_age_days": "0",
    }  # fmt: skip
    assert save(browser, **new).status_code == 302
    assert {name: getattr(stored(), name) for name in new} == {
        "requires_tool_approval": False, "default_action": "write", "changed_definition": "accept",
        "four_eyes": True, "allowed_client_kinds": ["personal", "service"], "client_hidden_days": 2,
        "client_closed_days": 0, "client_deleted_days": 30, "argument_verbosity": "none",
        "discovery_interval_minutes": 15, "shows_requestable_tools": True, "key_age_days": 0,
    }  # fmt: skip
    (row,) = changes()
    assert set(row["after"]) == set(new)
    page = text_of(browser)
    for words in (
        "Require tool approval: on → <strong>off</strong>",
        "Allowed kinds of clients: personal → <strong>personal, service</strong>",
        "Close idle clients after (days): 7 → <strong>never</strong>",
        "When a definition changes: refuse calls until it is reviewed again → <strong>approve the new",
    ):
        assert words in page


def test_saving_without_a_change_leaves_no_row(browser: Client) -> None:
    switch_on()
    assert save(browser).status_code == 302
    assert changes() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_closed_days", "1"),
        ("client_deleted_days", "7"),
        ("client_hidden_days", "-1"),
        ("client_hidden_days", "9" * 30),
        ("client_hidden_days", ""),
        ("key_age_days", "3661"),
        ("discovery_interval_minutes", "0"),
        ("discovery_interval_minutes", "999999999"),
        ("default_action", "anything"),
        ("changed_definition", ""),
        ("argument_verbosity", "\0"),
        ("allowed_client_kinds", ["personal", "martian"]),
        ("shown", None),
    ],
)
def test_a_mistake_is_said_at_its_field(browser: Client, field: str, value: Any) -> None:
    switch_on()
    before = whole_database()
    response = save(browser, **{field: value})
    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert whole_database() == before


def test_what_somebody_else_changed_meanwhile_is_not_undone(browser: Client, gina: User) -> None:
    switch_on()
    old = fields_of(browser.get(PAGE), FORM)
    save(signed_in(gina), four_eyes="on")
    response = browser.post(PAGE, {**old, "key_age_days": "5"}, follow=True)
    assert "Somebody else changed the settings since this page was opened" in response.content.decode()
    assert (stored().four_eyes, stored().key_age_days) == (True, 90)


def test_who_may_only_look_sees_everything_and_sends_nothing(browser: Client, vera: User) -> None:
    save(browser, is_active="on", allowed_client_kinds=["shared"])
    looking = signed_in(vera, raise_request_exception=False)
    page = text_of(looking)
    assert "personal → <strong>shared</strong>" in page
    assert 'name="four_eyes"' not in page
    assert ">Save<" not in page
    before = whole_database()
    assert looking.post(PAGE, {"four_eyes": "on"}).status_code == 403
    assert whole_database() == before


def test_the_history_links_to_rows_only_for_who_may_read_them(browser: Client, gina: User) -> None:
    save(browser, is_active="on")
    link = f"/admin/audit/auditrow/{AuditRow.objects.get(event='settings.changed').pk}/change/"
    assert link in text_of(browser)
    assert link not in text_of(signed_in(gina))


def test_the_history_ends_after_twenty_changes(browser: Client) -> None:
    switch_on()
    for days in range(1, 23):
        save(browser, key_age_days=str(days))
    page = text_of(browser)
    assert page.count("Remind of keys after (days): ") == 20
    assert "days): 2 → <strong>3</strong>" in page
    assert "days): 1 → <strong>2</strong>" not in page


# --- The banner ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["/admin/", "/admin/auth/", "/admin/auth/group/", "/admin/catalog/server/add/"]
)
def test_every_page_says_that_the_portal_is_off_and_where_to_switch_it_on(browser: Client, page: str) -> None:
    found = text_of(browser, page)
    assert f"{OFF}: every call is refused." in found
    assert f'<a href="{PAGE}">Switch it on under Settings</a>' in found
    switch_on()
    assert OFF not in text_of(browser, page)


def test_who_can_not_switch_it_on_is_told_who_can(nora: User, gina: User) -> None:
    assert "Only a superuser can switch it on, under Settings: ask one." in text_of(
        signed_in(nora), "/admin/"
    )
    assert f'ask one to open <a href="{PAGE}">Settings</a>' in text_of(signed_in(gina), "/admin/")


def test_the_sign_in_page_tells_strangers_nothing(db: None) -> None:
    assert OFF not in text_of(Client(), "/admin/login/")
