"""Users and what hangs on them (/v2/users)."""

import re

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.coverage import notified_users
from sandbox.directory import find_user, user_named
from sandbox.errors import ApiError
from sandbox.escalations import escalation_view
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.paging import page
from sandbox.search_matching import Searchable, compile_query
from sandbox.state import Record, State
from sandbox.times import format_instant

BUILT_IN_ROLES = ("Owner", "Admin", "User", "Observer", "Stakeholder")
MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SORTABLE = ("username", "fullName", "createdAt")
SEARCH = Searchable(
    words=("username", "fullName"),
    exact={
        "id": "id", "username": "username", "fullname": "fullName", "locale": "locale",
        "timezone": "timeZone",
        "tag": "tags", "tags": "tags", "blocked": "blocked", "verified": "verified",
        "skypeusername": "skypeUsername",
        "role": "role.name", "country": "userAddress.country", "city": "userAddress.city",
    },
    instants={"createdat": "createdAt"},
)  # fmt: skip
ACCOUNT_WIDE = {"configuration": True, "account_wide": True}


def user_view(state: State, user: Record, *, contacts: bool = False) -> Record:
    """A user as reads show it."""
    shown = {name: value for name, value in user.items() if value is not None}
    if contacts:
        shown["userContacts"] = [
            {
                "id": contact["id"],
                "contactMethod": contact["method"],
                "to": contact["to"],
                "enabled": contact["status"]["enabled"],
                "disabledReason": contact["status"].get("disabledReason", ""),
            }
            for contact in state.table("contacts").values()
            if contact["userId"] == user["id"]
        ]
    return shown


def read_user(call: Call, present: Record | None) -> Record:
    """Read a new user, or the changes to a present one, into a whole record."""
    body, new = call.body, present is None
    user: Record = {
        "id": call.state.new_id(),
        "username": "",
        "fullName": "",
        "role": {"id": "User", "name": "User"},
        "skypeUsername": None,
        "timeZone": "UTC",
        "locale": "en_US",
        "userAddress": {"country": "", "state": "", "city": "", "line": "", "zipCode": ""},
        "tags": [],
        "details": {},
        "blocked": False,
        "verified": False,
        "createdAt": format_instant(call.now),
        **(present or {}),
    }
    for name, longest in (("username", 100), ("fullName", 512)):
        if new or body.given(name):
            user[name] = body.text(name, required=True, longest=longest)
    if body.given("username") and not MAIL_ADDRESS.fullmatch(user["username"]):
        body.complain("username", "should be a valid e-mail address")
    if new or body.given("role"):
        user["role"] = read_role(call, body.object("role", required=True))
    if body.given("skypeUsername"):
        user["skypeUsername"] = body.text("skypeUsername", longest=512)
    # Written "timezone" in some documents and "timeZone" in others.
    for name in ("timezone", "timeZone"):
        if body.given(name):
            user["timeZone"] = body.timezone(name, default="UTC")
    if body.given("locale"):
        user["locale"] = body.text("locale", longest=20)
    if body.given("userAddress"):
        address = body.object("userAddress")
        user["userAddress"] = {name: address.text(name, longest=512) for name in user["userAddress"]}
    if body.given("tags"):
        user["tags"] = body.strings("tags", most=100, longest=100)
    if body.given("details"):
        user["details"] = read_user_details(body)
    body.check()
    return user


def read_role(call: Call, fields: Fields) -> Record:
    """Read a role by name or id: a built-in one, or one of the account's own."""
    wanted = fields.text("name") or fields.text("id")
    for name in BUILT_IN_ROLES:
        if name.lower() == wanted.lower():
            return {"id": name, "name": name}
    for role in call.state.table("roles").values():
        if wanted in (role["id"], role["name"]):
            return {"id": role["id"], "name": role["name"]}
    fields.complain("name", f"Role does not exist: [{wanted}]")
    return {}


def read_user_details(body: Fields) -> dict[str, list[str]]:
    """Read a user's details: unlike an alert's, every key has a list of values."""
    details = body.mapping("details")
    lists = {key: value if isinstance(value, list) else [value] for key, value in details.items()}
    if not all(isinstance(item, str) for value in lists.values() for item in value):
        body.complain("details", "should be a map of lists of strings")
    return lists


@operation("GET", "/v2/users", Right.READ, configuration=True, domain="Search")
def list_users(call: Call) -> Answer:
    """A page of users, perhaps those a query finds."""
    query = call.query
    limit = query.number("limit", least=1, most=500, default=100)
    offset = query.number("offset", least=0)
    sort_name = "sort" if query.given("sort") else "sortField"
    sort = query.choice(sort_name, SORTABLE, default="username")
    order = query.choice("order", ("asc", "desc"), default="asc")
    query.check()
    wanted = compile_query(query.text("query"), SEARCH, call.now)
    users = [user for user in call.state.table("users").values() if wanted(user)]
    users.sort(key=lambda user: user[sort].lower(), reverse=order == "desc")
    shown = [user_view(call.state, user) for user in users[offset : offset + limit]]
    return page(call, shown, offset=offset, limit=limit, total=len(users), totalCount=len(users))


@operation("GET", "/v2/users/<identifier>", Right.READ, configuration=True)
def get_user(call: Call, identifier: str) -> Answer:
    """One user by id or username."""
    contacts = "contact" in call.query.strings("expand")
    return found(
        user_view(call.state, find_user(call.state, identifier), contacts=contacts), expandable=["contact"]
    )


