"""Every address of the admin, for every kind of visitor."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.pages.addresses import Address, every_address
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.world import World

# `login` is a redirect to the sign-in page, `on` one to another page. mia is a member without access to the
# admin, nora may sign in to it and nothing more, vera may look at everything, root is a superuser.
TABLE = """
view                              anonymous  mia    nora  olga  sam  vera  root
index                             login      login  200   200   200  200   200
search                            login      login  200   200   200  200   200
login                             200        200    on    on    on   on    on
logout                            405        405    405   405   405  405   405
password_change                   login      login  200   200   200  200   200
password_change_done              login      login  200   200   200  200   200
autocomplete                      login      login  403   403   403  403   403
jsi18n                            login      login  200   200   200  200   200
view_on_site                      login      login  404   404   404  404   404
unknown address                   login      login  404   404   404  404   404

app_list audit                    login      login  404   404   200  200   200
audit_auditrow_changelist         login      login  403   403   200  200   200
audit_auditrow_add                login      login  403   403   403  403   403
audit_auditrow_change             login      login  403   403   200  200   200
audit_auditrow_delete             login      login  403   403   403  403   403
audit_auditrow_history            login      login  403   403   200  200   200
audit_auditrow_redirect           login      login  on    on    on   on    on
audit_portalsettings_changelist   login      login  403   403   403  200   200
audit_portalsettings_change       login      login  403   403   403  200   200

app_list catalog                  login      login  404   200   404  200   200
catalog_server_changelist         login      login  403   200   403  200   200
catalog_server_add                login      login  403   200   403  403   200
catalog_server_change             login      login  403   200   403  200   200
catalog_server_delete             login      login  403   403   403  403   200
catalog_server_keys               login      login  403   200   403  200   200
catalog_server_reviewers          login      login  403   403   403  200   200
catalog_server_sync_status        login      login  403   200   403  200   200
catalog_server_encryption_keys    login      login  403   200   403  200   200
catalog_server_history            login      login  403   200   403  200   200
catalog_server_redirect           login      login  on    on    on   on    on
catalog_server_sync_now           login      login  403   200   403  403   200
catalog_server_test_keys          login      login  403   200   403  403   200
catalog_server_pause              login      login  403   200   403  403   200
catalog_server_resume             login      login  403   200   403  403   200
catalog_server_stop               login      login  403   403   on   403   on
catalog_syncrun_changelist        login      login  403   200   403  200   200
catalog_syncrun_add               login      login  403   403   403  403   403
catalog_syncrun_change            login      login  403   200   403  200   200
catalog_syncrun_delete            login      login  403   403   403  403   403
catalog_syncrun_history           login      login  403   200   403  200   200
catalog_syncrun_redirect          login      login  on    on    on   on    on

app_list clients                  login      login  404   404   200  200   200
clients_user_changelist           login      login  403   403   403  200   200
clients_user_add                  login      login  403   403   403  403   200
clients_user_change               login      login  403   403   403  200   200
clients_user_delete               login      login  403   403   403  403   200
clients_user_history              login      login  403   403   403  200   200
clients_user_stop                 login      login  403   403   on   403   on
clients_user_redirect             login      login  on    on    on   on    on
auth_user_password_change         login      login  403   403   403  403   200
clients_user_explain              login      login  403   403   on   on    on
clients_client_changelist         login      login  403   403   200  200   200
clients_client_add                login      login  403   403   403  403   403
clients_client_change             login      login  403   403   200  200   200
clients_client_delete             login      login  403   403   403  403   403
clients_client_history            login      login  403   403   200  200   200
clients_client_redirect           login      login  on    on    on   on    on
clients_client_close              login      login  403   403   200  403   200
clients_client_stop               login      login  403   403   on   403   on
clients_client_explain            login      login  403   403   on   on    on
clients_token_changelist          login      login  403   403   200  200   200
clients_token_add                 login      login  403   403   200  403   200
clients_token_change              login      login  403   403   200  200   200
clients_token_delete              login      login  403   403   403  403   403
clients_token_history             login      login  403   403   200  200   200
clients_token_redirect            login      login  on    on    on   on    on
clients_token_revoke              login      login  403   403   200  403   200

