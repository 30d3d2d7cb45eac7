"""The arguments of calls are read by those who may, and by no way round."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from clients.models import User
from tests.conftest import make_person
from tests.pages.conftest import signed_in

LIST = "/admin/audit/auditrow/"
CANARY = "canary-status-open"


@pytest.fixture
def row(mia: User) -> AuditRow:
    """A refused call whose arguments and problems, and a failed one whose error, hold the canary."""
    detail = {"arguments": {"query": CANARY}, "arguments_digest": "0a1b", "token": "abc"}
    for event, more in (
        (Event.CALL_FAILED, {"error": f"No alert fits {CANARY}."}),
        (Event.CALL_DENIED, {"problems": [f"query: {CANARY} is too long"]}),
    ):
        facts = log.CallFacts(
            call_id=uuid.uuid4(), client_id="c1", client_name="Claude", tool_name="opsgenie_list_alerts",
            protocol_version="2025-06-18", detail={**detail, **more},
        )  # fmt: skip
        log.record_call(event, actor=Actor.person(mia), facts=facts, reason="arguments_invalid")
    return AuditRow.objects.latest("pk")


@pytest.fixture
def reader(db: None) -> Client:
    return signed_in(make_person("rhea", "audit.view_auditrow", is_staff=True))


@pytest.fixture
def auditor(db: None) -> Client:
    return signed_in(
        make_person("aude", "audit.view_auditrow", "audit.view_arguments", is_staff=True)
    )  # fmt: skip


def text_of(browser: Client, row: Any) -> str:
    return browser.get(f"{LIST}{row.pk}/change/").content.decode()


def test_who_may_reads_them(auditor: Client, row: AuditRow) -> None:
    page = text_of(auditor, row)
    assert page.count(CANARY) == 2
    assert "needs the permission" not in page


def test_who_may_not_is_told_that_they_are_hidden_and_what_it_takes(reader: Client, row: AuditRow) -> None:
    for shown in AuditRow.objects.filter(event__startswith="call."):
        page = text_of(reader, shown)
        assert CANARY not in page
        assert page.count("hidden: needs the permission “Can read the arguments of calls”") == 2
        assert "0a1b" in page, "the rest of the row is shown"


def test_no_list_holds_them(reader: Client, auditor: Client, row: AuditRow) -> None:
    for browser in (reader, auditor):
        assert CANARY not in browser.get(LIST).content.decode()


def test_searching_finds_nothing_by_them(reader: Client, auditor: Client, row: AuditRow) -> None:
    for browser in (reader, auditor):
        assert list(browser.get(LIST, {"q": CANARY}).context["cl"].result_list) == []


@pytest.mark.parametrize(
    "lookup", ["detail__arguments__query__startswith", "detail__icontains", "detail__problems__0__icontains"]
)
def test_a_filter_made_up_in_the_address_does_not_spell_them_out(
    reader: Client, row: AuditRow, lookup: str
) -> None:
    for guess in ("canary", "nonsense"):
        response = reader.get(LIST, {lookup: guess})
        assert response.status_code in (302, 400), "refused alike, whether the guess is right or wrong"
