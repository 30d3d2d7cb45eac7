"""A token is made for a person, shown once, and can be ended; so can the client that holds it."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from audit.models import AuditRow
from clients import tokens
from clients.models import Client, Token, User
from tests.conftest import issue_token
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database
from tests.pages.forms import errors_of, fields_of, submit
from tests.pages.world import World

ADD = "/admin/clients/token/add/"
FORM = "token_form"


def create(browser: Browser, person: User, **changes: Any) -> Any:
    return submit(
        browser, ADD, FORM, owner=str(person.pk), **{"client_name": "Claude on a laptop", **changes}
    )


def text_on(response: Any) -> str:
    found = set(re.findall(r"pct_[0-9A-Za-z]{12}_[0-9A-Za-z]{46}", response.content.decode()))
    assert len(found) == 1
    return found.pop()


def test_it_is_made_with_a_client_for_the_person(browser: Browser, mia: User) -> None:
    text = text_on(create(browser, mia, life_days="30"))
    token = tokens.find(text)
    assert token is not None
    assert token.client.owner == mia
    assert (token.client.name, token.client.kind, token.created_by) == (
        "Claude on a laptop",
        "personal",
        "sam",
    )
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    rows = AuditRow.objects.order_by("pk")
    assert [(row.event, row.actor_name) for row in rows] == [
        ("client.created", "sam"),
        ("token.issued", "sam"),
    ]
    assert rows[1].object_name == f"pct_{token.public_id}_…"


def test_the_page_that_shows_it_is_kept_by_no_cache(browser: Browser, mia: User) -> None:
    response = create(browser, mia)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    page = response.content.decode()
    assert "it is not shown again" in page
    assert "Authorization: Bearer pct_" in page


def test_it_is_on_that_page_only(
    browser: Browser, root: User, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = text_on(create(browser, world.person))
    secret = text.rpartition("_")[2]
    token = tokens.find(text)
    assert token is not None

    world.shown[Token], world.shown[Client] = token.pk, token.client.pk
    for visitor in (browser, signed_in(root)):
        for address in every_address(world):
            assert secret not in visitor.get(address.path).content.decode(), address
    assert secret not in browser.get(ADD).content.decode()
    assert secret not in repr(whole_database())
    assert secret not in repr([session.get_decoded() for session in Session.objects.all()])
    assert secret not in caplog.text + repr([record.__dict__ for record in caplog.records])
    assert token.hash not in signed_in(root).get(f"/admin/clients/token/{token.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("owner", {"owner": ""}),
        ("owner", {"owner": "999999"}),
        ("owner", {"owner": "x"}),
        ("owner", {"owner": "\0"}),
        ("client_name", {"client_name": ""}),
        ("client_name", {"client_name": "   "}),
        ("client_name", {"client_name": "n" * 81}),
        ("client_name", {"client_name": "a\0b"}),
        ("life_days", {"life_days": "366"}),
        ("life_days", {"life_days": "-7"}),
        ("life_days", {"life_days": ""}),
    ],
)
def test_a_mistake_is_said_at_its_field(
    browser: Browser, mia: User, field: str, changes: dict[str, Any]
) -> None:
    response = submit(browser, ADD, FORM, **{"owner": str(mia.pk), "client_name": "Claude", **changes})
    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert not Token.objects.exists()
    assert not Client.objects.exists()


def test_nobody_inactive_gets_one(browser: Browser, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert list(errors_of(create(browser, mia))) == ["owner"]
    assert "mia" not in browser.get(ADD).content.decode()


def test_what_the_form_does_not_ask_for_can_not_be_sent(browser: Browser, mia: User) -> None:
    token = tokens.find(
        text_on(create(browser, mia, hash="0" * 64, public_id="chosen000000", expires_at="2099-01-01"))
    )
    assert token is not None
    assert token.hash != "0" * 64
    assert token.expires_at < timezone.now() + timedelta(days=366)


def dialog(browser: Browser, path: str) -> Any:
    shown = browser.get(path)
    assert b"_form_submitted" in shown.content
    return browser.post(path, fields_of(shown))


def message(browser: Browser, path: str) -> str:
    return " ".join(str(note) for note in browser.get(path).context["messages"])


def test_revoking_ends_it_and_twice_is_said(browser: Browser, mia: User) -> None:
    token, text = issue_token(mia)
    page = f"/admin/clients/token/{token.pk}/change/"
    assert dialog(browser, f"/admin/clients/token/{token.pk}/revoke/")["HX-Redirect"] == page
    assert message(browser, page) == f"pct_{token.public_id}_… is revoked."
    found = tokens.find(text)
    assert found is not None
    assert not found.is_valid(timezone.now())

    dialog(browser, f"/admin/clients/token/{token.pk}/revoke/")
    assert "was already revoked" in message(browser, page)
    assert AuditRow.objects.filter(event="token.revoked", actor_name="sam").count() == 1


def test_closing_a_client_ends_its_tokens_and_twice_is_said(browser: Browser, mia: User) -> None:
    token, _ = issue_token(mia)
    other, _ = issue_token(mia)
    path = f"/admin/clients/client/{token.client.pk}/"
    dialog(browser, f"{path}close/")
    assert message(browser, f"{path}change/") == "Claude is closed."
    token.refresh_from_db()
    other.refresh_from_db()
    assert token.revoked_at is not None
    assert token.client.state == "closed" or Client.objects.get(pk=token.client.pk).state == "closed"
    assert other.revoked_at is None

    dialog(browser, f"{path}close/")
    assert "is not open" in message(browser, f"{path}change/")
    assert list(AuditRow.objects.filter(actor_name="sam").order_by("pk").values_list("event", flat=True)) == [
        "client.closed",
        "token.revoked",
    ]


def test_the_list_says_what_state_each_is_in(browser: Browser, mia: User) -> None:
    valid, revoked, expired = (issue_token(mia)[0] for _ in range(3))
    Token.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    page = browser.get("/admin/clients/token/").content.decode()
    words = {}
    for token in (valid, revoked, expired):
        _, _, row = page.partition(f"pct_{token.public_id}_…")
        words[token.pk] = re.search(r"\b(valid|revoked|expired)\b", row.split("</tr>")[0])
    assert [found.group() for found in words.values() if found] == ["valid", "revoked", "expired"]
