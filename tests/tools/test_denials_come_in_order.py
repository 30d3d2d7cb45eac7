from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import PortalSettings
from catalog.models import Server
from clients.caller import Caller
from clients.models import Client, Token, User
from tests.conftest import SYSTEM, approve, caller_for, give
from tools import policy, stops
from tools.denials import Denial, explanation_of
from tools.models import AccessProfile, Grant, Stop, Tool, ToolRevision

NAME = "opsgenie_get_alert"
PAST = timezone.now() - timedelta(days=1)

#: The order that the documentation promises to clients.
DOCUMENTED = [
    "gateway_stopped",
    "user_inactive",
    "user_stopped",
    "client_closed",
    "client_stopped",
    "client_type_not_allowed",
    "unknown_tool",
    "server_disabled",
    "server_stopped",
    "tool_stopped",
    "tool_not_approved",
    "tool_changed",
    "tool_removed",
    "not_in_access_profile",
    "grant_expired",
    "client_type_not_allowed_for_tool",
    "action_not_allowed",
    "approval_required",
    "rate_limited",
    "arguments_invalid",
    "arguments_not_allowed",
    "credential_missing",
    "credential_unreadable",
    "audit_unavailable",
]


def stop(level: str) -> Callable[[], object]:
    """Set a stop of what the call goes by."""

    def set_it() -> Stop:
        tool = Tool.objects.select_related("server").get(client_name=NAME)
        client = Client.objects.get()
        targets = {"server": tool.server, "tool": tool, "client": client, "person": client.owner}
        target = {level: targets[level]} if level in targets else {}
        return stops.set_stop(actor=SYSTEM, stop=Stop(level=level, reason="An incident.", **target))

    return set_it


def withdraw_and_publish() -> None:
    """Take the grant away and let its profile be asked for."""
    Grant.objects.all().delete()
    AccessProfile.objects.update(is_published=True)
    PortalSettings.objects.update(shows_requestable_tools=True)


def make_dangerous() -> None:
    Tool.objects.update(risk="dangerous")


def set_state(state: str) -> Callable[[], object]:
    return lambda: Tool.objects.update(state=state)


#: One way to earn each denial that `decide` can give. What is about calls comes with tests/gateway.
WAYS: dict[str, tuple[Denial, Callable[[], object]]] = {
    "portal off": (Denial.GATEWAY_STOPPED, lambda: PortalSettings.objects.update(is_active=False)),
    "gateway stopped": (Denial.GATEWAY_STOPPED, stop("gateway")),
    "person stopped": (Denial.USER_STOPPED, stop("person")),
    "client stopped": (Denial.CLIENT_STOPPED, stop("client")),
    "server stopped": (Denial.SERVER_STOPPED, stop("server")),
    "tool stopped": (Denial.TOOL_STOPPED, stop("tool")),
    "person inactive": (Denial.USER_INACTIVE, lambda: User.objects.update(is_active=False)),
    "client closed": (Denial.CLIENT_CLOSED, lambda: Client.objects.update(state="closed")),
    "client deleted": (Denial.CLIENT_CLOSED, lambda: Client.objects.update(state="deleted")),
    "token revoked": (Denial.CLIENT_CLOSED, lambda: Token.objects.update(revoked_at=PAST)),
    "token expired": (Denial.CLIENT_CLOSED, lambda: Token.objects.update(expires_at=PAST)),
    "shared client": (Denial.CLIENT_TYPE_NOT_ALLOWED, lambda: Client.objects.update(kind="shared")),
    "service client": (Denial.CLIENT_TYPE_NOT_ALLOWED, lambda: Client.objects.update(kind="service")),
    "ephemeral client": (Denial.CLIENT_TYPE_NOT_ALLOWED, lambda: Client.objects.update(kind="ephemeral")),
    "no grant": (Denial.UNKNOWN_TOOL, lambda: Grant.objects.all().delete()),
    "server paused": (Denial.SERVER_DISABLED, lambda: Server.objects.update(state="paused")),
    "tool pending": (Denial.TOOL_NOT_APPROVED, set_state("pending")),
    "tool disabled": (Denial.TOOL_NOT_APPROVED, set_state("disabled")),
    "tool changed": (Denial.TOOL_CHANGED, set_state("changed")),
    "tool removed": (Denial.TOOL_REMOVED, set_state("removed")),
    "approval ended": (
        Denial.TOOL_NOT_APPROVED,
        lambda: Tool.objects.update(approval_expires_at=PAST),
    ),
    "to be requested": (Denial.NOT_IN_ACCESS_PROFILE, withdraw_and_publish),
    "grant ended": (Denial.GRANT_EXPIRED, lambda: Grant.objects.update(ends_at=PAST)),
    "dangerous": (Denial.ACTION_NOT_ALLOWED, make_dangerous),
    "tightened": (
        Denial.ACTION_NOT_ALLOWED,
        lambda: (
            Tool.objects.update(tightened_action="write"),
            AccessProfile.objects.update(ceiling="read"),
        ),
    ),
}
#: Of these only one can be so at a time.
EXCLUSIVE = (
    {"client closed", "client deleted"},
    {"shared client", "service client", "ephemeral client"},
    {"tool pending", "tool disabled", "tool changed", "tool removed"},
    # An approval that has ended is no reason beside these states: they come first, or say the same.
    {"approval ended", "tool changed"},
    {"approval ended", "tool removed"},
    {"no grant", "grant ended", "to be requested"},
)
PAIRS = [
    pair
    for pair in itertools.combinations(WAYS, 2)
    if not any(set(pair) <= exclusive for exclusive in EXCLUSIVE)
]


