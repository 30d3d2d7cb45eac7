"""Teams, their members and their log (/v2/teams)."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import ensure_name_is_free, find_team, find_user, owner_id
from sandbox.errors import ApiError, forbidden, in_use, not_found
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.schedules import remove_schedule
from sandbox.state import Record, State
from sandbox.times import format_instant
from sandbox.usage import users_of

BUILT_IN_ROLES = ("admin", "user")


def team_view(state: State, team: Record, *, members: bool = True) -> Record:
    """A team as reads show it."""
    shown = {name: team[name] for name in ("id", "name", "description")}
    if members:
        users = state.table("users")
        shown["members"] = [
            {
                "user": {"id": each["user"]["id"], "username": users[each["user"]["id"]]["username"]},
                "role": each["role"],
            }
            for each in team["members"]
        ]
    return shown


def log_team(call: Call, team: Record, text: str) -> None:
    """Add a line to a team's log."""
    team["logs"].append({"log": text, "owner": "API", "createdDate": format_instant(call.now)})


def read_member(call: Call, fields: Fields, team: Record) -> Record:
    """Read a member and the role it gets in the team."""
    reference = fields.object("user", required=True)
    identifier = reference.text("id") or reference.text("username")
    role = fields.text("role", default="user")
    if role not in BUILT_IN_ROLES and role not in [each["name"] for each in team["roles"]]:
        fields.complain("role", f"Role does not exist: [{role}]")
    call.body.check()
    user = find_user(call.state, identifier)
    return {"user": {"id": user["id"], "username": user["username"]}, "role": role}


def read_members(call: Call, team: Record) -> list[Record]:
    """Read a list of members; somebody named twice is one member."""
    members = [read_member(call, each, team) for each in call.body.objects("members", most=500)]
    return list({member["user"]["id"]: member for member in members}.values())


@operation("GET", "/v2/teams", Right.READ, configuration=True)
def list_teams(call: Call) -> Answer:
    """All teams, without their members unless asked for; this list isn't paged."""
    members = "member" in call.query.strings("expand")
    teams = [team for team in call.state.table("teams").values() if call.sees(team["id"])]
    return found([team_view(call.state, team, members=members) for team in teams], expandable=["member"])


@operation("GET", "/v2/teams/<identifier>", Right.READ, configuration=True)
def get_team(call: Call, identifier: str) -> Answer:
    """One team with its members."""
    return found(team_view(call.state, find_team(call, identifier)))


@operation("POST", "/v2/teams", Right.WRITE, configuration=True, account_wide=True)
def create_team(call: Call) -> Answer:
    """A new team, which gets a schedule, an escalation and a default routing rule of its own."""
    body = call.body
    name = body.text("name", required=True, longest=100)
    team = new_team(call.state, name, body.text("description", longest=10000))
    body.check()
    for taken in (name, f"{name}_schedule", f"{name}_escalation"):
        ensure_name_is_free(call.state, taken)
    team["members"] = read_members(call, team)
    body.check()
    add_team(call.state, team, format_instant(call.now))
    log_team(call, team, "Team is created")
    return created({"id": team["id"], "name": name})


def new_team(state: State, name: str, description: str) -> Record:
    """An empty team that isn't anywhere yet."""
    return {
        "id": state.new_id(),
        "name": name,
        "description": description,
        "members": [],
        "roles": [],
        "routingRules": [],
        "logs": [],
    }


def add_team(state: State, team: Record, starts: str, timezone: str = "UTC") -> None:
    """Put a team into the state with everything Opsgenie makes for a new one (Opsgenie docs, Team API)."""
    schedule = _first_schedule(state, team, starts, timezone)
    escalation = _first_escalation(state, team, {"type": "schedule", **_named(schedule)})
    team["routingRules"].append(
        {
            "id": state.new_id(),
            "name": "Default Routing Rule",
            "isDefault": True,
            "order": 0,
            "criteria": {"type": "match-all"},
            "timezone": timezone,
            "timeRestriction": None,
            "notify": {"type": "escalation", **_named(escalation)},
        }
    )
    state.table("teams")[team["id"]] = team
    state.table("schedules")[schedule["id"]] = schedule
    state.table("escalations")[escalation["id"]] = escalation


def _named(record: Record) -> Record:
    return {"id": record["id"], "name": record["name"]}


def _first_schedule(state: State, team: Record, starts: str, timezone: str) -> Record:
    """All members in weekly turns."""
    rotation = {
        "id": state.new_id(),
        "name": "Rot1",
        "startDate": starts,
        "endDate": None,
        "type": "weekly",
        "length": 1,
        "participants": [{"type": "user", **member["user"]} for member in team["members"]],
        "timeRestriction": None,
    }
    return {
        "id": state.new_id(),
        "name": f"{team['name']}_schedule",
        "description": "",
        "timezone": timezone,
        "enabled": True,
        "ownerTeam": _named(team),
        "rotations": [rotation] if team["members"] else [],
    }


