"""Who may be told about something: users, teams, schedules and escalations named in a body."""

from collections.abc import Collection

from sandbox.directory import user_named
from sandbox.fields import Fields
from sandbox.state import Record, State

TABLES = {"user": "users", "team": "teams", "schedule": "schedules", "escalation": "escalations"}
NOTIFIABLE = tuple(TABLES)


def find_recipient(state: State, reference: Record) -> Record | None:
    """The record a `{type, id | name | username}` reference means, if it exists."""
    table = state.table(TABLES[reference["type"]])
    if reference.get("id"):
        return table.get(reference["id"])
    if reference["type"] == "user":
        return user_named(state, reference.get("username") or reference.get("name") or "")
    return next((record for record in table.values() if record["name"] == reference.get("name")), None)


def read_reference(fields: Fields, kinds: Collection[str], *, default_type: str = "") -> Record:
    """Read a recipient as the caller wrote it, without looking whether it exists."""
    kind = fields.text("type", default=default_type)
    if kind not in kinds:
        fields.complain("type", f"Invalid recipient type '{kind}'")
    reference: Record = {"type": kind}
    for name in ("id", "name", "username"):
        if fields.given(name):
            reference[name] = fields.text(name)
    if kind in TABLES and len(reference) == 1:
        fields.complain("id", "id, name or username should be given")
    return reference


def read_recipient(state: State, fields: Fields, kinds: Collection[str], *, default_type: str = "") -> Record:
    """Read a recipient that has to exist, in the short form other records keep it in."""
    reference = read_reference(fields, kinds, default_type=default_type)
    if reference["type"] not in TABLES or reference["type"] not in kinds or len(reference) == 1:
        return reference
    record = find_recipient(state, reference)
    if record is None:
        wanted = reference.get("id") or reference.get("username") or reference.get("name")
        fields.complain("id", f"{reference['type'].capitalize()} does not exist: [{wanted}]")
        return reference
    return short_form(reference["type"], record)


def short_form(kind: str, record: Record) -> Record:
    """How a recipient is written inside escalations, rotations and routing rules."""
    if kind == "user":
        return {"type": kind, "id": record["id"], "username": record["username"]}
    return {"type": kind, "id": record["id"], "name": record["name"]}


def refreshed(state: State, recipient: Record) -> Record:
    """A stored recipient under its present name, so that a rename shows everywhere."""
    if recipient["type"] not in TABLES:
        return recipient
    record = state.table(TABLES[recipient["type"]]).get(recipient["id"])
    return short_form(recipient["type"], record) if record else recipient
