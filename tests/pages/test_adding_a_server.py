"""Adding a server: the catalog, the prefilled form, and a way out of every mistake in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.models import AuditRow
from catalog import credentials
from catalog.models import Credential, Server, SyncRun
from clients.models import User
from tests.conftest import make_server
from tests.pages.conftest import signed_in
from tests.pages.forms import errors_of, fields_of, shown_value, submit

ADD = "/admin/catalog/server/add/?connector=opsgenie"
FORM = "server_form"
KEY = "canary-5e1f0a7b-93c4-4d28"
FILLED = {"name": "Opsgenie EU", "region": "eu", "secret_text": KEY, "slot": "integration"}


@pytest.fixture
def browser(olga: User) -> Client:
    # Whoever may not set what needs a review has a smaller form.
    olga.user_permissions.add(Permission.objects.get(codename="review_tool"))
    return signed_in(olga)


def add(browser: Client, **changes: Any) -> Any:
    return submit(browser, ADD, FORM, **{**FILLED, **changes})


def test_the_catalog_comes_first(browser: Client) -> None:
    page = browser.get("/admin/catalog/server/add/").content.decode()
    assert 'href="?connector=opsgenie"' in page
    assert "Alerts, on-call schedules, escalations, teams and users" in page
    assert "secret_text" not in page


@pytest.mark.parametrize("connector", ["", "nonsense", "opsgenie2", "\0", "../opsgenie"])
def test_a_connector_that_does_not_exist_leads_back_to_it(browser: Client, connector: str) -> None:
    response = browser.get("/admin/catalog/server/add/", {"connector": connector})
    assert b'href="?connector=opsgenie"' in response.content
    response = browser.post(f"/admin/catalog/server/add/?connector={connector[:8]}", FILLED)
    assert not Server.objects.exists() or connector[:8] == "opsgenie"


def test_the_form_comes_with_what_the_connector_knows(browser: Client) -> None:
    shown = fields_of(browser.get(ADD), FORM)
    assert shown["prefix"] == ["opsgenie"]
    assert shown["region"] == ["us"]
    assert shown["authentication_method"] == ["custom_header"]
    assert shown["header_name"] == ["Authorization"]
    assert shown["value_prefix"] == ["GenieKey "]
    assert shown["secret_text"] == [""]
    page = browser.get(ADD).content.decode()
    assert "United States (https://api.opsgenie.com)" in page
    assert "European Union (https://api.eu.opsgenie.com)" in page


def test_a_filled_form_makes_a_server_with_its_key_and_first_sync(browser: Client) -> None:
    response = add(browser)
    assert response.status_code == 302
    server = Server.objects.get()
    assert (server.name, server.base_url, server.prefix) == (
        "Opsgenie EU", "https://api.eu.opsgenie.com", "opsgenie",
    )  # fmt: skip
    assert credentials.target_for(server)[0].headers == {"Authorization": f"GenieKey {KEY}"}
    assert SyncRun.objects.get().requested_by == "olga"
    assert list(AuditRow.objects.order_by("pk").values_list("event", flat=True)) == [
        "server.registered", "credential.stored", "sync.requested",
    ]  # fmt: skip
    assert "A sync has started" in browser.get("/admin/catalog/server/").content.decode()


def test_an_address_of_ones_own_is_taken(browser: Client) -> None:
    add(browser, region="custom", custom_url="https://opsgenie.internal:8443/api/")
    assert Server.objects.get().base_url == "https://opsgenie.internal:8443/api"


BAD: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": ""}),
    ("name", {"name": "   "}),
    ("name", {"name": "n" * 81}),
    ("name", {"name": "nul\0l"}),
    ("prefix", {"prefix": ""}),
    ("prefix", {"prefix": "1st"}),
    ("prefix", {"prefix": "with_underscore"}),
    ("prefix", {"prefix": "p" * 17}),
    ("prefix", {"prefix": "pré"}),
    ("prefix", {"prefix": "a\0"}),
    ("region", {"region": "moon"}),
    ("region", {"region": None}),
    ("custom_url", {"region": "custom", "custom_url": ""}),
    ("custom_url", {"region": "custom", "custom_url": "nonsense"}),
    ("custom_url", {"region": "custom", "custom_url": "ftp://api.example"}),
    ("custom_url", {"region": "custom", "custom_url": "https://"}),
    ("custom_url", {"region": "custom", "custom_url": "https://user:password@api.example"}),
    ("custom_url", {"region": "custom", "custom_url": "https://user@api.example"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example/?key=1"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example/#part"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example:99999"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example:0"}),
    ("custom_url", {"region": "custom", "custom_url": "https://[::1"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.exa mple"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example/\0"}),
    ("custom_url", {"region": "custom", "custom_url": "https://api.example/" + "a" * 300}),
    ("custom_url", {"region": "custom", "custom_url": "javascript:alert(1)"}),
    ("authentication_method", {"authentication_method": "none"}),
    ("header_name", {"header_name": ""}),
    ("header_name", {"header_name": "X Key"}),
    ("header_name", {"header_name": "X-Key:"}),
    ("header_name", {"header_name": "X\r\nY"}),
    ("header_name", {"header_name": "h" * 61}),
    ("header_name", {"header_name": "X\0"}),
    ("value_prefix", {"value_prefix": "Genie\r\nX: y"}),
    ("value_prefix", {"value_prefix": "p" * 41}),
    ("value_prefix", {"value_prefix": "é "}),
    ("value_prefix", {"value_prefix": "\0"}),
    ("slot", {"slot": "root"}),
    ("slot", {"slot": ""}),
    ("secret_text", {"secret_text": ""}),
    ("secret_text", {"secret_text": "   "}),
    ("secret_text", {"secret_text": f"GenieKey {KEY}"}),
    ("secret_text", {"secret_text": f"{KEY}é"}),
    ("secret_text", {"secret_text": f"{KEY}\0"}),
    ("secret_text", {"secret_text": KEY * 200}),
    ("tool_approval", {"tool_approval": "never"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "0"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "-1"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "1.5"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "soon"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "999999999"}),
    ("sync_interval_minutes", {"sync_interval_minutes": "9" * 400}),
    ("optional_domains", {"optional_domains": ["nonsense"]}),
]


@pytest.mark.parametrize(("field", "changes"), BAD, ids=lambda value: str(value)[:50])
def test_a_mistake_is_said_at_its_field(browser: Client, field: str, changes: dict[str, Any]) -> None:
    response = add(browser, **changes)
    assert response.status_code == 200
    complaints = errors_of(response)
    assert list(complaints) == [field]
    page = response.content.decode()
    assert f"id_{field}" in page
    assert not Server.objects.exists()
    assert not AuditRow.objects.exists()


def test_everything_typed_is_kept_but_the_key(browser: Client) -> None:
    typed = {
        "name": "Opsgenie <b>EU</b>",
        "prefix": "eu",
        "region": "custom",
        "custom_url": "https://opsgenie.internal",
        "header_name": "X-Key",
        "value_prefix": "",
        "slot": "account",
        "tool_approval": "required",
        "sync_interval_minutes": "0",
    }
    response = add(browser, **typed)
    assert list(errors_of(response)) == ["sync_interval_minutes"]
    for name, value in typed.items():
        assert shown_value(response, name, FORM) == value, name
    assert shown_value(response, "secret_text", FORM) == ""
    assert KEY not in response.content.decode()


@pytest.mark.parametrize("field", ["name", "prefix"])
def test_a_second_of_the_same_name_or_prefix_is_said_at_its_field(browser: Client, field: str) -> None:
    first = make_server()
    response = add(browser, **{"name": "Another", "prefix": "another", field: getattr(first, field)})
    assert list(errors_of(response)) == [field]
    assert list(Server.objects.all()) == [first]


def test_a_preset_address_that_can_not_be_used_is_said_on_the_form(browser: Client, settings: Any) -> None:
    """The sandbox's comes from the environment, and may be as wrong as any."""
    settings.PORTCULLIS_SANDBOX_URL = "http://user:password@sandbox:9000"
    response = add(browser, region="sandbox")
    assert response.status_code == 200
    assert list(errors_of(response)) == ["region"]
    assert not Server.objects.exists()


