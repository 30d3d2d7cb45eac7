"""The page of a server's keys leads through a rotation, one next step at a time, and shows no key."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditRow
from catalog import rotation
from catalog.connectors.base import Held, Probe, Target
from catalog.models import Credential, Server
from clients.models import User
from tests.conftest import KEY, SYSTEM, approve, make_server, switch_on
from tests.connectors import SmallOpsgenie, connector, few_tools
from tests.pages.conftest import signed_in
from tests.pages.dump import whole_database

__all__ = ["connector", "few_tools"]

NEW_KEY = "canary-1c77d2ee-08ab-4a31"
ACCEPTED = {"Read": Held.GRANTED, "Create and Update": Held.GRANTED, "Delete": Held.GRANTED,
            "Configuration Access": Held.REFUSED}  # fmt: skip


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


@pytest.fixture
def upstream_says(connector: SmallOpsgenie, monkeypatch: pytest.MonkeyPatch) -> list[Probe]:
    """What a test of a key finds: the last of the list. Without any it finds the key accepted."""
    found = [Probe(ACCEPTED)]

    def probe(*, target: Target, **more: Any) -> Probe:
        return found[-1]

    monkeypatch.setattr(connector, "probe", probe, raising=False)
    return found


def keys_page(server: Server) -> str:
    return f"/admin/catalog/server/{server.pk}/keys/"


class Desk:
    """One person at the page of one server's keys."""

    def __init__(self, browser: Client, server: Server) -> None:
        self.browser, self.server, self.path = browser, server, keys_page(server)

    def send(self, do: str, state: str = "", **fields: str) -> Any:
        if state:
            fields["credential"] = str(self.server.credentials.get(state=state).pk)
        return self.browser.post(self.path, {"do": do, **fields})

    def text(self) -> str:
        return self.browser.get(self.path).content.decode()

    def next_step(self, slot: str = "integration") -> str:
        """The one step of a slot that is marked as next."""
        _, _, rest = self.text().partition(f'id="slot-{slot}"')
        section, _, _ = rest.partition("</section>")
        steps = re.findall(r'aria-current="step">\s*<h3>(\d)', section)
        assert len(steps) == 1, steps
        return steps[0]

    def states(self) -> dict[str, str]:
        return {row.last_four: row.state for row in self.server.credentials.all()}


@pytest.fixture
def desk(browser: Client, upstream_says: list[Probe], few_tools: Server) -> Desk:
    return Desk(browser, few_tools)


def audited(event: str) -> list[AuditRow]:
    return list(AuditRow.objects.filter(event=event, actor_name="olga").order_by("pk"))


def test_from_the_first_step_to_the_last(desk: Desk) -> None:
    approve("opsgenie_list_alerts")
    assert desk.next_step() == "1"
    answer = desk.send("stage", slot="integration", secret_text=NEW_KEY)
    assert (answer.status_code, answer["Location"]) == (302, desk.path)
    assert desk.next_step() == "2"
    desk.send("test", "staged")
    assert desk.next_step() == "3"
    page = desk.text()
    (granted,) = re.findall(r"It may: (.*?)\.</li>", page)
    assert set(granted.split(", ")) == {"Read", "Create and Update", "Delete"}
    assert "It may not: Configuration Access." in page
    desk.send("activate", "staged", overlap="3600")
    assert desk.next_step() == "4"
    old = desk.server.credentials.get(state="retiring")
    assert old.retires_at is not None
    assert timedelta(minutes=59) < old.retires_at - timezone.now() <= timedelta(hours=1)
    assert f'<time datetime="{old.retires_at:%Y-%m-%dT%H:%M}' in desk.text()
    assert "is kept until" in desk.text()
    desk.send("revoke", "retiring")
    assert desk.next_step() == "1"
    assert desk.states() == {"e1f0": "revoked", "4a31": "active"}
    assert len(audited("credential.staged")) == len(audited("credential.activated")) == 1
    assert NEW_KEY not in desk.text()
    assert KEY not in desk.text()


def test_what_approved_tools_would_lose_is_said_before_the_key_is_used(
    desk: Desk, upstream_says: list[Probe]
) -> None:
    approve("opsgenie_list_alerts", "opsgenie_create_alert")
    upstream_says.append(Probe({**ACCEPTED, "Create and Update": Held.REFUSED}))
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("test", "staged")
    assert (
        "These approved tools will fail with this key: "
        "opsgenie_create_alert (the key lacks Create and Update)." in desk.text()
    )


def test_a_failed_test_demands_a_reason_that_goes_into_the_log(
    desk: Desk, upstream_says: list[Probe]
) -> None:
    upstream_says.append(Probe({"Read": Held.REFUSED}, "Opsgenie does not know this key."))
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("test", "staged")
    assert desk.next_step() == "2"
    assert "The test of the key failed: Opsgenie does not know this key." in desk.text()

    answer = desk.send("activate", "staged", overlap="0")
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()
    assert desk.states() == {"e1f0": "active", "4a31": "staged"}
    desk.send("activate", "staged", overlap="0", override_reason="The old key leaked.")
    assert desk.states() == {"e1f0": "revoked", "4a31": "active"}
    (row,) = audited("credential.activated")
    assert row.detail["override_reason"] == "The old key leaked."


