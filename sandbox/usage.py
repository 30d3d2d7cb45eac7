"""What refers to what, so that nothing in use is deleted (Opsgenie docs, response codes: 428)."""

from collections.abc import Iterator

from sandbox.state import Record, State


def users_of(state: State, kind: str, identifier: str, *, except_team: str | None = None) -> Iterator[str]:
    """Descriptions of what refers to an entity. What belongs to `except_team` doesn't count."""
    for escalation in state.table("escalations").values():
        if except_team is not None and _owner(escalation) == except_team:
            continue
        if any(_refers(rule["recipient"], kind, identifier) for rule in escalation["rules"]):
            yield f"escalation [{escalation['name']}]"
    for schedule in state.table("schedules").values():
        if except_team is not None and _owner(schedule) == except_team:
            continue
        participants = [each for rotation in schedule["rotations"] for each in rotation["participants"]]
        if any(_refers(participant, kind, identifier) for participant in participants):
            yield f"schedule [{schedule['name']}]"
    for team in state.table("teams").values():
        if team["id"] != except_team and any(
            _refers(rule["notify"], kind, identifier) for rule in team["routingRules"]
        ):
            yield f"a routing rule of team [{team['name']}]"


def _owner(record: Record) -> str | None:
    return (record.get("ownerTeam") or {}).get("id")


def _refers(recipient: Record, kind: str, identifier: str) -> bool:
    return recipient["type"] == kind and recipient.get("id") == identifier
