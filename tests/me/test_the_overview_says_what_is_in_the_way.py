from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from catalog import servers
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, issue_token, switch_on
from tests.me.conftest import PAGES, Gateway, read, signed_in
from tools import grants
from tools.models import Stop


def obstacles(person: User) -> list[str]:
    found = signed_in(person).get("/me/").context["obstacles"]
    page = read(person, "/me/")
    assert all(f"{one.message} {one.remedy}" in page for one in found)
    return [one.message for one in found]


def test_nothing_when_all_is_well(gateway: Gateway, mia: User) -> None:
    issue_token(mia)
    assert obstacles(mia) == []
    page = read(mia, "/me/")
    assert "6 tools" in page
    assert "3 read" in page
    assert "2 write" in page
    assert "1 destructive" in page
    assert "None of your calls was refused." in page
    assert page.count("Connect a client") == 1


def test_a_newcomer_is_told_whom_to_ask(otto: User) -> None:
    assert obstacles(otto) == ["You have no access to any tool yet."]
    page = read(otto, "/me/")
    assert "Ask a security admin for an access profile." in page
    assert "No AI client is connected in your name." in page


def test_access_that_has_ended(gateway: Gateway, mia: User) -> None:
    grants.end(actor=SYSTEM, grant=gateway.grant)
    assert obstacles(mia) == ["Your access has ended."]


def test_a_server_that_is_paused(gateway: Gateway, mia: User) -> None:
    servers.pause(actor=SYSTEM, server=gateway.server)
    assert obstacles(mia) == [
        "None of your tools can be called at the moment: they wait for review, or were stopped."
    ]


@pytest.mark.parametrize("way", ["closed", "expired", "revoked"])
def test_connections_none_of_which_works(gateway: Gateway, mia: User, way: str) -> None:
    issue_token(mia)
    now = timezone.now()
    if way == "closed":
        Client.objects.update(state="closed")
    else:
        Token.objects.update(**{"expires_at" if way == "expired" else "revoked_at": now})
    message = "None of your connections works: each was closed or stopped, or its token has ended."
    assert obstacles(mia) == [message]
    issue_token(mia)
    assert obstacles(mia) == []


def test_a_token_that_ends_soon(gateway: Gateway, mia: User) -> None:
    issue_token(mia, expires_at=timezone.now() + timedelta(days=6))
    assert obstacles(mia) == ["The token of Claude ends soon."]
    Token.objects.update(expires_at=timezone.now() + timedelta(days=8))
    assert obstacles(mia) == []


def test_a_portal_that_is_switched_off(gateway: Gateway, mia: User) -> None:
    issue_token(mia)
    switch_on(is_active=False)
    assert obstacles(mia) == ["AI access is switched off: every call is refused."]


@pytest.mark.parametrize("level", ["gateway", "person"])
def test_a_stop_of_everything_with_the_reason_given(gateway: Gateway, mia: User, level: str) -> None:
    issue_token(mia)
    stop = Stop(level=level, reason="A key leaked", person=mia if level == "person" else None)
    Stop.objects.bulk_create([stop])
    (message,) = obstacles(mia)
    assert message.endswith("stopped. The reason given: “A key leaked”.")
    Stop.objects.update(is_drill=True)
    assert obstacles(mia) == []


def test_a_connection_that_is_stopped(gateway: Gateway, mia: User) -> None:
    token, _ = issue_token(mia)
    Stop.objects.bulk_create([Stop(level="client", client=token.client, reason="A laptop was lost")])
    assert obstacles(mia) == [
        "None of your connections works: each was closed or stopped, or its token has ended."
    ]
    page = read(mia, "/me/connections/")
    assert "Claude stopped" in page
    assert "Its calls are stopped. The reason given: “A laptop was lost”." in page
    Stop.objects.update(is_drill=True)
    assert obstacles(mia) == []


def test_a_kind_of_connection_that_is_not_allowed(gateway: Gateway, mia: User) -> None:
    issue_token(mia)
    Client.objects.update(kind="shared")
    assert len(obstacles(mia)) == 1
    assert "Claude kind not allowed" in read(mia, "/me/connections/")


def test_the_last_refusals_come_with_their_remedies(gateway: Gateway, mia: User) -> None:
    connection = gateway.connect()
    for _ in range(4):
        connection.call("opsgenie_get_alert", {"identifier": 5})
    assert read(mia, "/me/").count("Correct them and call again.") == 3


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (SimpleNamespace(level="gateway", reason="Key <leaked>"), "gateway"),
        (Stop(level="gateway", reason="Key <leaked>"), "the whole gateway"),
    ],
)
def test_stops_in_force_are_on_every_page(stop: object, words: str) -> None:
    page = render_to_string("portal/base.html", {"stops_in_force": [stop]})
    assert f"<strong>Stopped: {words}.</strong> Key &lt;leaked&gt;" in page
    assert "Stopped" not in render_to_string("portal/base.html", {"stops_in_force": []})


@pytest.mark.parametrize("path", PAGES)
def test_somebody_who_is_stopped_reads_so_on_each_of_their_pages(
    gateway: Gateway, mia: User, otto: User, path: str
) -> None:
    Stop.objects.bulk_create([Stop(level="server", server=gateway.server, reason="A key leaked")])
    Stop.objects.bulk_create([Stop(level="gateway", reason="Practice", is_drill=True)])
    assert "Stopped: the server Opsgenie. A key leaked" in read(mia, path)
    assert "Practice" not in read(mia, path)
    assert "A key leaked" not in read(otto, path)
