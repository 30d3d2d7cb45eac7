from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from clients.models import User
from tests.catalog.connectors.opsgenie.upstream import Reply
from tests.conftest import approve, disable, switch_on
from tests.gateway.opsgenie import failure
from tests.me.conftest import Gateway, browser_of, last_call_id, read, signed_in
from tools.denials import NOT_ACTIVE, Denial, explanation_of
from tools.me import calls

GET = "opsgenie_get_alert"


def tell(person: User, event: Event, call_id: uuid.UUID, reason: str = "", **detail: Any) -> AuditRow:
    """One step of a call, as the gateway would record it."""
    facts = log.CallFacts(
        call_id=call_id, client_id="x", client_name="Claude", tool_name=GET, protocol_version="2026-07-28",
        detail=detail,
    )  # fmt: skip
    return log.record_call(event, actor=Actor.person(person), facts=facts, reason=reason, latency_ms=7.0)


def listed(person: User, **parameters: Any) -> list[tuple[str, str]]:
    """Tool and outcome of each line of the person's page, newest first."""
    page = signed_in(person).get("/me/calls/", parameters).context["page"]
    return [(call.tool_name, call.outcome.value) for call in page.calls]


def test_each_call_is_one_line_with_what_became_of_it(gateway: Gateway, mia: User) -> None:
    connection = gateway.connect()
    connection.call("opsgenie_count_alerts")
    connection.call(GET, {"identifier": 5})
    gateway.upstream.answer(failure(404, "No such alert"))
    connection.call(GET, {"identifier": "1"})
    gateway.upstream.answer(Reply(500, "<html>"))
    connection.call("opsgenie_create_alert", {"message": "Disk full"})

    assert listed(mia) == [
        ("opsgenie_create_alert", "unknown"),
        (GET, "failed"),
        (GET, "refused"),
        ("opsgenie_count_alerts", "succeeded"),
    ]
    page = read(mia, "/me/calls/")
    explanation = explanation_of(Denial.ARGUMENTS_INVALID)
    assert f"refused {explanation.message} {explanation.remedy} arguments_invalid" in page
    assert "It is not known whether this was applied. Look at the current state" in page
    assert re.search(r"succeeded \d+ ms Claude", page)


@pytest.mark.parametrize("denial", list(Denial))
def test_every_refusal_is_told_with_its_remedy(mia: User, denial: Denial) -> None:
    call_id = uuid.uuid4()
    tell(mia, Event.CALL_DENIED, call_id, denial.value)
    # Without a stop, it was the portal that was off.
    explanation = NOT_ACTIVE if denial == Denial.GATEWAY_STOPPED else explanation_of(denial)
    for path in ("/me/", "/me/calls/", f"/me/calls/{call_id}/"):
        page = read(mia, path)
        assert f"{explanation.message} {explanation.remedy}" in page, path


def test_a_stop_is_told_with_the_reason_that_was_given(mia: User) -> None:
    call_id = uuid.uuid4()
    tell(mia, Event.CALL_DENIED, call_id, "tool_stopped", stop={"id": 1, "reason": "It pages the CEO"})
    told = "The reason given: “It pages the CEO”. Ask a security admin of Portcullis why."
    assert told in read(mia, "/me/calls/")
    assert told in read(mia, f"/me/calls/{call_id}/")


def test_arguments_that_are_not_kept_are_not_shown_as_none(gateway: Gateway, mia: User) -> None:
    connection = gateway.connect()
    connection.call("opsgenie_count_alerts")
    assert "As the audit log keeps them. {}" in read(mia, f"/me/calls/{last_call_id(mia)}/")
    switch_on(argument_verbosity="none")
    connection.call("opsgenie_count_alerts")
    assert "This portal keeps none" in read(mia, f"/me/calls/{last_call_id(mia)}/")


def test_a_reason_of_another_version_is_told_too(mia: User) -> None:
    tell(mia, Event.CALL_DENIED, uuid.uuid4(), "no_longer_known")
    assert "Refused: no_longer_known. Give the call id to a security admin." in read(mia, "/me/calls/")


def test_a_call_under_way_has_no_outcome_yet(mia: User) -> None:
    call_id = uuid.uuid4()
    tell(mia, Event.CALL_ADMITTED, call_id)
    assert listed(mia) == [(GET, "open")]
    assert "no outcome yet" in read(mia, f"/me/calls/{call_id}/")
    tell(mia, Event.CALL_SUCCEEDED, call_id)
    assert listed(mia) == [(GET, "succeeded")]


def test_one_page_tells_of_one_call(gateway: Gateway, mia: User) -> None:
    gateway.connect().call(GET, {"identifier": "disk-db-1"})
    page = read(mia, f"/me/calls/{last_call_id(mia)}/")
    for part in (
        f"Call of {GET}", "Outcome succeeded", "Server Opsgenie", "Client Claude", "Action read",
        "Access profile On call", "Toolset On call tools", "Upstream status 200", "Attempts 1",
        '{ "identifier": "disk-db-1" }', str(last_call_id(mia)),
    ):  # fmt: skip
        assert part in page
    secret = gateway.server.credentials.get()
    assert str(secret.pk) not in page
    assert "digest" not in page


