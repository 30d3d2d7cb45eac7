"""The page of a server: editing, its key, and the dialogs above it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from audit.models import AuditRow
from catalog import credentials, rotation
from catalog.models import Server, SyncRun
from clients.models import User
from tests.conftest import KEY, SYSTEM, make_server, switch_on
from tests.pages.conftest import signed_in
from tests.pages.forms import errors_of, fields_of, shown_value, submit

FORM = "server_form"
NEW_KEY = "canary-1c77d2ee-08ab-4a31"


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


def page_of(server: Server) -> str:
    return f"/admin/catalog/server/{server.pk}/change/"


def stored(server: Server) -> Server:
    return Server.objects.get(pk=server.pk)


def audited(event: str) -> list[AuditRow]:
    return list(AuditRow.objects.filter(event=event, actor_name="olga").order_by("pk"))


def test_saving_without_a_change_of_the_key_keeps_it(browser: Client, server: Server) -> None:
    assert submit(browser, page_of(server), FORM, name="Renamed").status_code == 302
    assert stored(server).name == "Renamed"
    assert credentials.target_for(stored(server))[0].headers["Authorization"] == f"GenieKey {KEY}"
    (row,) = audited("server.changed")
    assert row.detail == {"before": {"name": "Opsgenie"}, "after": {"name": "Renamed"}}


def test_an_empty_interval_or_name_is_said_at_its_field(browser: Client, server: Server) -> None:
    response = submit(browser, page_of(server), FORM, name="", sync_interval_minutes="0")
    assert sorted(errors_of(response)) == ["name", "sync_interval_minutes"]
    assert stored(server).name == "Opsgenie"


def test_at_the_same_address_the_form_takes_no_key_and_points_to_where_keys_are(
    browser: Client, server: Server
) -> None:
    page = browser.get(page_of(server))
    assert "secret_text" not in fields_of(page, FORM)
    assert f"/admin/catalog/server/{server.pk}/keys/" in page.content.decode()
    assert submit(browser, page_of(server), FORM, secret_text=NEW_KEY, slot="account").status_code == 302
    assert credentials.target_for(stored(server))[0].headers["Authorization"] == f"GenieKey {KEY}"
    assert server.credentials.count() == 1


def test_the_page_shows_of_a_key_what_identifies_it(browser: Client, server: Server) -> None:
    page = browser.get(page_of(server)).content.decode()
    assert "e1f0" in page
    assert server.credentials.get().fingerprint in page
    assert KEY not in page


@pytest.mark.parametrize("address", ["http://127.0.0.1:10", "https://127.0.0.1:9", "http://localhost:9"])
def test_a_new_address_asks_for_the_key(browser: Client, server: Server, address: str) -> None:
    response = submit(browser, page_of(server), FORM, custom_url=address)
    assert list(errors_of(response)) == ["secret_text"]
    assert "Paste the key again" in response.content.decode()
    assert shown_value(response, "custom_url", FORM) == address
    assert shown_value(response, "secret_text", FORM) == ""
    assert "secret_text" in fields_of(response, FORM)
    assert stored(server).base_url == "http://127.0.0.1:9"


def test_another_region_asks_for_the_key_too(browser: Client, server: Server) -> None:
    assert list(errors_of(submit(browser, page_of(server), FORM, region="us"))) == ["secret_text"]
    assert stored(server).region == "custom"


def test_a_new_address_with_the_key_is_saved(browser: Client, server: Server) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="account", text="account-key-account-key")
    response = submit(
        browser, page_of(server), FORM, custom_url="http://127.0.0.1:10", secret_text=NEW_KEY, slot="account"
    )
    assert response.status_code == 302
    assert {row.slot for row in server.credentials.filter(state="active")} == {"account"}
    assert credentials.target_for(stored(server))[0].headers["Authorization"] == f"GenieKey {NEW_KEY}"


def test_a_new_path_needs_no_key(browser: Client, server: Server) -> None:
    assert submit(browser, page_of(server), FORM, custom_url="http://127.0.0.1:9/v2").status_code == 302
    assert credentials.target_for(stored(server))[0].headers["Authorization"] == f"GenieKey {KEY}"


@pytest.mark.parametrize("address", ["https://user:pw@a.example", "nonsense", "http://a.example:0", "\0"])
def test_a_bad_address_is_said_at_its_field(browser: Client, server: Server, address: str) -> None:
    response = submit(browser, page_of(server), FORM, custom_url=address, secret_text=NEW_KEY)
    assert list(errors_of(response)) == ["custom_url"]
    assert NEW_KEY not in response.content.decode()
    assert stored(server).base_url == "http://127.0.0.1:9"


def test_the_name_of_another_server_is_said_at_its_field(browser: Client, server: Server) -> None:
    make_server(name="Another", prefix="another")
    assert list(errors_of(submit(browser, page_of(server), FORM, name="Another"))) == ["name"]


def test_the_prefix_can_not_be_changed(browser: Client, server: Server) -> None:
    assert "prefix" not in fields_of(browser.get(page_of(server)), FORM)
    submit(browser, page_of(server), FORM, prefix="other")
    assert stored(server).prefix == "opsgenie"


@pytest.mark.parametrize("field", ["state", "connector_key", "base_url", "next_sync_at"])
def test_what_the_form_does_not_ask_for_can_not_be_sent(browser: Client, server: Server, field: str) -> None:
    before = getattr(stored(server), field)
    submit(browser, page_of(server), FORM, **{field: "paused" if field == "state" else "2020-01-01"})
    assert getattr(stored(server), field) == before


def test_a_key_for_a_new_address_needs_its_kind(browser: Client, server: Server) -> None:
    response = submit(browser, page_of(server), FORM, custom_url="http://127.0.0.1:10", secret_text=NEW_KEY)
    assert list(errors_of(response)) == ["slot"]
    assert NEW_KEY not in response.content.decode()
    assert stored(server).base_url == "http://127.0.0.1:9"


def test_what_follows_the_settings_says_what_that_is_at_the_moment(
    browser: Client, server: Server, vera: User
) -> None:
    switch_on(discovery_interval_minutes=77, requires_tool_approval=False, changed_definition="accept")
    page = browser.get(page_of(server)).content.decode()
    assert "Empty: every 77 minutes, as in the settings." in page
    assert "as in the settings: new tools are approved at once" in page
    assert "as in the settings: approve the new definition at once" in page
    shown = signed_in(vera).get(page_of(server)).content.decode()
    assert "as in the settings: 77" in shown
    assert "as in the settings: new tools are approved at once" in shown


def test_sensitivity_and_what_a_changed_definition_does_are_set_and_on_record(
    browser: Client, olga: User, server: Server
) -> None:
    olga.user_permissions.add(Permission.objects.get(codename="review_tool"))
    submit(browser, page_of(server), FORM, sensitivity="high", changed_definition="serve_approved")
    assert (stored(server).sensitivity, stored(server).changed_definition) == ("high", "serve_approved")
    (row,) = audited("server.changed")
    assert row.detail["after"] == {"sensitivity": "high", "changed_definition": "serve_approved"}
    assert "high sensitivity" in browser.get(page_of(server)).content.decode()


def test_who_may_only_look_sees_the_settings_and_no_form(server: Server, vera: User) -> None:
    browser = signed_in(vera, raise_request_exception=False)
    page = browser.get(page_of(server)).content.decode()
    assert "http://127.0.0.1:9" in page
    assert "secret_text" not in page
    response = browser.post(page_of(server), {"name": "Mine"})
    assert response.status_code == 403
    assert stored(server).name == "Opsgenie"


# --- Dialogs -------------------------------------------------------------------------------------------


def dialog(browser: Client, server: Server, name: str) -> Any:
    path = f"/admin/catalog/server/{server.pk}/{name}/"
    shown = browser.get(path)
    assert b"_form_submitted" in shown.content
    return browser.post(path, fields_of(shown))


def test_pause_and_resume(browser: Client, server: Server) -> None:
    response = dialog(browser, server, "pause")
    assert response["HX-Redirect"] == page_of(server)
    assert stored(server).state == "paused"
    assert "every call to its tools is refused" in browser.get(page_of(server)).content.decode()
    dialog(browser, server, "resume")
    assert stored(server).state == "active"
    assert [row.event for row in audited("server.paused") + audited("server.resumed")] == [
        "server.paused",
        "server.resumed",
    ]


def test_pausing_what_is_paused_is_said_and_changes_nothing(browser: Client, server: Server) -> None:
    dialog(browser, server, "pause")
    response = dialog(browser, server, "pause")
    assert response["HX-Redirect"] == page_of(server)
    assert "is not active" in browser.get(page_of(server)).content.decode()
    assert len(audited("server.paused")) == 1


def test_only_the_button_that_can_be_used_is_offered(browser: Client, server: Server) -> None:
    page = browser.get(page_of(server)).content.decode()
    assert f"/admin/catalog/server/{server.pk}/pause/" in page
    assert f"/admin/catalog/server/{server.pk}/resume/" not in page
    dialog(browser, server, "pause")
    page = browser.get(page_of(server)).content.decode()
    assert f"/admin/catalog/server/{server.pk}/resume/" in page
    assert f"/admin/catalog/server/{server.pk}/pause/" not in page


def test_buttons_that_would_be_refused_are_not_offered(server: Server, vera: User) -> None:
    page = signed_in(vera).get(page_of(server)).content.decode()
    for name in ("pause", "resume", "sync-now", "test-keys"):
        assert f"/{server.pk}/{name}/" not in page


def test_sync_now_queues_one_sync(browser: Client, server: Server) -> None:
    SyncRun.objects.update(state="failed")
    dialog(browser, server, "sync-now")
    dialog(browser, server, "sync-now")
    run = SyncRun.objects.open().get()
    assert (run.trigger, run.requested_by) == ("manual", "olga")
    assert len(audited("sync.requested")) == 1


def test_testing_keys_of_a_server_that_is_down_says_so(browser: Client, server: Server) -> None:
    dialog(browser, server, "test-keys")
    credential = server.credentials.get()
    assert credential.probed_at is not None
    page = browser.get(page_of(server)).content.decode()
    assert credential.probe is not None
    assert credential.probe.problem
    assert credential.probe.problem in page
    assert len(audited("credential.tested")) == 1
