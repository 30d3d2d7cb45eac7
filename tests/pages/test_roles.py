"""Which pages of the admin each role that comes with the product opens."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from clients import roles
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.test_who_may_open_which_page import outcome
from tests.pages.world import World
from tests.roles import ROLES, holder_of, table

# The first line that fits an address counts; `*` stands for any text. `login` is a redirect to the sign-in
# page, `on` one to another page: a member has no access to the admin at all.
PAGES = """
page                    governance  reviewer  operator  auditor  member
login                   on          on        on        on       200
autocomplete            403         403       403       403      login
view_on_site            404         404       404       404      login
unknown_address         404         404       404       404      login
index                   200         200       200       200      login
search                  200         200       200       200      login
jsi18n                  200         200       200       200      login
password_change*        200         200       200       200      login
*_redirect              on          on        on        on       login

app_list_audit          200         404       404       200      login
audit_auditrow_add      403         403       403       403      login
audit_auditrow_delete   403         403       403       403      login
audit_*                 200         403       403       200      login

app_list_catalog        200         200       200       200      login
catalog_server_add      200         403       200       403      login
catalog_server_delete   200         403       200       403      login
catalog_server_encryption_keys  200  403      200       200      login
catalog_server_keys     200         403       200       200      login
catalog_server_reviewers  200       200       403       200      login
*_stop                  on          403       403       403      login
catalog_server_sync_now   200       403       200       403      login
catalog_server_test_keys  200       403       200       403      login
catalog_server_pause    200         403       200       403      login
catalog_server_resume   200         403       200       403      login
catalog_server_*        200         200       200       200      login
catalog_syncrun_add     403         403       403       403      login
catalog_syncrun_delete  403         403       403       403      login
catalog_syncrun_*       200         403       200       200      login

app_list_auth           200         404       404       200      login
app_list_clients        200         404       404       200      login
auth_user_password_change  403      403       403       403      login
auth_group_add          403         403       403       403      login
auth_group_delete       403         403       403       403      login
auth_group_*            200         403       403       200      login
clients_*_explain       on          403       403       on       login
clients_user_add        403         403       403       403      login
clients_user_delete     403         403       403       403      login
clients_user_*          200         403       403       200      login
clients_client_add      403         403       403       403      login
clients_client_delete   403         403       403       403      login
clients_client_close    200         403       403       403      login
clients_client_*        200         403       403       200      login
clients_token_delete    403         403       403       403      login
clients_token_add       200         403       403       403      login
clients_token_revoke    200         403       403       403      login
clients_token_*         200         403       403       200      login

app_list_tools          200         200       200       200      login
tools_stop_set          200         403       403       403      login
tools_stop_lift         200         403       403       403      login
tools_stop_add          403         403       403       403      login
tools_stop_delete       403         403       403       403      login
tools_stop_*            200         403       200       200      login
tools_tool_inbox        200         200       403       403      login
tools_tool_inbox_tool   200         403       403       403      login
tools_tool_undo         404         404       403       403      login
tools_tool_bulk_*       200         200       403       403      login
tools_tool_add          403         403       403       403      login
tools_tool_delete       403         403       403       403      login
tools_tool_settings     200         403       403       403      login
tools_tool_*            200         200       200       200      login
tools_grant_delete      403         403       403       403      login
tools_grant_end         200         403       403       403      login
tools_accessrequest_add      403    403       403       403      login
tools_accessrequest_delete   403    403       403       403      login
tools_accessrequest_approve  200    403       403       403      login
tools_accessrequest_refuse   200    403       403       403      login
tools_*_add             200         403       403       403      login
tools_*_delete          200         403       403       403      login
tools_*                 200         403       403       200      login
"""


def test_every_role_has_a_column() -> None:
    assert set(ROLES.values()) == roles.NAMES


@pytest.mark.parametrize("column", ROLES)
def test_which_pages_a_role_opens(world: World, column: str) -> None:
    lines = table(PAGES)
    browser = signed_in(holder_of(column), raise_request_exception=False)
    expected, found = {}, {}
    for address in every_address(world):
        name = address.name.replace(" ", "_")
        if name == "logout":
            continue
        line = next((known for known in lines if fnmatchcase(name, known)), None)
        assert line, f"{name} needs a line in the table"
        expected[name] = lines[line][column]
        found[name] = outcome(browser.get(address.path))
    assert found == expected
