"""Why a person can or can't call a tool: the policy's own checks in words, and what would change the answer.

Nothing is decided here. The answer and the checks are `tools.policy`'s, the arguments are checked in the
order of an admission, and nothing is sent or kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from catalog import credentials
from catalog.fields import SecretUnreadable
from clients.models import Client, User
from tools import policy
from tools.argument_limits import limits_of, problems_with
from tools.check_words import in_words
from tools.denials import Denial
from tools.models import ArgumentLimit, Tool
from tools.reach import Rule
from tools.remedies import Remedy, remedies_for
from tools.schemas import argument_problems

LONGEST_ARGUMENTS = 100_000
#: Checks of a call that are made after the policy's, in their order.
_KEY_CHECKS = (Denial.CREDENTIAL_MISSING, Denial.CREDENTIAL_UNREADABLE)
#: What can't be so when the tool is out of the person's reach, and needs no remedy of its own then.
_OF_REACH = (
    Denial.UNKNOWN_TOOL, Denial.NOT_IN_ACCESS_PROFILE, Denial.GRANT_EXPIRED, Denial.ACTION_NOT_ALLOWED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """One check in words. `is_reason` is the first that failed; `follows` says that it had to fail with an
    earlier one, whose `remedies` help here too."""

    denial: Denial
    sentence: str
    failed: bool
    is_reason: bool
    follows: bool
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A rule by which the person reaches the tool. `lets_through` is whether it may be used now."""

    rule: Rule
    is_live: bool
    lets_through: bool
    decides: bool
    limit: ArgumentLimit | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one person and tool, and all it rests on. `denial` is None for a yes."""

    person: User
    client: Client | None
    tool: Tool
    denial: Denial | None
    checks: tuple[Checked, ...]
    ways: tuple[Way, ...]
    account: policy.Account

    @property
    def is_allowed(self) -> bool:
        """Whether a call with arguments that fit is let through."""
        return self.denial is None

    @property
    def reason(self) -> Checked | None:
        """The check that refuses, if one does."""
        return next((check for check in self.checks if check.is_reason), None)

    @property
    def further(self) -> tuple[Checked, ...]:
        """The checks that would still refuse once the reason is gone, by themselves."""
        return tuple(
            check for check in self.checks if check.failed and not check.is_reason and not check.follows
        )

    @property
    def is_within_reach(self) -> bool:
        """Whether some grant lets the tool through, whatever else is in the way."""
        return any(way.lets_through for way in self.ways)

    @property
    def limited(self) -> tuple[Way, ...]:
        """The ways that may be used now and narrow the arguments."""
        return tuple(way for way in self.ways if way.lets_through and way.limit is not None)

    @property
    def limits_apply(self) -> bool:
        """Whether any arguments are refused that fit the schema: not when one way is without a limit."""
        usable = [way for way in self.ways if way.lets_through]
        return bool(usable) and all(way.limit is not None for way in usable)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a call with some arguments. `problems` is empty for a yes."""

    denial: Denial | None
    problems: tuple[str, ...]
    through: Rule | None = None


def explain(person: User, tool: Tool, at: datetime, *, client: Client | None = None) -> Explanation:
    """The answer for this person and tool, through a client of theirs or through any that is sound."""
    account = policy.account(person, tool, at, client=client)
    checks = [*account.checks, *_key_checks(account)]
    denial = next((denial for denial, failed in checks if failed), None)
    return Explanation(
        person=person,
        client=client,
        tool=account.tool,
        denial=denial,
        checks=_checked(account, checks, denial),
        ways=_ways(account),
        account=account,
    )


def read_arguments(text: str) -> Mapping[str, Any] | str:
    """The arguments in `text`, or a sentence that says why they can't be read."""
    if len(text) > LONGEST_ARGUMENTS:
        return f"Shorten the arguments to {LONGEST_ARGUMENTS:,} characters."
    try:
        arguments = orjson.loads(text.encode(errors="replace"))
        # What is nested too deeply is read, but not written. A call with it is refused as well.
        orjson.dumps(arguments)
    except orjson.JSONDecodeError as error:
        return f"This is no JSON: {error.msg}, line {error.lineno}, column {error.colno}."
    except orjson.JSONEncodeError:
        return "The arguments are nested too deeply."
    if not isinstance(arguments, dict):
        return 'Arguments are a JSON object, such as {"query": "status: open"}.'
    return arguments


def try_arguments(explanation: Explanation, arguments: Mapping[str, Any]) -> Trial:
    """What the gateway would say to a call with these arguments, in the order in which it checks."""
    account = explanation.account
    revision = account.tool.approved_revision
    if account.decision.denial is not None or revision is None:
        return Trial(explanation.denial, ("The call is refused whatever its arguments are: see above.",))
    problems = argument_problems(revision, arguments)
    if problems:
        return Trial(Denial.ARGUMENTS_INVALID, tuple(problems))
    narrowed = policy.within_limits(account.decision, arguments)
    if narrowed.denial is not None:
        return Trial(narrowed.denial, tuple(_limit_problems(explanation, arguments)))
    if explanation.denial is not None:
        return Trial(explanation.denial, ("The arguments fit, but there is no key for the call: see above.",))
    return Trial(None, (), narrowed.rule)


def listed_tools(person: User, at: datetime, *, client: Client | None = None) -> list[Tool]:
    """What `tools/list` offers the person, by name, through this client or any that is sound."""
    return (
        policy.tools_of_client(client, at)
        if client is not None and client.owner_id == person.pk
        else policy.tools_of_person(person, at)
    )


def _limit_problems(explanation: Explanation, arguments: Mapping[str, Any]) -> list[str]:
    return [
        f"{way.rule.profile}: {problem}"
        for way in explanation.limited
        if way.limit is not None
        for problem in problems_with(way.limit, arguments)
    ]


def _key_checks(account: policy.Account) -> list[policy.Check]:
    """Whether the server has a key for the tool that can be read. The key itself is opened and dropped."""
    missing = unreadable = False
    try:
        credentials.target_for(account.tool.server, account.tool.name)
    except credentials.CredentialMissing:
        missing = True
    except SecretUnreadable:
        unreadable = True
    return list(zip(_KEY_CHECKS, (missing, unreadable), strict=True))


def _checked(
    account: policy.Account, checks: list[policy.Check], reason: Denial | None
) -> tuple[Checked, ...]:
    found: list[Checked] = []
    told = False
    for denial, failed in checks:
        follows = failed and denial in _OF_REACH and told
        told = told or (failed and denial in _OF_REACH)
        found.append(
            Checked(
                denial=denial,
                sentence=in_words(denial, account, failed=failed),
                failed=failed,
                is_reason=denial == reason,
                follows=follows,
                remedies=tuple(remedies_for(denial, account)) if failed and not follows else (),
            )
        )
    return tuple(found)


def _ways(account: policy.Account) -> tuple[Way, ...]:
    limits = limits_of(account.tool, [rule.profile for rule in account.live])
    return tuple(
        Way(
            rule=rule,
            is_live=is_live,
            lets_through=rule in account.permitting,
            decides=account.decision.is_allowed and rule == account.decision.rule,
            limit=limits.get(rule.profile.pk),
        )
        for is_live, rules in ((True, account.live), (False, account.ended))
        for rule in rules
    )