def test_a_key_that_was_never_tested_demands_a_reason_too(desk: Desk) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    assert desk.next_step() == "2"
    desk.send("activate", "staged", overlap="0")
    assert desk.states()["4a31"] == "staged"


def test_a_staged_key_is_cancelled(desk: Desk) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("revoke", "staged")
    assert desk.next_step() == "1"
    assert desk.states() == {"e1f0": "active", "4a31": "revoked"}


def test_an_old_key_is_taken_back(desk: Desk) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("test", "staged")
    desk.send("activate", "staged", overlap="900")
    desk.send("take_back", "retiring")
    assert desk.states() == {"e1f0": "active", "4a31": "retiring"}


@pytest.mark.parametrize("text", ["", "two words", "k" * 4_097, "key\x00", "ключ"])
def test_a_text_that_is_no_key_is_said_at_its_field_and_not_repeated(desk: Desk, text: str) -> None:
    answer = desk.send("stage", slot="integration", secret_text=text)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="errors' in page
    assert not text or text not in page
    assert desk.states() == {"e1f0": "active"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "nonsense"},
        {"do": "stage", "slot": "root", "secret_text": NEW_KEY},
        {"do": "stage"},
        {"do": "test"},
        {"do": "test", "credential": "nonsense"},
        {"do": "revoke", "credential": "00000000-0000-4000-8000-000000000000"},
        {"do": "activate", "credential": "\0", "overlap": "0"},
    ],
    ids=repr,
)
def test_what_the_page_does_not_offer_changes_nothing_and_is_no_fault(
    desk: Desk, fields: dict[str, str]
) -> None:
    before = whole_database()
    answer = desk.browser.post(desk.path, fields)
    assert answer.status_code == 302
    assert "Nothing was changed" in desk.text()
    assert whole_database() == before


def test_a_key_of_another_server_is_not_reached_from_here(desk: Desk) -> None:
    other = make_server(name="Other", prefix="other")
    credential = other.credentials.get()
    desk.browser.post(desk.path, {"do": "revoke", "credential": str(credential.pk)})
    assert other.credentials.get().state == "active"
    assert "Nothing was changed" in desk.text()


@pytest.mark.parametrize("overlap", ["1", "-1", "99999999", "nonsense"])
def test_only_the_overlaps_on_the_page_can_be_chosen(desk: Desk, overlap: str) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("test", "staged")
    assert desk.send("activate", "staged", overlap=overlap).status_code == 200
    assert desk.states()["4a31"] == "staged"


def test_what_somebody_else_did_meanwhile_is_said(desk: Desk) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    credential = desk.server.credentials.get(state="staged")
    rotation.revoke(actor=SYSTEM, credential=credential)
    desk.browser.post(desk.path, {"do": "test", "credential": str(credential.pk)})
    assert "it is not tested any more" in desk.text()


def test_the_history_has_every_key_with_its_dates(desk: Desk) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    desk.send("test", "staged")
    desk.send("activate", "staged", overlap="0")
    _, _, history = desk.text().partition('id="key-history"')
    rows = re.findall(r"<tr>(.*?)</tr>", history, re.DOTALL)[1:]
    assert len(rows) == 2
    assert "4a31" in rows[0]
    assert "active" in rows[0]
    assert "e1f0" in rows[1]
    assert "revoked" in rows[1]


def test_the_second_kind_of_key_is_added_without_touching_the_first(desk: Desk) -> None:
    assert "Add a key of this kind" in desk.text()
    desk.send("stage", slot="account", secret_text=NEW_KEY)
    desk.send("test", "staged")
    desk.send("activate", "staged")
    active = desk.server.credentials.filter(state="active").values_list("slot", "last_four")
    assert set(active) == {("integration", "e1f0"), ("account", "4a31")}


def test_a_key_that_is_due_is_marked_here_on_the_server_and_in_the_list(desk: Desk) -> None:
    switch_on(key_age_days=90)
    Credential.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert "This key is older than 90 days." in desk.text()
    page = desk.browser.get(f"/admin/catalog/server/{desk.server.pk}/change/").content.decode()
    assert "is 91 days old and due for rotation" in page
    assert re.search(r">\s*due\s*<", desk.browser.get("/admin/catalog/server/").content.decode())


def test_who_may_only_look_sees_everything_and_no_form(desk: Desk, vera: User) -> None:
    desk.send("stage", slot="integration", secret_text=NEW_KEY)
    visitor = Desk(signed_in(vera), desk.server)
    page = visitor.text()
    assert "4a31" in page
    assert "You may look at these keys, not change them." in page
    for word in ('name="do"', 'name="secret_text"'):
        assert word not in page
    assert visitor.send("revoke", "staged").status_code == 403
    assert desk.states()["4a31"] == "staged"


def test_the_encryption_status_is_a_page_of_its_own(browser: Client, server: Server) -> None:
    page = browser.get("/admin/catalog/server/encryption-keys/").content.decode()
    assert "1 of 1 secret is on the newest encryption key." in page
    assert "Nothing is left to do." in page
