"""Alert and notification policies, version 2 (/v2/policies)."""

from sandbox.alert_requests import PRIORITIES
from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.conditions import read_filter
from sandbox.durations import read_duration
from sandbox.errors import not_found, unprocessable
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.recipients import NOTIFIABLE, read_reference
from sandbox.restrictions import read_restriction
from sandbox.state import Record

PATH = "/v2/policies"
NEEDS = {"configuration": True}
TYPES = ("alert", "notification")
TEXTS = ("message", "alias", "alertDescription", "description", "entity", "source")
FLAGS = (
    "ignoreOriginalActions",
    "ignoreOriginalDetails",
    "ignoreOriginalResponders",
    "ignoreOriginalTags",
    "ignoreOriginalTeams",
    "continue",
)
DELAYS = (
    "for-duration", "next-time", "next-weekday", "next-monday", "next-tuesday", "next-wednesday",
    "next-thursday", "next-friday", "next-saturday", "next-sunday",
)  # fmt: skip


def team_asked(call: Call) -> str:
    """The team whose policies are meant; without one, those of the account."""
    team_id = call.query.text("teamId") or (
        call.body.text("teamId") if call.request.method in ("POST", "PUT") else ""
    )
    if not team_id and call.team:
        team_id = call.team["id"]
    if team_id and team_id not in call.state.table("teams"):
        raise not_found("Team", team_id)
    call.require_team(team_id or None)
    return team_id


def policies_of(call: Call, kind: str, team_id: str) -> list[Record]:
    """The policies of one type and team, in the order they are applied."""
    policies = [
        each
        for each in call.state.table("policies").values()
        if each["type"] == kind and each.get("teamId", "") == team_id
    ]
    return sorted(policies, key=lambda policy: policy["order"])


def find_policy(call: Call, policy_id: str) -> Record:
    """A policy by id; one of a team is only found with the team's id."""
    policy = call.state.table("policies").get(policy_id)
    if policy is None or policy.get("teamId", "") != team_asked(call):
        raise not_found("Policy", policy_id)
    return policy


def policy_meta(policy: Record) -> Record:
    """The short form of a policy."""
    return {name: policy[name] for name in ("id", "name", "type", "order", "enabled")}


def read_policy(call: Call, kind: str, team_id: str) -> Record:
    """Read the fields every policy has, and those of its type."""
    body = call.body
    policy: Record = {
        "name": body.text("name", required=True, longest=512),
        "policyDescription": body.text("policyDescription", longest=10000),
        "type": kind,
        "enabled": body.flag("enabled", default=False),
        "filter": read_filter(body.object("filter")),
    }
    # The documents use both names for the same thing.
    for name in ("timeRestrictions", "timeRestriction"):
        if body.given(name):
            policy["timeRestrictions"] = read_restriction(body, name)
    if team_id:
        policy["teamId"] = team_id
    policy.update(read_alert_policy(call) if kind == "alert" else read_notification_policy(call))
    body.check()
    return policy


def read_alert_policy(call: Call) -> Record:
    """Read what an alert policy does to alerts."""
    body = call.body
    policy: Record = {name: body.text(name, longest=15000) for name in TEXTS if body.given(name)}
    policy.update({name: body.flag(name) for name in FLAGS if body.given(name)})
    policy["message"] = body.text("message", longest=130, default="{{message}}")
    for name, most in (("tags", 20), ("actions", 10)):
        if body.given(name):
            policy[name] = body.strings(name, most=most)
    if body.given("responders"):
        policy["responders"] = [
            read_reference(each, NOTIFIABLE) for each in body.objects("responders", most=50)
        ]
    if body.given("details"):
        policy["details"] = body.details("details")
    if body.given("priority"):
        policy["priority"] = body.choice("priority", PRIORITIES)
    return policy