app_list auth                     login      login  404   404   404  200   200
auth_group_changelist             login      login  403   403   403  200   200
auth_group_add                    login      login  403   403   403  403   200
auth_group_change                 login      login  403   403   403  200   200
auth_group_delete                 login      login  403   403   403  403   200
auth_group_history                login      login  403   403   403  200   200
auth_group_redirect               login      login  on    on    on   on    on

app_list tools                    login      login  404   404   200  200   200
tools_tool_inbox                  login      login  403   403   200  403   200
tools_tool_inbox_tool             login      login  403   403   200  403   200
tools_tool_undo                   login      login  403   403   404  403   404
tools_tool_bulk_approve           login      login  403   403   200  403   200
tools_tool_bulk_disable           login      login  403   403   200  403   200
tools_tool_bulk_classify          login      login  403   403   200  403   200
tools_tool_changelist             login      login  403   403   200  200   200
tools_tool_add                    login      login  403   403   403  403   403
tools_tool_change                 login      login  403   403   200  200   200
tools_tool_delete                 login      login  403   403   403  403   403
tools_tool_history                login      login  403   403   200  200   200
tools_tool_redirect               login      login  on    on    on   on    on
tools_tool_stop                   login      login  403   403   on   403   on
tools_stop_changelist             login      login  403   403   200  200   200
tools_stop_set                    login      login  403   403   200  403   200
tools_stop_add                    login      login  403   403   403  403   403
tools_stop_change                 login      login  403   403   200  200   200
tools_stop_delete                 login      login  403   403   403  403   403
tools_stop_history                login      login  403   403   200  200   200
tools_stop_redirect               login      login  on    on    on   on    on
tools_stop_lift                   login      login  403   403   200  403   200
tools_tool_revision               login      login  403   403   200  200   200
tools_tool_settings               login      login  403   403   200  403   200
tools_explain                     login      login  403   403   200  200   200
tools_toolset_changelist          login      login  403   403   200  200   200
tools_toolset_add                 login      login  403   403   200  403   200
tools_toolset_change              login      login  403   403   200  200   200
tools_toolset_delete              login      login  403   403   200  403   200
tools_toolset_history             login      login  403   403   200  200   200
tools_toolset_redirect            login      login  on    on    on   on    on
tools_toolset_preview             login      login  403   403   200  200   200
tools_accessprofile_changelist    login      login  403   403   200  200   200
tools_accessprofile_add           login      login  403   403   200  403   200
tools_accessprofile_change        login      login  403   403   200  200   200
tools_accessprofile_delete        login      login  403   403   200  403   200
tools_accessprofile_history       login      login  403   403   200  200   200
tools_accessprofile_redirect      login      login  on    on    on   on    on
tools_grant_changelist            login      login  403   403   200  200   200
tools_grant_add                   login      login  403   403   200  403   200
tools_grant_change                login      login  403   403   200  200   200
tools_grant_delete                login      login  403   403   403  403   403
tools_grant_history               login      login  403   403   200  200   200
tools_grant_redirect              login      login  on    on    on   on    on
tools_grant_end                   login      login  403   403   200  403   200
tools_accessrequest_changelist    login      login  403   403   200  200   200
tools_accessrequest_add           login      login  403   403   403  403   403
tools_accessrequest_change        login      login  403   403   200  200   200
tools_accessrequest_delete        login      login  403   403   403  403   403
tools_accessrequest_history       login      login  403   403   200  200   200
tools_accessrequest_redirect      login      login  on    on    on   on    on
tools_accessrequest_approve       login      login  403   403   200  403   200
tools_accessrequest_refuse        login      login  403   403   200  403   200
"""

_HEAD, *_LINES = [line.split() for line in TABLE.splitlines() if line]
VISITORS = _HEAD[1:]
EXPECTED = {
    " ".join(line[: -len(VISITORS)]): dict(zip(VISITORS, line[-len(VISITORS) :], strict=True))
    for line in _LINES
}

# May be sent by anybody who can open them, whatever else they may do: they change nothing but a session or
# one's own password, or say the same as a GET.
HARMLESS = (
    "login", "logout", "autocomplete", "password_change", "search", "jsi18n", "view_on_site", "index",
    "app_list", "unknown address", "_sync_status", "_encryption_keys",
    "_history", "_changelist", "_redirect", "_done", "_preview",
    "_explain", "_revision",
)  # fmt: skip


@pytest.fixture(params=VISITORS)
def visitor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser(visitor: str, world: World, request: pytest.FixtureRequest) -> Client:
    options: dict[str, Any] = {"raise_request_exception": False}
    if visitor == "anonymous":
        return Client(**options)
    return signed_in(request.getfixturevalue(visitor), **options)


def outcome(response: Any) -> str:
    if response.status_code == 302:
        return "login" if response["Location"].startswith("/admin/login/") else "on"
    return str(response.status_code)


def test_the_table_has_a_line_for_every_address_and_no_other(world: World) -> None:
    assert {address.name for address in every_address(world)} == set(EXPECTED)


def test_opening(visitor: str, browser: Client, world: World) -> None:
    addresses = [address for address in every_address(world) if address.name != "logout"]
    found = {address.name: outcome(browser.get(address.path)) for address in addresses}
    assert found == {name: EXPECTED[name][visitor] for name in found}


def test_sending_is_refused_where_opening_is(visitor: str, browser: Client, world: World) -> None:
    # The page for autocompletion refuses whoever sends anything.
    addresses = [
        address
        for address in every_address(world)
        if address.name not in ("logout", "autocomplete")
        and EXPECTED[address.name][visitor] in ("login", "403", "404")
    ]
    before = whole_database()
    found = {address.name: outcome(browser.post(address.path, FORM)) for address in addresses}
    assert found == {address.name: EXPECTED[address.name][visitor] for address in addresses}
    assert whole_database() == before


# What dialogs, forms and confirmations send when they mean it.
FORM = {"_form_submitted": "on", "post": "yes", "action": "approve", "name": "Mine now", "username": "mine",
        "password1": "a very long password", "password2": "a very long password"}  # fmt: skip


@pytest.mark.parametrize("visitor", ["nora", "vera"], indirect=True)
def test_who_may_only_look_can_send_nothing(visitor: str, browser: Client, world: World) -> None:
    def is_harmless(address: Address) -> bool:
        return address.name.startswith(HARMLESS) or address.name.endswith(HARMLESS)

    before = whole_database()
    found = {
        address.name: outcome(browser.post(address.path, FORM))
        for address in every_address(world)
        if not is_harmless(address)
    }
    assert set(found.values()) == {"403"}, found
    assert whole_database() == before


def test_nothing_is_taken_from_another_site(root: Any, world: World) -> None:
    """A form that some other page sends has no token of ours."""
    browser = signed_in(root, enforce_csrf_checks=True, raise_request_exception=False)
    before = whole_database()
    for address in every_address(world):
        assert outcome(browser.post(address.path, FORM)) == "403", address
    assert whole_database() == before


@pytest.mark.parametrize(
    "object_id",
    ["0", "-1", "9" * 30, "abc", "00000000-0000-4000-8000-000000000000", "1.5", "None", "%00", "%C3%A9",
     "1'--", "_", "_5F", "%2e%2e", "1%2F2"],
)  # fmt: skip
def test_an_object_that_is_not_there_is_no_fault(root: Any, world: World, object_id: str) -> None:
    browser = signed_in(root, raise_request_exception=False)
    before = whole_database()
    for address in every_address(world, object_id):
        if not address.of_object:
            continue
        assert outcome(browser.get(address.path)) in ("200", "on", "403", "404"), address
        assert outcome(browser.post(address.path, FORM)) in ("on", "403", "404"), address
    assert whole_database() == before
