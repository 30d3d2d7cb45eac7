"""A form that was right when it was checked, and no longer is when it is saved, is refused in words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from catalog.models import Server
from clients.models import User
from tests.conftest import make_person
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import submit
from tests.pages.world import World
from tools.models import AccessProfile, Grant, Toolset


@contextlib.contextmanager
def just_before_saving(somebody_else: Callable[[], Any]) -> Iterator[None]:
    """Let somebody else's change commit after the form was checked: when the verb begins to write."""
    waiting = [somebody_else]

    def watch(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if waiting and "audit_policyepoch" in sql and sql.startswith("UPDATE"):
            waiting.pop()()
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert not waiting, "nothing was saved"


def race(browser: Client, path: str, form: str, somebody_else: Callable[[], Any], **typed: Any) -> str:
    """Send a form while somebody else does something; the message that follows."""
    with just_before_saving(somebody_else):
        response = submit(browser, path, form, **typed)
    assert (response.status_code, response["Location"]) == (302, path)
    return " ".join(str(note) for note in browser.get(path).context["messages"])


@pytest.fixture
def browser(root: User) -> Client:
    return signed_in(root)


def test_the_same_grant(browser: Client, world: World, mia: User) -> None:
    fields = {"profile": world.grant.profile, "user": mia, "approver": "sam"}
    said = race(
        browser, "/admin/tools/grant/add/", "grant_form",
        lambda: Grant.objects.create(reason="quicker", **fields),
        profile=str(world.grant.profile.pk), user=str(mia.pk), reason="slower",
    )  # fmt: skip
    assert said == "Nothing was changed. mia already holds On call. End that grant first."
    # Here both are of one transaction, so that what was quicker is rolled back with the rest.
    assert not Grant.objects.filter(user=mia).exists()


NAMED: list[tuple[str, str, dict[str, str], Callable[[], Any]]] = [
    ("/admin/tools/toolset/add/", "toolset_form", {"name": "Same"},
     lambda: Toolset.objects.create(name="Same")),
    ("/admin/tools/accessprofile/add/", "accessprofile_form", {"name": "Same"},
     lambda: AccessProfile.objects.create(name="Same")),
    ("/admin/auth/group/add/", "group_form", {"name": "Same"}, lambda: Group.objects.create(name="Same")),
    ("/admin/clients/user/add/", "user_form",
     {"username": "same", "email": "same@example.com", "password1": "a canary password",
      "password2": "a canary password"}, lambda: make_person("same")),
    ("/admin/catalog/server/add/?connector=opsgenie", "server_form",
     {"name": "Same", "prefix": "same", "secret_text": "canary-key-canary-key"},
     lambda: Server.objects.create(name="Same", prefix="other", base_url="https://a.example")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "form", "typed", "somebody_else"), NAMED, ids=lambda value: str(value)[:40])
def test_the_same_name(
    browser: Client, path: str, form: str, typed: dict[str, str], somebody_else: Callable[[], Any]
) -> None:
    said = race(browser, path, form, somebody_else, **typed)
    assert said.startswith("Nothing was changed. Somebody saved the same at the same moment.")
    assert "canary" not in said + repr(whole_database())