def test_a_private_address_can_be_registered_and_is_refused_when_it_is_used(
    browser: Client, settings: Any
) -> None:
    """Names can move: what counts is where a connection goes."""
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = False
    assert add(browser, region="custom", custom_url="http://127.0.0.1:9").status_code == 302


def test_who_may_not_store_keys_can_not_add_a_server(olga: User, browser: Client) -> None:
    olga.user_permissions.remove(*olga.user_permissions.filter(codename="rotate_credential"))
    response = add(browser)
    assert response.status_code == 403
    assert not Server.objects.exists()
    assert not Credential.objects.exists()


ODD = ["\0", "\U0001f600", "\r\n", "' OR 1=1 --", "<script>", "{{ 7*7 }}", "%s", "http://", "https://a",
       "9" * 60, "-0", "1e5", "NaN", "١٢"]  # fmt: skip
ODD_TEXT = st.one_of(
    st.text(max_size=90),
    st.text(alphabet=st.characters(codec="utf-8"), min_size=250, max_size=400),
    st.sampled_from(ODD),
)


@given(changes=st.dictionaries(
    st.sampled_from(["name", "prefix", "region", "custom_url", "authentication_method", "header_name",
                     "value_prefix", "slot", "tool_approval", "sync_interval_minutes", "optional_domains",
                     "names_people", "_save", "_popup", "_continue", "csrfmiddlewaretoken"]),
    ODD_TEXT, min_size=1, max_size=4,
))  # fmt: skip
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_in_any_field_is_a_fault_or_shows_the_key(browser: Client, changes: dict[str, str]) -> None:
    data = {**FORM_AS_SHOWN, **FILLED, "region": "custom", "custom_url": "https://a.example", **changes}
    response = browser.post(ADD, data)
    assert response.status_code in (200, 302)
    assert KEY.encode() not in response.content


FORM_AS_SHOWN = {
    "prefix": "opsgenie",
    "authentication_method": "custom_header",
    "header_name": "Authorization",
    "value_prefix": "GenieKey ",
    "tool_approval": "inherit",
    "sync_interval_minutes": "60",
}
