from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditRow
from clients import tokens
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, issue_token
from tests.me.conftest import Gateway, browser_of, read, signed_in, text_of
from tests.pages.dump import whole_database


def test_each_is_shown_with_what_is_known_of_it(gateway: Gateway, mia: User) -> None:
    gateway.connect("2025-11-25").result(
        "initialize",
        {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "Claude Code", "version": "2.1"},
        },
    )
    token = Token.objects.get()
    page = read(mia, "/me/connections/")
    assert "Claude open" in page
    assert "Software Claude Code 2.1" in page
    assert f"Last used {token.client.last_used_at:%Y-%m-%d %H:%M:%S} UTC" in page
    assert f"{token} valid {token.expires_at:%Y-%m-%d %H:%M:%S} UTC" in page
    assert token.hash not in signed_in(mia).get("/me/connections/").content.decode()


def test_its_state_is_what_matters_to_its_owner(mia: User) -> None:
    soon, _ = issue_token(mia, expires_at=timezone.now() + timedelta(days=2))
    expired, _ = issue_token(mia)
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoked, _ = issue_token(mia)
    tokens.revoke(actor=SYSTEM, token=revoked)
    closed, _ = issue_token(mia)
    tokens.close_client(actor=SYSTEM, client=closed.client)
    deleted, _ = issue_token(mia)
    Client.objects.filter(pk=deleted.client_id).update(state=Client.State.DELETED)

    shown = signed_in(mia).get("/me/connections/").context["connections"]

    found = {one.client.pk: (one.state, [line.state for line in one.tokens]) for one in shown}
    assert found == {
        soon.client_id: ("open", ["expires soon"]),
        expired.client_id: ("no valid token", ["expired"]),
        revoked.client_id: ("no valid token", ["revoked"]),
        closed.client_id: ("closed", ["revoked"]),
    }
    assert shown[0].client.pk == soon.client_id, "what works comes first"
    assert shown[-1].client.pk == closed.client_id, "what is over comes last"


def test_closing_asks_first_and_says_what_ends(mia: User) -> None:
    token, _ = issue_token(mia)
    issue_token(mia)
    before = whole_database()
    page = read(mia, f"/me/connections/{token.client.pk}/close/")
    assert "Close Claude?" in page
    assert "Every call through it, from the next one on" in page
    assert f"Its token {token}" in page
    assert whole_database() == before


def test_closing_refuses_the_very_next_call(gateway: Gateway, mia: User) -> None:
    connection, other = gateway.connect(), gateway.connect()
    assert not connection.call("opsgenie_count_alerts")["isError"]
    client = Token.objects.get(public_id=connection.token[4:16]).client  # type: ignore[index]

    response = signed_in(mia).post(f"/me/connections/{client.pk}/close/", follow=True)

    assert response.redirect_chain == [("/me/connections/", 302)]
    assert "Claude is closed: its next call is refused." in text_of(response)
    assert connection.request("tools/call", {"name": "opsgenie_count_alerts"}).status_code == 401
    assert not other.call("opsgenie_count_alerts")["isError"]
    row = AuditRow.objects.get(event="client.closed")
    assert (row.actor_name, row.object_id, row.source_address) == ("mia", str(client.pk), "127.0.0.1")
    assert len(row.request_id) == 32


@pytest.mark.parametrize("method", ["get", "post"])
def test_one_that_is_closed_already_is_no_fault(mia: User, method: str) -> None:
    token, _ = issue_token(mia)
    tokens.close_client(actor=SYSTEM, client=token.client)
    before = whole_database()
    response = getattr(signed_in(mia), method)(f"/me/connections/{token.client.pk}/close/", follow=True)
    assert "Claude was closed already." in text_of(response)
    assert whole_database() == before


def test_somebody_elses_is_not_there(mia: User, otto: User) -> None:
    token, _ = issue_token(mia)
    before = whole_database()
    assert str(token) not in read(otto, "/me/connections/")
    browser = browser_of(otto)
    path = f"/me/connections/{token.client.pk}/close/"
    assert (browser.get(path).status_code, browser.post(path).status_code) == (404, 404)
    assert whole_database() == before
