"""Each check of the policy as a sentence about this person and tool, for when it passes and for when not."""

from __future__ import annotations

from tools.denials import Denial
from tools.models import Risk, Tool
from tools.policy import Account
from tools.tool_words import moment

_PASSED = {
    Denial.GATEWAY_STOPPED: "AI access management is on, and no stop of the whole gateway is in force.",
    Denial.USER_INACTIVE: "{person} is active.",
    Denial.USER_STOPPED: "No stop of {person} is in force.",
    Denial.CLIENT_CLOSED: "{client} is open and has a valid token.",
    Denial.CLIENT_STOPPED: "No stop of {client} is in force.",
    Denial.CLIENT_TYPE_NOT_ALLOWED: "Clients of the kind of {client} may call.",
    Denial.UNKNOWN_TOOL: "{person} may know of {tool}.",
    Denial.SERVER_DISABLED: "The server {server} is not paused.",
    Denial.SERVER_STOPPED: "No stop of the server {server} is in force.",
    Denial.TOOL_STOPPED: "No stop of {tool} is in force.",
    Denial.TOOL_NOT_APPROVED: "{tool} waits for no approval.",
    Denial.TOOL_CHANGED: "No change of its definition keeps {tool} from being called.",
    Denial.TOOL_REMOVED: "The upstream offers {tool}.",
    Denial.NOT_IN_ACCESS_PROFILE: "An access profile of {person} holds {tool}.",
    Denial.GRANT_EXPIRED: "A grant of such a profile is in force.",
    Denial.ACTION_NOT_ALLOWED: "The profile lets through what {tool} does: {does}.",
    Denial.CREDENTIAL_MISSING: "The server {server} has an active key for {tool}.",
    Denial.CREDENTIAL_UNREADABLE: "The encryption keys open the key of {server}.",
}
# Without a client the question is about any sound one: what is about clients passes by assumption.
_PASSED_WITHOUT_CLIENT = {
    Denial.CLIENT_CLOSED: "Assumed: a client of {person}'s that is open and has a valid token.",
    Denial.CLIENT_STOPPED: "Assumed: a client that no stop is in force for.",
    Denial.CLIENT_TYPE_NOT_ALLOWED: "Assumed: a client of a kind that may call.",
}
_FAILED = {
    Denial.USER_INACTIVE: "{person} is inactive.",
    Denial.CLIENT_TYPE_NOT_ALLOWED: "Clients of the kind of {client} may not call.",
    Denial.UNKNOWN_TOOL: "No grant of {person}'s reaches {tool}: to them it doesn't exist.",
    Denial.SERVER_DISABLED: "The server {server} is paused.",
    Denial.TOOL_CHANGED: "The definition of {tool} changed and waits for review.",
    Denial.TOOL_REMOVED: "The upstream doesn't offer {tool} any more.",
    Denial.NOT_IN_ACCESS_PROFILE: "No access profile of {person} holds {tool}.",
    Denial.ACTION_NOT_ALLOWED: "No profile through which {person} has {tool} lets it through: it is {does}.",
    Denial.CREDENTIAL_MISSING: "The server {server} has no active key for {tool}.",
    Denial.CREDENTIAL_UNREADABLE: "No encryption key opens the key of {server}.",
}
_STOPS = (
    Denial.GATEWAY_STOPPED, Denial.USER_STOPPED, Denial.CLIENT_STOPPED, Denial.SERVER_STOPPED,
    Denial.TOOL_STOPPED,
)  # fmt: skip


def in_words(denial: Denial, account: Account, *, failed: bool) -> str:
    """What the check that gives `denial` found."""
    if not failed:
        has_client = account.situation.client is not None
        words = _PASSED if has_client else {**_PASSED, **_PASSED_WITHOUT_CLIENT}
        return _filled(words[denial], account)
    if denial in _STOPS:
        return _stopped(denial, account)
    match denial:
        case Denial.CLIENT_CLOSED:
            return _disconnected(account)
        case Denial.TOOL_NOT_APPROVED:
            return _not_approved(account.tool)
        case Denial.GRANT_EXPIRED:
            return _ended(account)
    return _filled(_FAILED[denial], account)


def does(tool: Tool) -> str:
    """What a ceiling looks at, in words: "write" or "write, dangerous"."""
    action = str(tool.effective_action.label)
    return f"{action}, dangerous" if tool.risk == Risk.DANGEROUS else action


def _filled(sentence: str, account: Account) -> str:
    return sentence.format(
        person=account.situation.user,
        client=account.situation.client or "the client",
        tool=account.tool,
        server=account.tool.server,
        does=does(account.tool),
    )


def _stopped(denial: Denial, account: Account) -> str:
    stop = account.situation.stop_behind(denial, account.tool)
    if stop is None:
        return "AI access management is off: every call is refused."
    until = f" until {moment(stop.ends_at)}" if stop.ends_at else ""
    target = {
        Denial.GATEWAY_STOPPED: "the whole gateway",
        Denial.USER_STOPPED: "{person}",
        Denial.CLIENT_STOPPED: "{client}",
        Denial.SERVER_STOPPED: "the server {server}",
        Denial.TOOL_STOPPED: "{tool}",
    }[denial]
    return (
        f"A stop of {_filled(target, account)} is in force since {moment(stop.starts_at)}{until}, set by "
        f"{stop.set_by}: {stop.reason}"
    )


def _disconnected(account: Account) -> str:
    client = account.situation.client
    if client is not None and client.is_open:
        return f"{client} has no valid token: all of its tokens are expired or revoked, or it never had one."
    return f"{client} is {client.get_state_display() if client else 'gone'}."


def _not_approved(tool: Tool) -> str:
    if tool.state in (Tool.State.APPROVED, Tool.State.CHANGED):
        until = f" on {moment(tool.approval_expires_at)}" if tool.approval_expires_at else ""
        return f"The approval of {tool} ended{until}."
    return f"{tool} is {tool.get_state_display()} since {moment(tool.state_since)}."


def _ended(account: Account) -> str:
    ends = [rule.grant.ends_at for rule in account.ended if rule.grant.ends_at is not None]
    if not ends:
        return _filled("No grant that reaches {tool} is in force.", account)
    return _filled("The last grant that reached {tool} ended on ", account) + f"{moment(max(ends))}."