@operation("POST", "/v2/users", Right.WRITE, **ACCOUNT_WIDE)
def create_user(call: Call) -> Answer:
    """A new user. The invitation Opsgenie would send is left out."""
    user = read_user(call, None)
    if user_named(call.state, user["username"]):
        raise ApiError(409, f"User with username [{user['username']}] already exists")
    call.state.table("users")[user["id"]] = user
    add_mail_contact(call.state, user)
    return created({"id": user["id"], "name": user["fullName"]})


def add_mail_contact(state: State, user: Record) -> None:
    """Give a user the contact everybody starts with: the mail address they sign in with."""
    contact = {
        "id": state.new_id(),
        "userId": user["id"],
        "method": "email",
        "to": user["username"],
        "status": {"enabled": True},
        "applyOrder": 0,
    }
    state.table("contacts")[contact["id"]] = contact


@operation("PATCH", "/v2/users/<identifier>", Right.WRITE, **ACCOUNT_WIDE)
def update_user(call: Call, identifier: str) -> Answer:
    """Change the fields given."""
    user = find_user(call.state, identifier)
    changes = read_user(call, user)
    namesake = user_named(call.state, changes["username"])
    if namesake and namesake["id"] != user["id"]:
        raise ApiError(409, f"User with username [{changes['username']}] already exists")
    user.update(changes)
    return changed("Updated", {"id": user["id"], "name": user["fullName"]})


@operation("DELETE", "/v2/users/<identifier>", Right.DELETE, **ACCOUNT_WIDE)
def delete_user(call: Call, identifier: str) -> Answer:
    """Remove a user from everything it is part of. The owner of the account stays."""
    user = find_user(call.state, identifier)
    if user["role"]["name"] == "Owner":
        raise ApiError(422, "Owner of the account can not be deleted")
    remove_user(call.state, user["id"])
    return changed("Deleted")


def remove_user(state: State, user_id: str) -> None:
    """Forget a user, in teams, rotations, escalations, overrides and forwarding rules too."""
    del state.table("users")[user_id]
    for team in state.table("teams").values():
        team["members"] = [each for each in team["members"] if each["user"]["id"] != user_id]
    for schedule in state.table("schedules").values():
        for rotation in schedule["rotations"]:
            # The place is kept, empty: taking it out would move everybody else's turn.
            rotation["participants"] = [
                {"type": "none"} if each.get("id") == user_id else each for each in rotation["participants"]
            ]
    for escalation in state.table("escalations").values():
        escalation["rules"] = [rule for rule in escalation["rules"] if rule["recipient"].get("id") != user_id]
    for name_of_table, names in {
        "overrides": ("user",),
        "forwarding_rules": ("fromUser", "toUser"),
        "contacts": ("userId",),
        "notification_rules": ("userId",),
    }.items():
        records = state.table(name_of_table)
        for key, record in list(records.items()):
            owners = [
                record[name]["id"] if isinstance(record[name], dict) else record[name] for name in names
            ]
            if user_id in owners:
                del records[key]


@operation("GET", "/v2/users/<identifier>/teams", Right.READ, configuration=True)
def list_user_teams(call: Call, identifier: str) -> Answer:
    """The teams a user is a member of."""
    user = find_user(call.state, identifier)
    teams = call.state.table("teams").values()
    return found([
        {"id": team["id"], "name": team["name"]}
        for team in teams
        if any(member["user"]["id"] == user["id"] for member in team["members"])
    ])  # fmt: skip


@operation("GET", "/v2/users/<identifier>/schedules", Right.READ, configuration=True)
def list_user_schedules(call: Call, identifier: str) -> Answer:
    """The schedules a user takes part in, now or ever."""
    user = find_user(call.state, identifier)
    return found([
        {"id": schedule["id"], "name": schedule["name"], "enabled": schedule["enabled"]}
        for schedule in call.state.table("schedules").values()
        if _involved(call, user, participants_of(schedule))
    ])  # fmt: skip


@operation("GET", "/v2/users/<identifier>/escalations", Right.READ, configuration=True)
def list_user_escalations(call: Call, identifier: str) -> Answer:
    """The escalations that may reach a user."""
    user = find_user(call.state, identifier)
    return found([
        escalation_view(call.state, escalation)
        for escalation in call.state.table("escalations").values()
        if _involved(call, user, [rule["recipient"] for rule in escalation["rules"]])
    ])  # fmt: skip


def participants_of(schedule: Record) -> list[Record]:
    """Everybody and everything that takes a turn in a schedule."""
    return [each for rotation in schedule["rotations"] for each in rotation["participants"]]


def _involved(call: Call, user: Record, recipients: list[Record]) -> bool:
    return any(user in notified_users(call.state, recipient, call.now) for recipient in recipients)


@operation("GET", "/v2/users/<identifier>/forwarding-rules", Right.READ, configuration=True)
def list_user_forwarding_rules(call: Call, identifier: str) -> Answer:
    """The rules that pass a user's notifications on."""
    user = find_user(call.state, identifier)
    rules = call.state.table("forwarding_rules").values()
    return found([rule for rule in rules if rule["fromUser"]["id"] == user["id"]])
