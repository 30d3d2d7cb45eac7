"""The timeline of an incident, and its postmortem (/v2/incident-timelines, /v2/postmortem)."""

from datetime import datetime

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import TEAM_KEY_REFUSAL, Call
from sandbox.errors import ApiError, forbidden, not_found
from sandbox.history import history
from sandbox.incident_records import DEFAULT_USER, add_timeline_entry, visible
from sandbox.keys import Right
from sandbox.operations import PAID_PLANS, operation
from sandbox.state import Record
from sandbox.times import format_instant

PATH = "/v2/incident-timelines/<incident_id>/entries"
NEEDS = {"configuration": True, "plans": PAID_PLANS}


def find_incident(call: Call, incident_id: str) -> Record:
    """The incident of a timeline's path, if the key may see it."""
    incident = call.state.table("incidents").get(incident_id)
    if incident is None:
        raise not_found("Incident", incident_id)
    if not visible(call, incident):
        raise forbidden(TEAM_KEY_REFUSAL)
    return incident


def find_entry(call: Call, incident_id: str, entry_id: str, *, own: bool = False) -> Record:
    """An entry of a timeline. Only those people wrote (`own`) can be changed."""
    incident = find_incident(call, incident_id)
    for entry in history(call.state, "incident_timelines", incident["id"]):
        if entry["id"] == entry_id:
            if own and entry["group"] != "custom":
                raise ApiError(422, "Only custom entries can be changed")
            return entry
    raise not_found("Incident timeline entry", entry_id)


def read_entry(call: Call) -> tuple[str, datetime]:
    """Read what an entry says and when it was."""
    description = call.body.object("description", required=True)
    description.choice("type", ("plain_text",), default="plain_text")
    content = description.text("content", required=True, longest=10000)
    instant = call.body.instant("time") or call.now
    call.body.check()
    return content, instant


@operation("GET", PATH, Right.READ, **NEEDS)
def list_incident_timeline_entries(call: Call, incident_id: str) -> Answer:
    """A page of a timeline. `offset` is an opaque key: here, the number of entries already seen."""
    incident, query = find_incident(call, incident_id), call.query
    limit, offset = query.number("limit", least=1, most=100, default=20), query.number("offset", least=0)
    order = query.choice("order", ("asc", "desc"), default="desc")
    group = query.choice("group", ("system", "custom"))
    query.check()
    entries = history(call.state, "incident_timelines", incident["id"])
    chosen = [each for each in entries if not group or each["group"] == group]
    chosen.sort(key=lambda entry: entry["eventTime"], reverse=order == "desc")
    data: Record = {"entries": chosen[offset : offset + limit]}
    if offset + limit < len(chosen):
        data["nextOffset"] = str(offset + limit)
    return found(data)


@operation("GET", f"{PATH}/<entry_id>", Right.READ, **NEEDS)
def get_incident_timeline_entry(call: Call, incident_id: str, entry_id: str) -> Answer:
    """One entry."""
    return found(find_entry(call, incident_id, entry_id))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def add_incident_timeline_entry(call: Call, incident_id: str) -> Answer:
    """Add an entry of one's own."""
    incident = find_incident(call, incident_id)
    content, instant = read_entry(call)
    entry = add_timeline_entry(
        call.state, incident, "CustomUserEntry", content, DEFAULT_USER, instant, group="custom"
    )
    return created(entry)


@operation("PUT", f"{PATH}/<entry_id>", Right.WRITE, **NEEDS)
def update_incident_timeline_entry(call: Call, incident_id: str, entry_id: str) -> Answer:
    """Replace an entry of one's own."""
    entry = find_entry(call, incident_id, entry_id, own=True)
    content, instant = read_entry(call)
    entry["description"] = {"type": "plain_text", "content": content}
    entry["eventTime"] = format_instant(instant)
    entry["lastEdit"]["editTime"] = format_instant(call.now)
    return changed("Updated", entry)


@operation("DELETE", f"{PATH}/<entry_id>", Right.DELETE, **NEEDS)
def delete_incident_timeline_entry(call: Call, incident_id: str, entry_id: str) -> Answer:
    """Remove an entry of one's own."""
    entry = find_entry(call, incident_id, entry_id, own=True)
    history(call.state, "incident_timelines", incident_id).remove(entry)
    return changed("Deleted", {"id": entry_id})


@operation("PATCH", f"{PATH}/<entry_id>/hide", Right.WRITE, **NEEDS)
def hide_incident_timeline_entry(call: Call, incident_id: str, entry_id: str) -> Answer:
    """Keep an entry out of sight."""
    entry = find_entry(call, incident_id, entry_id)
    entry["hidden"] = True
    return changed("Hidden", entry)


@operation("PATCH", f"{PATH}/<entry_id>/unhide", Right.WRITE, **NEEDS)
def unhide_incident_timeline_entry(call: Call, incident_id: str, entry_id: str) -> Answer:
    """Show an entry again."""
    entry = find_entry(call, incident_id, entry_id)
    entry["hidden"] = False
    return changed("Unhidden", entry)


@operation("GET", "/v2/postmortem/<postmortem_id>", Right.READ, domain="Incident")
def get_postmortem(call: Call, postmortem_id: str) -> Answer:
    """A report about an incident. Reports are written in the web interface; the seed has one."""
    postmortem = call.state.table("postmortems").get(postmortem_id)
    if postmortem is None:
        raise not_found("Postmortem", postmortem_id)
    return found(postmortem)
