"""Finding people, teams, schedules and escalations by id or name."""

from collections.abc import Iterable

from sandbox.calls import Call
from sandbox.errors import name_taken, not_found, unprocessable
from sandbox.state import Record, State

# Teams, schedules and escalations share one name space (seen in answers, not documented).
NAMED_TABLES = {"teams": "Team", "schedules": "Schedule", "escalations": "Escalation"}


def find(
    state: State,
    table: str,
    identifier: str,
    *,
    kind: str,
    identifier_type: str = "id",
    name_field: str = "name",
) -> Record:
    """The record with this id, or this name if the caller said it is one. 404 if there is none."""
    records = state.table(table)
    if identifier_type == "id":
        record = records.get(identifier)
    else:
        record = next((each for each in records.values() if each.get("name") == identifier), None)
    if record is None:
        raise not_found(kind, identifier, identifier_type)
    return record


def identifier_type(call: Call, *parameters: str, options: Iterable[str] = ("id", "name")) -> str:
    """What the identifier in the path is. Paths differ in what the parameter is called."""
    options = tuple(options)
    for parameter in parameters or ("identifierType",):
        if call.query.given(parameter):
            chosen = call.query.choice(parameter, options, default=options[0])
            call.query.check()
            return chosen
    return options[0]


def find_user(state: State, identifier: str) -> Record:
    """A user by id or username."""
    user = state.table("users").get(identifier) or user_named(state, identifier)
    if user is None:
        raise not_found("User", identifier)
    return user


def user_named(state: State, username: str) -> Record | None:
    """A user by username; case doesn't matter in an e-mail address here."""
    wanted = username.lower()
    return next((user for user in state.table("users").values() if user["username"].lower() == wanted), None)


def find_team(call: Call, identifier: str, *, parameter: str = "") -> Record:
    """The team of a /v2/teams path, if the key may see it. Some paths allow only one `parameter`."""
    chosen = identifier_type(call, *([parameter] if parameter else ["teamIdentifierType", "identifierType"]))
    team = find(call.state, "teams", identifier, kind="Team", identifier_type=chosen)
    call.require_team(team["id"])
    return team


def find_schedule(call: Call, identifier: str) -> Record:
    """The schedule of a /v2/schedules path, if the key may see it."""
    chosen = identifier_type(call, "scheduleIdentifierType", "identifierType")
    schedule = find(call.state, "schedules", identifier, kind="Schedule", identifier_type=chosen)
    call.require_team(owner_id(schedule))
    return schedule


def find_escalation(call: Call, identifier: str) -> Record:
    """The escalation of a /v2/escalations path, if the key may see it."""
    chosen = identifier_type(call)
    escalation = find(call.state, "escalations", identifier, kind="Escalation", identifier_type=chosen)
    call.require_team(owner_id(escalation))
    return escalation


def owner_id(record: Record) -> str | None:
    """The id of the team that owns a schedule, escalation, integration or heartbeat."""
    return (record.get("ownerTeam") or {}).get("id")


def owner_team(call: Call) -> Record | None:
    """The `ownerTeam` a body names, as records hold it. A team's key owns what it makes."""
    reference = call.body.object("ownerTeam")
    if not call.body.given("ownerTeam"):
        return {"id": call.team["id"], "name": call.team["name"]} if call.team else None
    identifier, name = reference.text("id"), reference.text("name")
    teams = call.state.table("teams").values()
    team = next(
        (each for each in teams if each["id"] == identifier or (not identifier and each["name"] == name)),
        None,
    )
    if team is None:
        raise unprocessable({"ownerTeam": f"Team does not exist with id or name: [{identifier or name}]"})
    call.require_team(team["id"])
    return {"id": team["id"], "name": team["name"]}


def ensure_name_is_free(state: State, name: str, *, keeper: str | None = None) -> None:
    """Refuse a name another team, schedule or escalation has. `keeper` is the id of the one being renamed."""
    for table, kind in NAMED_TABLES.items():
        for record in state.table(table).values():
            if record["name"] == name and record["id"] != keeper:
                raise name_taken(kind)
