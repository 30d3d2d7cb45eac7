"""The explanation says what the gateway would say, and what it names as a way out is one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from mcp_types.version import LATEST_HANDSHAKE_VERSION

from audit.models import PortalSettings
from catalog.models import Credential, Server
from clients.caller import Caller
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, approve, caller_for, give, switch_on
from tests.pages.dump import whole_database
from tests.tools.test_denials_come_in_order import NAME, PAIRS, PAST, WAYS
from tests.wire import connect
from tools import explanation, grants, policy, profiles, review, stops
from tools.denials import Denial
from tools.explanation import Explanation
from tools.gateway.admission import Admission, CallRequest, admit
from tools.gateway.listing import as_listed
from tools.models import AccessProfile, Grant, Stop, Tool


@pytest.fixture
def caller(few_tools: Server, mia: User) -> Caller:
    approve(NAME, "opsgenie_list_alerts")
    grant = give(mia, NAME)
    Grant.objects.filter(pk=grant.pk).update(starts_at=PAST - timedelta(days=1))
    return caller_for(mia)


def tool() -> Tool:
    return Tool.objects.select_related("discovered_revision").get(client_name=NAME)


def explained(caller: Caller) -> Explanation:
    client = Client.objects.get(pk=caller.client.pk)
    return explanation.explain(caller.user, tool(), timezone.now(), client=client)


def gateway_says(caller: Caller, arguments: dict[str, Any] | None = None) -> Denial | None:
    """What a call that arrives now is told; nothing is sent upstream by it."""
    asked = {"identifier": "1"} if arguments is None else arguments
    answer = admit(CallRequest(caller, NAME, asked, LATEST_HANDSHAKE_VERSION, time.monotonic()))
    return None if isinstance(answer, Admission) else answer.denial


def stop(level: str, **target: Any) -> None:
    stops.set_stop(actor=SYSTEM, stop=Stop(level=level, reason="An incident.", **target))


MORE_WAYS: dict[str, Callable[[Caller], Any]] = {
    "management off": lambda caller: PortalSettings.objects.update(is_active=False),
    "gateway stopped": lambda caller: stop("gateway"),
    "person stopped": lambda caller: stop("person", person=caller.user),
    "client stopped": lambda caller: stop("client", client=caller.client),
    "server stopped": lambda caller: stop("server", server=Server.objects.get()),
    "tool stopped": lambda caller: stop("tool", tool=tool()),
    "approval over": lambda caller: Tool.objects.update(approval_expires_at=PAST),
    "requestable": lambda caller: (
        Grant.objects.all().delete(),
        AccessProfile.objects.update(is_published=True),
        switch_on(shows_requestable_tools=True),
    ),
    "ceiling": lambda caller: (
        AccessProfile.objects.update(ceiling="read"),
        Tool.objects.update(tightened_action="destructive"),
    ),
    "dangerous": lambda caller: Tool.objects.update(risk="dangerous"),
    "no key": lambda caller: Credential.objects.all().delete(),
}
EVERY_WAY: dict[str, Callable[[Caller], Any]] = {
    **{name: lambda caller, spoil=spoil: spoil() for name, (_, spoil) in WAYS.items()},
    **MORE_WAYS,
}


def test_a_yes_names_the_grant_it_rests_on(caller: Caller) -> None:
    found = explained(caller)
    assert (found.is_allowed, found.reason) == (True, None)
    (way,) = found.ways
    assert (way.rule.grant, way.decides, way.is_live, way.lets_through) == (
        Grant.objects.get(), True, True, True
    )  # fmt: skip
    assert not any(check.failed for check in found.checks)
    assert gateway_says(caller) is None


@pytest.mark.parametrize("way", EVERY_WAY)
def test_it_says_what_the_gateway_says(caller: Caller, way: str) -> None:
    EVERY_WAY[way](caller)
    found = explained(caller)
    assert found.denial is not None
    assert found.denial == gateway_says(caller)
    assert found.reason is not None
    assert found.reason.denial == found.denial
    assert found.reason == next(check for check in found.checks if check.failed)
    assert found.reason.remedies
    for check in found.checks:
        assert check.sentence
        assert check.failed == bool(check.remedies) or check.follows
        assert all(remedy.text.endswith(".") for remedy in check.remedies)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_reasons_it_tells_the_same_first(caller: Caller, one: str, other: str) -> None:
    for way in (one, other):
        WAYS[way][1]()
    assert explained(caller).denial == policy.decide(caller, NAME, timezone.now()).denial


@pytest.mark.parametrize("way", ["client closed", "token expired", "service client", "client stopped"])
def test_without_a_client_a_sound_one_is_assumed(caller: Caller, way: str) -> None:
    EVERY_WAY[way](caller)
    found = explanation.explain(caller.user, tool(), timezone.now())
    assert found.is_allowed
    assert sum(check.sentence.startswith("Assumed") for check in found.checks) == 3


def test_a_client_whose_tokens_all_ended_is_offered_nothing(caller: Caller) -> None:
    client, now = caller.client, timezone.now()
    assert [each.client_name for each in explanation.listed_tools(caller.user, now, client=client)] == [NAME]
    Token.objects.update(revoked_at=PAST)
    client = Client.objects.get(pk=client.pk)
    assert explanation.listed_tools(caller.user, now, client=client) == []
    assert [each.client_name for each in explanation.listed_tools(caller.user, now)] == [NAME]


#: How to do what the remedy says, to the object that it names.
CURES: dict[str, Callable[[Any], Any]] = {
    "gateway stopped": lambda about: stops.lift(actor=SYSTEM, stop=about),
    "person stopped": lambda about: stops.lift(actor=SYSTEM, stop=about),
    "client stopped": lambda about: stops.lift(actor=SYSTEM, stop=about),
    "server stopped": lambda about: stops.lift(actor=SYSTEM, stop=about),
    "tool stopped": lambda about: stops.lift(actor=SYSTEM, stop=about),
    "management off": lambda about: switch_on(),
    "person inactive": lambda about: User.objects.filter(pk=about.pk).update(is_active=True),
    "server paused": lambda about: Server.objects.filter(pk=about.pk).update(state="active"),
    "tool pending": lambda about: review.approve(actor=SYSTEM, decisions=[review.shown(about)]),
    "tool disabled": lambda about: review.approve(actor=SYSTEM, decisions=[review.shown(about)]),
    "tool changed": lambda about: review.approve(actor=SYSTEM, decisions=[review.shown(about)]),
    "no grant": lambda about: _give(about),
    "requestable": lambda about: _give(about),
    "grant ended": lambda about: _give(about),
}


def _give(grant: Grant) -> None:
    grant.reason = "They need it."
    grants.give(actor=SYSTEM, grant=grant)


@pytest.mark.parametrize("way", CURES)
def test_doing_what_it_names_lets_the_call_through(caller: Caller, way: str) -> None:
    EVERY_WAY[way](caller)
    reason = explained(caller).reason
    assert reason is not None
    about = reason.remedies[0].about
    if way.startswith("tool ") and isinstance(about, Tool):
        about = tool()
    CURES[way](about)
    assert explained(caller).is_allowed
    assert gateway_says(caller) is None


@pytest.mark.parametrize("way", ["ceiling", "dangerous"])
def test_a_ceiling_is_raised_as_far_as_the_tool_needs(caller: Caller, way: str) -> None:
    EVERY_WAY[way](caller)
    reason = explained(caller).reason
    assert reason is not None
    (remedy,) = reason.remedies
    profile: Any = remedy.about
    said = {
        "ceiling": "raise the ceiling from “read only” to “read, write and destroy”",
        "dangerous": "allow dangerous tools",
    }
    assert said[way] in remedy.text
    profile.ceiling, profile.allows_dangerous = "all", way == "dangerous"
    profiles.save(actor=SYSTEM, profile=profile, toolsets=profile.toolsets.all())
    assert gateway_says(caller) is None


def test_other_profiles_that_would_give_it_are_named(caller: Caller) -> None:
    held = Grant.objects.get().profile
    wider = profiles.save(
        actor=SYSTEM, profile=AccessProfile(name="Wider", allows_dangerous=True), toolsets=held.toolsets.all()
    )
    Tool.objects.update(risk="dangerous")
    reason = explained(caller).reason
    assert reason is not None
    raised, given = (remedy.about for remedy in reason.remedies)
    assert raised == held
    assert isinstance(given, Grant)
    assert (given.profile, given.user, given.pk) == (wider, caller.user, None)


def test_a_grant_that_begins_later_is_waited_for(caller: Caller) -> None:
    Grant.objects.update(starts_at=timezone.now() + timedelta(days=1))
    found = explained(caller)
    assert found.denial == Denial.UNKNOWN_TOOL == gateway_says(caller)
    assert found.reason is not None
    assert found.reason.remedies[0].about == Grant.objects.get()
    assert found.reason.remedies[0].text.startswith("Wait")


def test_a_tool_in_no_profile_says_so(caller: Caller) -> None:
    AccessProfile.objects.all().delete()
    reason = explained(caller).reason
    assert reason is not None
    assert [remedy.text for remedy in reason.remedies] == [
        f"No access profile holds {NAME}. Put it into a toolset of one, and grant that."
    ]


ONE = {"properties": {"identifier": {"const": "1"}}}
TWO = {"properties": {"identifier": {"const": "2"}}}
ARGUMENTS: tuple[dict[str, Any], ...] = (
    {"identifier": "1"}, {"identifier": "2"}, {"identifier": "3"}, {}, {"identifier": 1}, {"nonsense": 1},
)  # fmt: skip


@pytest.mark.parametrize("limits", [(ONE,), (ONE, TWO), (ONE, None)], ids=["one", "two", "one without"])
def test_tried_arguments_meet_what_a_call_would(caller: Caller, limits: tuple[Any, ...]) -> None:
    first = Grant.objects.get().profile
    toolsets = list(first.toolsets.all())
    for number, schema in enumerate(limits):
        profile = first if number == 0 else AccessProfile(name=f"Second {number}")
        profiles.save(
            actor=SYSTEM, profile=profile, toolsets=toolsets,
            argument_limits={tool(): schema} if schema else {},
        )  # fmt: skip
        if number:
            grants.give(actor=SYSTEM, grant=Grant(profile=profile, user=caller.user, reason="On call."))
    found = explained(caller)
    assert found.limits_apply == (None not in limits)
    before = whole_database()
    tried = [explanation.try_arguments(found, arguments) for arguments in ARGUMENTS]
    assert whole_database() == before
    assert [trial.denial for trial in tried] == [gateway_says(caller, arguments) for arguments in ARGUMENTS]
    assert all(bool(trial.problems) == (trial.denial is not None) for trial in tried)
    allowed = next(trial for trial in tried if trial.denial is None)
    assert allowed.through is not None


def test_arguments_of_a_refused_call_are_not_judged(caller: Caller) -> None:
    Server.objects.update(state="paused")
    trial = explanation.try_arguments(explained(caller), {"identifier": "1"})
    assert trial.denial == Denial.SERVER_DISABLED


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "1", '"x"', "[" * 5_000, '{"a":' * 5_000, "{}" * 60_000, "\0", "\ud800", "NaN",
     '{"a": 1e999}'],
)  # fmt: skip
def test_what_is_no_arguments_object_is_told_in_a_sentence(text: str) -> None:
    read = explanation.read_arguments(text)
    assert isinstance(read, str)
    assert read.endswith(".")


def test_the_list_is_byte_for_byte_what_a_client_gets(few_tools: Server, mia: User) -> None:
    names = ("opsgenie_list_alerts", NAME, "opsgenie_create_team")
    approve(*names)
    give(mia, *names)
    connection = connect(mia, LATEST_HANDSHAKE_VERSION)
    sent = connection.request("tools/list", {}).content
    listed = explanation.listed_tools(mia, timezone.now())
    entries = orjson.dumps([as_listed(each, LATEST_HANDSHAKE_VERSION) for each in listed])
    assert b'"tools":' + entries in sent
    assert len(json.loads(sent)["result"]["tools"]) == len(names)