def _first_escalation(state: State, team: Record, schedule: Record) -> Record:
    """Who is on call, the next one after five minutes, and everybody after ten."""
    return {
        "id": state.new_id(),
        "name": f"{team['name']}_escalation",
        "description": "",
        "ownerTeam": _named(team),
        "rules": [
            _rule(0, "default", schedule),
            _rule(5, "next", schedule),
            _rule(10, "all", {"type": "team", **_named(team)}),
        ],
        "repeat": None,
    }


def _rule(minutes: int, notify_type: str, recipient: Record) -> Record:
    return {
        "condition": "if-not-acked",
        "notifyType": notify_type,
        "delay": {"timeAmount": minutes, "timeUnit": "minutes"},
        "recipient": recipient,
    }


@operation("PATCH", "/v2/teams/<identifier>", Right.WRITE, configuration=True)
def update_team(call: Call, identifier: str) -> Answer:
    """Change the fields given; members, if given, replace all there were. The identifier is always an id."""
    body, team = call.body, call.state.table("teams").get(identifier)
    if team is None:
        raise not_found("Team", identifier)
    call.require_team(team["id"])
    changes: Record = {}
    if body.given("name"):
        changes["name"] = body.text("name", required=True, longest=100)
    if body.given("description"):
        changes["description"] = body.text("description", longest=10000)
    if body.given("members"):
        changes["members"] = read_members(call, team)
    body.check()
    if call.team and changes.get("name", team["name"]) != team["name"]:
        # The scope of a team's key goes by name here; renaming would lock the key out of its own team.
        raise forbidden("Team API Keys are not authorized to perform this action.")
    ensure_name_is_free(call.state, changes.get("name", ""), keeper=team["id"])
    team.update(changes)
    for table in ("schedules", "escalations", "integrations", "heartbeats"):
        for record in call.state.table(table).values():
            if owner_id(record) == team["id"]:
                record["ownerTeam"] = {"id": team["id"], "name": team["name"]}
    log_team(call, team, "Team is updated")
    return changed("Updated", {"id": team["id"], "name": team["name"]})


@operation("DELETE", "/v2/teams/<identifier>", Right.DELETE, configuration=True, account_wide=True)
def delete_team(call: Call, identifier: str) -> Answer:
    """Remove a team with what it owns, unless something outside the team refers to any of it."""
    team = find_team(call, identifier)
    owned = [
        (kind, record["id"])
        for kind, table in (("schedule", "schedules"), ("escalation", "escalations"))
        for record in call.state.table(table).values()
        if owner_id(record) == team["id"]
    ]
    for kind, entity in [("team", team["id"]), *owned]:
        for user in users_of(call.state, kind, entity, except_team=team["id"]):
            raise in_use("Team", team["name"], user)
    for kind, entity in owned:
        if kind == "schedule":
            remove_schedule(call.state, entity)
        else:
            del call.state.table("escalations")[entity]
    del call.state.table("teams")[team["id"]]
    return changed("Deleted")


@operation("GET", "/v2/teams/<identifier>/logs", Right.READ, configuration=True)
def list_team_logs(call: Call, identifier: str) -> Answer:
    """What happened to a team. `offset` is an opaque key: here, the number of lines already seen."""
    team, query = find_team(call, identifier), call.query
    limit = query.number("limit", least=1, most=100, default=100)
    offset = query.number("offset", least=0)
    order = query.choice("order", ("asc", "desc"), default="desc")
    query.check()
    lines = team["logs"] if order == "asc" else list(reversed(team["logs"]))
    return found({"offset": str(min(offset + limit, len(lines))), "logs": lines[offset : offset + limit]})


@operation("POST", "/v2/teams/<identifier>/members", Right.WRITE, configuration=True)
def add_team_member(call: Call, identifier: str) -> Answer:
    """Add a user to a team; somebody already in it gets the new role."""
    team = find_team(call, identifier)
    member = read_member(call, call.body, team)
    others = [each for each in team["members"] if each["user"]["id"] != member["user"]["id"]]
    team["members"] = [*others, member]
    log_team(call, team, f"{member['user']['username']} is added as {member['role']}")
    return changed("Added", {"id": team["id"], "name": team["name"]})


@operation("DELETE", "/v2/teams/<identifier>/members/<member>", Right.DELETE, configuration=True)
def remove_team_member(call: Call, identifier: str, member: str) -> Answer:
    """Remove a user from a team, but not from its schedules."""
    team, user = find_team(call, identifier), find_user(call.state, member)
    remaining = [each for each in team["members"] if each["user"]["id"] != user["id"]]
    if len(remaining) == len(team["members"]):
        raise ApiError(404, f"User [{user['username']}] is not a member of team [{team['name']}]")
    team["members"] = remaining
    log_team(call, team, f"{user['username']} is removed")
    return changed("Removed", {"id": team["id"], "name": team["name"]})
