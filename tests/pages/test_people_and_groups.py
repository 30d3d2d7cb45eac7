"""Accounts, groups and passwords: every change is on record, and no password or hash ever is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from audit.models import AuditRow
from clients import roles
from clients.models import User
from tests.conftest import make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import errors_of, submit

ADD = "/admin/clients/user/add/"
FORM = "user_form"
PASSWORD = "canary-password-17"
NEW = "canary-password-93"
OLD = "a long enough password"  # what tests.conftest gives everybody


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root)


@pytest.fixture(autouse=True)
def no_password_in_the_log(db: None) -> Any:
    """After each test: nothing that somebody typed, and no hash, is in any audit row."""
    yield
    rows = repr([row.__dict__ for row in AuditRow.objects.all()])
    for secret in (PASSWORD, NEW, OLD, *User.objects.values_list("password", flat=True)):
        assert not secret or secret not in rows


def page_of(person: User) -> str:
    return f"/admin/clients/user/{person.pk}/change/"


def password_page_of(person: User) -> str:
    return f"/admin/clients/user/{person.pk}/password/"


def changes_of(person: User) -> list[dict[str, Any]]:
    return [
        row.detail
        for row in AuditRow.objects.filter(event="user.changed", object_id=str(person.pk)).order_by("pk")
    ]


def add(browser: Client, **changes: Any) -> Any:
    data = {"username": "ines", "email": "ines@example.com", "password1": PASSWORD, "password2": PASSWORD}
    return submit(browser, ADD, FORM, **{**data, **changes})


def test_a_new_person_is_on_record(browser: Client) -> None:
    response = add(browser)
    assert response.status_code == 302
    ines = User.objects.get(username="ines")
    assert ines.check_password(PASSWORD)
    assert (ines.is_staff, ines.is_superuser) == (False, False)
    row = AuditRow.objects.get(event="user.created")
    assert (row.actor_name, row.object_name) == ("root", "ines")
    assert row.detail["after"]["email"] == "ines@example.com"


def test_a_person_without_a_password_can_be_added(browser: Client) -> None:
    add(browser, usable_password="false", password1="", password2="")
    assert not User.objects.get(username="ines").has_usable_password()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": ""}),
        ("username", {"username": "root"}),
        ("username", {"username": "ROOT"}),
        ("username", {"username": "n" * 151}),
        ("username", {"username": "with space"}),
        ("username", {"username": "a\0b"}),
        ("email", {"email": ""}),
        ("email", {"email": "nonsense"}),
        ("email", {"email": "Root@Example.COM"}),
        ("email", {"email": "a\0b@example.com"}),
        ("email", {"email": "a" * 250 + "@example.com"}),
        ("password2", {"password2": "something else"}),
        ("password2", {"password1": "short", "password2": "short"}),
        ("password2", {"password1": "ines@example.com", "password2": "ines@example.com"}),
    ],
)
def test_a_mistake_in_a_new_account_is_said_at_its_field(
    browser: Client, field: str, changes: dict[str, Any]
) -> None:
    response = add(browser, **changes)
    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert User.objects.count() == 1
    assert PASSWORD not in response.content.decode()


def test_changed_fields_are_on_record_with_before_and_after(browser: Client, mia: User) -> None:
    submit(browser, page_of(mia), FORM, first_name="Mia", is_staff="on")
    mia.refresh_from_db()
    assert (mia.first_name, mia.is_staff) == ("Mia", True)
    assert changes_of(mia) == [
        {"before": {"first_name": "", "is_staff": False}, "after": {"first_name": "Mia", "is_staff": True}}
    ]


def test_saving_without_a_change_leaves_no_row(browser: Client, mia: User) -> None:
    assert submit(browser, page_of(mia), FORM).status_code == 302
    assert changes_of(mia) == []


def test_deactivating_is_on_record(browser: Client, mia: User) -> None:
    submit(browser, page_of(mia), FORM, is_active=None)
    assert not User.objects.get(pk=mia.pk).is_active
    assert changes_of(mia) == [{"before": {"is_active": True}, "after": {"is_active": False}}]


def test_groups_and_permissions_given_are_on_record_by_name(browser: Client, mia: User) -> None:
    group = Group.objects.create(name="Responders")
    permission = Permission.objects.get(codename="view_tool")
    submit(browser, page_of(mia), FORM, groups=[str(group.pk)], user_permissions=[str(permission.pk)])
    assert list(mia.groups.all()) == [group]
    assert mia.has_perm("tools.view_tool")
    assert changes_of(mia) == [
        {
            "before": {"groups": [], "permissions": []},
            "after": {"groups": ["Responders"], "permissions": ["tools.view_tool"]},
        }
    ]


@pytest.mark.parametrize("address", ["OTTO@example.com", "otto@EXAMPLE.com"])
def test_the_address_of_somebody_else_is_said_at_its_field(
    browser: Client, mia: User, otto: User, address: str
) -> None:
    response = submit(browser, page_of(mia), FORM, email=address)
    assert response.status_code == 200
    assert list(errors_of(response)) == ["email"]
    assert User.objects.get(pk=mia.pk).email == "mia@example.com"


def test_a_page_about_a_person_shows_no_hash(browser: Client, mia: User) -> None:
    for page in (page_of(mia), password_page_of(mia), "/admin/clients/user/"):
        text = browser.get(page).content.decode()
        assert mia.password not in text
        assert mia.password.rpartition("$")[2] not in text


def test_a_password_can_not_be_sent_to_the_page_of_a_person(browser: Client, mia: User) -> None:
    submit(browser, page_of(mia), FORM, password="md5$x$y", first_name="Mia")
    mia.refresh_from_db()
    assert mia.check_password(OLD)


# --- Passwords -----------------------------------------------------------------------------------------


def test_a_password_set_for_somebody_is_on_record_as_changed(browser: Client, mia: User) -> None:
    response = submit(browser, password_page_of(mia), FORM, password1=NEW, password2=NEW)
    assert response.status_code == 302
    assert User.objects.get(pk=mia.pk).check_password(NEW)
    assert changes_of(mia) == [{"password": "changed"}]
    assert AuditRow.objects.get(event="user.changed").actor_name == "root"


@pytest.mark.parametrize("second", ["something else", ""])
def test_a_refused_password_leaves_no_row(browser: Client, mia: User, second: str) -> None:
    response = submit(browser, password_page_of(mia), FORM, password1=NEW, password2=second)
    assert response.status_code == 200
    assert NEW not in response.content.decode()
    assert User.objects.get(pk=mia.pk).check_password(OLD)
    assert changes_of(mia) == []


def test_a_password_taken_away_is_on_record(browser: Client, mia: User) -> None:
    fields = {"usable_password": "false", "unset-password": "1"}
    submit(browser, password_page_of(mia), FORM, **fields, password1="", password2="")
    assert not User.objects.get(pk=mia.pk).has_usable_password()
    assert changes_of(mia) == [{"password": "changed"}]


def change_own(browser: Client, old: str, new: str, again: str) -> Any:
    return browser.post(
        "/admin/password_change/", {"old_password": old, "new_password1": new, "new_password2": again}
    )


def test_ones_own_new_password_is_on_record(nora: User) -> None:
    browser = signed_in(nora)
    assert change_own(browser, OLD, NEW, NEW).status_code == 302
    assert User.objects.get(pk=nora.pk).check_password(NEW)
    (row,) = AuditRow.objects.filter(event="user.changed")
    assert (row.actor_name, row.object_name, row.detail) == ("nora", "nora", {"password": "changed"})
    assert browser.get("/admin/").status_code == 200, "and one stays signed in"


@pytest.mark.parametrize(("old", "new", "again"), [("wrong", NEW, NEW), (OLD, NEW, "other"), (OLD, "x", "x")])
def test_ones_own_refused_password_leaves_no_row(nora: User, old: str, new: str, again: str) -> None:
    response = change_own(signed_in(nora), old, new, again)
    assert response.status_code == 200
    assert User.objects.get(pk=nora.pk).check_password(OLD)
    assert not AuditRow.objects.exists()


def test_a_password_page_that_was_refused_changes_nothing_at_all(nora: User) -> None:
    browser = signed_in(nora)
    before = whole_database()
    change_own(browser, "wrong", NEW, NEW)
    assert whole_database() == before


# --- Groups --------------------------------------------------------------------------------------------


def test_a_group_is_on_record_from_beginning_to_end(browser: Client) -> None:
    view, review = (Permission.objects.get(codename=name) for name in ("view_tool", "review_tool"))
    submit(browser, "/admin/auth/group/add/", "group_form", name="Reviewers", permissions=[str(view.pk)])
    group = Group.objects.exclude(name__in=roles.NAMES).get()
    page = f"/admin/auth/group/{group.pk}/"
    submit(browser, f"{page}change/", "group_form", permissions=[str(view.pk), str(review.pk)])
    browser.post(f"{page}delete/", {"post": "yes"})

    rows = AuditRow.objects.filter(event__startswith="group.").order_by("pk")
    assert [(row.event, row.actor_name, row.object_name) for row in rows] == [
        ("group.created", "root", "Reviewers"),
        ("group.changed", "root", "Reviewers"),
        ("group.deleted", "root", "Reviewers"),
    ]
    assert rows[0].detail["after"] == {"name": "Reviewers", "permissions": ["tools.view_tool"]}
    assert rows[1].detail == {
        "before": {"permissions": ["tools.view_tool"]},
        "after": {"permissions": ["tools.review_tool", "tools.view_tool"]},
    }
    assert not Group.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize("name", ["", "n" * 151, "a\0b", "Taken"])
def test_a_mistake_in_a_group_is_said_at_its_field(browser: Client, name: str) -> None:
    Group.objects.create(name="Taken")
    response = submit(browser, "/admin/auth/group/add/", "group_form", name=name)
    assert list(errors_of(response)) == ["name"]
    assert Group.objects.exclude(name__in=roles.NAMES).count() == 1


# --- Who may not ---------------------------------------------------------------------------------------


def test_who_may_only_add_people_can_not_change_them(mia: User) -> None:
    browser = signed_in(
        make_person("adder", "clients.add_user", "clients.view_user", is_staff=True),
        raise_request_exception=False,
    )
    assert browser.post(ADD, {"username": "ines", "email": "ines@example.com"}).status_code == 403
    assert browser.post(page_of(mia), {"username": "mia", "is_superuser": "on"}).status_code == 403
    assert browser.post(password_page_of(mia), {"password1": NEW, "password2": NEW}).status_code == 403
    assert not User.objects.get(pk=mia.pk).is_superuser