def test_problems_with_arguments_are_listed(gateway: Gateway, mia: User) -> None:
    gateway.connect().call(GET, {"identifier": 5, "more": True})
    page = read(mia, f"/me/calls/{last_call_id(mia)}/")
    for problem in AuditRow.objects.latest("pk").detail["problems"]:
        assert problem in page


def test_arguments_are_text(mia: User) -> None:
    call_id = uuid.uuid4()
    tell(mia, Event.CALL_DENIED, call_id, "arguments_invalid", arguments={"x": "<script>"}, problems=["<b>"])
    page = signed_in(mia).get(f"/me/calls/{call_id}/").content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<b>" not in page


def test_of_an_unknown_tool_no_more_is_told_than_the_caller_said(gateway: Gateway, mia: User) -> None:
    """The log knows which server has it and what it does; to tell would tell that it exists."""
    disable("opsgenie_delete_team")
    approve("opsgenie_delete_team")
    gateway.grant.profile.toolsets.get().tools.remove(*gateway.server.tools.filter(name="delete_team"))
    connection = gateway.connect()
    pages = []
    for name in ("opsgenie_delete_team", "opsgenie_remove_team"):
        connection.request("tools/call", {"name": name, "arguments": {"identifier": "x"}})
        page = read(mia, f"/me/calls/{last_call_id(mia)}/").replace(str(last_call_id(mia)), "ID")
        pages.append(re.sub(r"[\d-]+ [\d:]+ UTC|\d+ ms", "…", page.replace(name, "NAME")))
    assert AuditRow.objects.filter(event="call.denied", server_name="Opsgenie").exists(), "the log tells"
    assert pages[0] == pages[1]
    assert "Opsgenie" not in pages[0]


def tokenless(response: Any) -> str:
    """A page without what differs each time it is asked for."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_calls_of_others_are_not_there(gateway: Gateway, mia: User, otto: User) -> None:
    gateway.connect().call("opsgenie_count_alerts")
    call_id = last_call_id(mia)
    assert listed(otto) == []
    assert "You have made no calls yet" in read(otto, "/me/calls/")
    response = browser_of(otto).get(f"/me/calls/{call_id}/")
    missing = browser_of(otto).get(f"/me/calls/{uuid.uuid4()}/")
    assert (response.status_code, missing.status_code) == (404, 404)
    assert tokenless(response) == tokenless(missing)
    assert calls.call_of(otto, call_id) is None


def test_the_system_is_nobody(mia: User) -> None:
    """What the system or a stranger did has an empty or borrowed id: it is nobody's call."""
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id="", client_name="", tool_name=GET, protocol_version=""
    )
    borrowed = Actor(kind=AuditRow.ActorKind.SYSTEM, id=str(mia.pk), name="system")
    log.record_call(Event.CALL_DENIED, actor=borrowed, facts=facts, reason="rate_limited")
    assert listed(mia) == []


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        ("succeeded", Event.CALL_SUCCEEDED),
        ("failed", Event.CALL_FAILED),
        ("unknown", Event.CALL_UNKNOWN),
        ("refused", Event.CALL_DENIED),
    ],
)
def test_they_can_be_asked_for_by_outcome(mia: User, outcome: str, event: Event) -> None:
    for ending in (Event.CALL_SUCCEEDED, Event.CALL_FAILED, Event.CALL_UNKNOWN):
        call_id = uuid.uuid4()
        tell(mia, Event.CALL_ADMITTED, call_id)
        tell(mia, ending, call_id)
    tell(mia, Event.CALL_DENIED, uuid.uuid4(), "rate_limited")
    assert listed(mia, outcome=outcome) == [(GET, outcome)]
    (call,) = calls.calls_of(mia, outcome=calls.Outcome(outcome)).calls
    assert AuditRow.objects.get(event=event).call_id == call.call_id
    assert call.at == AuditRow.objects.traffic_of(call.call_id)[0].at
    assert len(listed(mia)) == 4


@pytest.mark.parametrize("outcome", ["", "refused"])
def test_older_ones_are_a_link_away_and_none_is_left_out(
    mia: User, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for number in range(12):
        call_id = uuid.uuid4()
        ids.append(call_id)
        if number % 3 == 0 or outcome:
            tell(mia, Event.CALL_DENIED, call_id, "rate_limited")
        else:
            tell(mia, Event.CALL_ADMITTED, call_id)
            tell(mia, Event.CALL_SUCCEEDED, call_id)
    monkeypatch.setattr(calls.calls_of, "__kwdefaults__", {**calls.calls_of.__kwdefaults__, "most": 5})
    browser = signed_in(mia)
    path, seen, steps = f"/me/calls/?outcome={outcome}", [], 0
    while path:
        response = browser.get(path)
        seen += [call.call_id for call in response.context["page"].calls]
        link = re.search(r'href="(\?[^"]*)" rel="next"', response.content.decode())
        path = f"/me/calls/{link.group(1)}".replace("&amp;", "&") if link else ""
        steps += 1
    assert seen == ids[::-1]
    assert steps == 3
