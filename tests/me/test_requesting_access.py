"""Members see what they hold, ask for what is published, and read the answer."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditRow
from clients.models import User
from tests.conftest import SYSTEM, switch_on
from tests.gateway.conftest import Gateway
from tests.me.conftest import browser_of, read, text_of
from tests.wire import connect
from tools import access_requests, profiles
from tools.models import AccessProfile, AccessRequest

GET = "opsgenie_get_alert"


@pytest.fixture
def offered(gateway: Gateway) -> AccessProfile:
    """What mia holds, published, so that otto can ask for it."""
    profile = gateway.grant.profile
    profile.is_published, profile.ceiling = True, "read"
    return profiles.save(actor=SYSTEM, profile=profile, toolsets=profile.toolsets.all())


def page_of(profile: AccessProfile) -> str:
    return f"/me/access/{profile.pk}/"


def ask(person: User, profile: AccessProfile, reason: str = "I am on call.") -> Any:
    return browser_of(person).post(page_of(profile), {"reason": reason}, follow=True)


def test_from_asking_to_calling(offered: AccessProfile, otto: User) -> None:
    assert "You hold no access profile" in read(otto, "/me/access/")
    assert "4 tools" not in read(otto, page_of(offered))
    assert "You asked for On call" in text_of(ask(otto, offered))
    request = AccessRequest.objects.get()
    assert (request.person, request.state, request.reason) == (otto, "open", "I am on call.")
    assert AuditRow.objects.get(event="access.requested").actor_name == "otto"
    access_requests.approve(actor=SYSTEM, request=request, comment="Welcome.")
    page = read(otto, "/me/access/")
    assert "Welcome." in page
    assert "approved" in page
    assert "Nothing is offered for request" in page
    assert connect(otto).call(GET, {"identifier": "1"})["isError"] is False


def test_only_what_the_ceiling_lets_through_is_promised(offered: AccessProfile, otto: User) -> None:
    page = read(otto, page_of(offered))
    assert GET in page
    assert "opsgenie_delete_team" not in page


def test_a_refusal_is_read_with_its_reason_and_one_can_ask_again(offered: AccessProfile, otto: User) -> None:
    ask(otto, offered)
    access_requests.refuse(actor=SYSTEM, request=AccessRequest.objects.get(), comment="Not this month.")
    assert "Not this month." in read(otto, "/me/access/")
    ask(otto, offered, "It is next month.")
    assert AccessRequest.objects.filter(state="open").count() == 1


@pytest.mark.parametrize(("reason", "said"), [("", "Say what you need it for"), ("x" * 301, "Shorten it")])
def test_a_bad_reason_is_said_and_kept(offered: AccessProfile, otto: User, reason: str, said: str) -> None:
    page = text_of(ask(otto, offered, reason))
    assert said in page
    assert reason in page
    assert not AccessRequest.objects.exists()


def test_asking_twice_is_one_request(offered: AccessProfile, otto: User) -> None:
    ask(otto, offered)
    ask(otto, offered)
    assert AccessRequest.objects.count() == 1


def test_a_request_can_be_taken_back_by_whoever_made_it(
    offered: AccessProfile, otto: User, mia: User
) -> None:
    ask(otto, offered)
    path = f"/me/access/requests/{AccessRequest.objects.get().pk}/withdraw/"
    assert browser_of(mia).post(path).status_code == 404
    assert browser_of(otto).get(path).status_code == 405
    assert AccessRequest.objects.get().state == "open"
    assert "took your request" in text_of(browser_of(otto).post(path, follow=True))
    assert AccessRequest.objects.get().state == "withdrawn"
    assert "withdrawn already" in text_of(browser_of(otto).post(path, follow=True))


def test_what_is_not_published_is_not_there(offered: AccessProfile, otto: User) -> None:
    AccessProfile.objects.update(is_published=False)
    assert "Nothing is offered" in read(otto, "/me/access/")
    for path in (page_of(offered), "/me/access/0/", f"/me/access/{'9' * 40}/"):
        assert browser_of(otto).get(path).status_code == 404
        assert browser_of(otto).post(path, {"reason": "x"}).status_code == 404
    assert not AccessRequest.objects.exists()


def test_a_client_is_told_where_to_ask_when_the_settings_say_so(offered: AccessProfile, otto: User) -> None:
    connection = connect(otto)
    response = connection.request("tools/call", {"name": GET, "arguments": {"identifier": "1"}})
    assert b"unknown_tool" in response.content
    switch_on(shows_requestable_tools=True)
    result = connection.call(GET, {"identifier": "1"})
    denial = result["_meta"]["portcullis/denial"]
    assert denial["reason"] == "not_in_access_profile"
    assert denial["request_url"].endswith("/me/access/")
    assert denial["request_url"] in result["content"][0]["text"]
    # What nobody could ask for stays unknown.
    AccessProfile.objects.update(is_published=False)
    response = connection.request("tools/call", {"name": GET, "arguments": {"identifier": "1"}})
    assert b"unknown_tool" in response.content