@pytest.fixture
def caller(few_tools: Server, mia: User) -> Caller:
    approve(NAME)
    grant = give(mia, NAME)
    Grant.objects.filter(pk=grant.pk).update(starts_at=PAST - timedelta(days=1))
    return caller_for(mia)


def reason(caller: Caller) -> str | None:
    return policy.decide(caller, NAME, timezone.now()).denial


def test_the_list_is_the_documented_one() -> None:
    assert list(Denial) == DOCUMENTED


def test_every_denial_says_what_is_wrong_and_what_to_do() -> None:
    for denial in Denial:
        explanation = explanation_of(denial)
        assert explanation.message.endswith(".")
        assert explanation.remedy.endswith(".")


def test_nothing_stands_in_the_way_at_first(caller: Caller) -> None:
    decision = policy.decide(caller, NAME, timezone.now())
    assert decision.is_allowed
    assert decision.tool is not None
    assert decision.tool.client_name == NAME
    assert decision.rule is not None
    assert (decision.rule.grant, decision.rule.toolset.name) == (Grant.objects.get(), "On call tools")


@pytest.mark.parametrize("way", WAYS)
def test_each_has_its_reason(caller: Caller, way: str) -> None:
    denial, spoil = WAYS[way]
    spoil()
    assert reason(caller) == denial
    assert policy.callable_tools(caller, timezone.now()) == []


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_reasons_the_documented_first_is_told(caller: Caller, one: str, other: str) -> None:
    for way in (one, other):
        WAYS[way][1]()
    first = min((WAYS[one][0], WAYS[other][0]), key=DOCUMENTED.index)
    assert reason(caller) == first


def test_a_token_that_is_gone_is_a_closed_client(caller: Caller) -> None:
    Token.objects.all().delete()
    User.objects.update(is_active=False)
    assert reason(caller) == Denial.CLIENT_CLOSED


def test_an_approved_tool_without_its_revision_is_not_approved(caller: Caller) -> None:
    """The database forbids it; the decision doesn't lean on that."""
    tool = Tool.objects.select_related("server").get(client_name=NAME)
    tool.approved_revision = None
    assert policy._denial_by_state(tool, PortalSettings(), timezone.now()) == Denial.TOOL_NOT_APPROVED
    assert ToolRevision.objects.exists()


NO_TOOLS = [
    "",
    "opsgenie_no_such_tool",
    "get_alert",
    NAME.upper(),
    f" {NAME}",
    f"{NAME}\n",
    f"{NAME}\0",
    "x" * 5_000,
    f"{NAME}' OR 1=1 --",
    "\N{FIRE}",
]


@pytest.mark.parametrize("name", NO_TOOLS)
def test_a_name_that_is_no_tools_is_unknown(caller: Caller, name: str) -> None:
    decision = policy.decide(caller, name, timezone.now())
    assert (decision.denial, decision.tool, decision.rule) == (Denial.UNKNOWN_TOOL, None, None)


def test_a_tool_out_of_reach_is_unknown_whatever_its_state(caller: Caller, otto: User) -> None:
    stranger = caller_for(otto)
    missing = policy.decide(stranger, "opsgenie_no_such_tool", timezone.now())
    for way in ("server paused", "tool changed", "tool removed", "tool disabled"):
        WAYS[way][1]()
        hidden = policy.decide(stranger, NAME, timezone.now())
        assert (hidden.denial, hidden.rule) == (missing.denial, missing.rule)