def read_notification_policy(call: Call) -> Record:
    """Read what a notification policy does to notifications."""
    body = call.body
    policy: Record = {"suppress": body.flag("suppress")}
    if body.given("autoRestartAction"):
        restart = body.object("autoRestartAction")
        policy["autoRestartAction"] = {
            "duration": read_duration(restart, "duration", required=True),
            "maxRepeatCount": restart.number("maxRepeatCount", required=True, least=1, most=20),
        }
    if body.given("autoCloseAction"):
        close = body.object("autoCloseAction")
        policy["autoCloseAction"] = {"duration": read_duration(close, "duration", required=True)}
    if body.given("deduplicationAction"):
        deduplication = body.object("deduplicationAction")
        kind = deduplication.choice(
            "deduplicationActionType", ("value-based", "frequency-based"), required=True
        )
        policy["deduplicationAction"] = {
            "deduplicationActionType": kind,
            "count": deduplication.number("count", required=True, least=2),
        }
        if deduplication.given("duration"):
            policy["deduplicationAction"]["duration"] = read_duration(deduplication, "duration")
    if body.given("delayAction"):
        delay = body.object("delayAction")
        policy["delayAction"] = {"delayOption": delay.choice("delayOption", DELAYS, required=True)}
        for name, most in (("untilHour", 23), ("untilMinute", 59)):
            if delay.given(name):
                policy["delayAction"][name] = delay.number(name, least=0, most=most)
        if delay.given("duration"):
            policy["delayAction"]["duration"] = read_duration(delay, "duration")
    return policy


def place(call: Call, policy: Record, order: int) -> None:
    """Put a policy at a position among those of its type and team."""
    others = [
        each for each in policies_of(call, policy["type"], policy.get("teamId", "")) if each is not policy
    ]
    others.insert(order, policy)
    for position, each in enumerate(others):
        each["order"] = position


@operation("GET", f"{PATH}/alert", Right.READ, **NEEDS)
def list_alert_policies(call: Call) -> Answer:
    """The alert policies of the account, or of a team."""
    return found([policy_meta(policy) for policy in policies_of(call, "alert", team_asked(call))])


@operation("GET", f"{PATH}/notification", Right.READ, **NEEDS)
def list_notification_policies(call: Call) -> Answer:
    """The notification policies of a team; the account has none of its own."""
    team_id = team_asked(call)
    if not team_id:
        raise unprocessable({"teamId": "may not be empty"})
    return found([policy_meta(policy) for policy in policies_of(call, "notification", team_id)])


@operation("GET", f"{PATH}/<policy_id>", Right.READ, **NEEDS)
def get_policy(call: Call, policy_id: str) -> Answer:
    """One policy."""
    policy = find_policy(call, policy_id)
    return found({name: value for name, value in policy.items() if name != "order"})


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_policy(call: Call) -> Answer:
    """A new policy, applied last."""
    kind, team_id = call.body.choice("type", TYPES, required=True), team_asked(call)
    if kind == "notification" and not team_id:
        call.body.complain("teamId", "may not be empty")
    policy = {"id": call.state.new_id(), "order": 0, **read_policy(call, kind, team_id)}
    position = len(policies_of(call, kind, team_id))
    call.state.table("policies")[policy["id"]] = policy
    place(call, policy, position)
    return created(policy_meta(policy))


@operation("PUT", f"{PATH}/<policy_id>", Right.WRITE, **NEEDS)
def update_policy(call: Call, policy_id: str) -> Answer:
    """Replace a policy; its type stays."""
    policy = find_policy(call, policy_id)
    changes = read_policy(call, policy["type"], policy.get("teamId", ""))
    kept = {"id": policy["id"], "order": policy["order"]}
    policy.clear()
    policy.update({**kept, **changes})
    return changed("Updated", policy_meta(policy))


@operation("DELETE", f"{PATH}/<policy_id>", Right.DELETE, **NEEDS)
def delete_policy(call: Call, policy_id: str) -> Answer:
    """Remove a policy."""
    policy = find_policy(call, policy_id)
    del call.state.table("policies")[policy_id]
    for position, each in enumerate(policies_of(call, policy["type"], policy.get("teamId", ""))):
        each["order"] = position
    return changed("Deleted")


@operation("POST", f"{PATH}/<policy_id>/enable", Right.WRITE, **NEEDS)
def enable_policy(call: Call, policy_id: str) -> Answer:
    """Apply a policy."""
    find_policy(call, policy_id)["enabled"] = True
    return changed("Enabled")


@operation("POST", f"{PATH}/<policy_id>/disable", Right.WRITE, **NEEDS)
def disable_policy(call: Call, policy_id: str) -> Answer:
    """Apply a policy no longer."""
    find_policy(call, policy_id)["enabled"] = False
    return changed("Disabled")


@operation("POST", f"{PATH}/<policy_id>/change-order", Right.WRITE, **NEEDS)
def change_policy_order(call: Call, policy_id: str) -> Answer:
    """Move a policy; the order decides which one is applied first."""
    policy = find_policy(call, policy_id)
    index = call.body.number("targetIndex", required=True, least=0)
    call.body.check()
    place(call, policy, index)
    return changed("Updated")
