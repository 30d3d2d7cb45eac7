"""Heartbeats: jobs that have to say they are alive (/v2/heartbeats)."""

from datetime import datetime, timedelta

from sandbox.alert_changes import close_by_system
from sandbox.alert_records import add_log, find_alert, new_alert
from sandbox.alert_requests import PRIORITIES
from sandbox.answers import Answer, changed, created, found
from sandbox.background import Work, accept, worker
from sandbox.calls import Call
from sandbox.directory import owner_id, owner_team
from sandbox.errors import ApiError
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record, State
from sandbox.times import format_instant, parse_instant

UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}


def find_heartbeat(call: Call, name: str) -> Record:
    """A heartbeat by name, if the key may see it."""
    heartbeat = call.state.table("heartbeats").get(name)
    if heartbeat is None:
        raise ApiError(404, f"Heartbeat with name [{name}] does not exist")
    call.require_team(owner_id(heartbeat))
    return heartbeat


def heartbeat_view(heartbeat: Record) -> Record:
    """A heartbeat as reads show it."""
    return {name: value for name, value in heartbeat.items() if value is not None}


def heartbeat_meta(heartbeat: Record) -> Record:
    """The short form of a heartbeat, as mutations show it."""
    return {name: heartbeat[name] for name in ("name", "enabled", "expired")}


def read_heartbeat(call: Call, present: Record | None) -> Record:
    """Read a new heartbeat, or the changes to a present one, into a whole record."""
    body, new = call.body, present is None
    heartbeat: Record = {
        "name": "",
        "description": "",
        "interval": 10,
        "enabled": True,
        "intervalUnit": "minutes",
        "expired": False,
        "ownerTeam": None,
        "alertMessage": "",
        "alertTags": [],
        "alertPriority": "P3",
        "lastPingTime": None,
        **(present or {}),
    }
    if new:
        heartbeat["name"] = body.text("name", required=True, longest=200)
    if body.given("description"):
        heartbeat["description"] = body.text("description", longest=10000)
    interval = body.number("interval", required=new, least=1, most=10000, default=heartbeat["interval"])
    heartbeat["interval"] = interval
    unit = body.choice("intervalUnit", tuple(UNITS), required=new, default=heartbeat["intervalUnit"])
    heartbeat["intervalUnit"] = unit
    heartbeat["enabled"] = body.flag("enabled", default=heartbeat["enabled"])
    if new or body.given("ownerTeam"):
        heartbeat["ownerTeam"] = owner_team(call)
    if body.given("alertMessage"):
        heartbeat["alertMessage"] = body.text("alertMessage", longest=130)
    if body.given("alertTags"):
        heartbeat["alertTags"] = body.strings("alertTags", most=20, longest=50)
    heartbeat["alertPriority"] = body.choice("alertPriority", PRIORITIES, default=heartbeat["alertPriority"])
    body.check()
    return heartbeat


@operation("GET", "/v2/heartbeats", Right.READ, configuration=True)
def list_heartbeats(call: Call) -> Answer:
    """All heartbeats."""
    heartbeats = [each for each in call.state.table("heartbeats").values() if call.sees(owner_id(each))]
    return found({"heartbeats": [heartbeat_view(each) for each in heartbeats]})


@operation("GET", "/v2/heartbeats/<name>", Right.READ, configuration=True)
def get_heartbeat(call: Call, name: str) -> Answer:
    """One heartbeat."""
    return found(heartbeat_view(find_heartbeat(call, name)))


@operation("POST", "/v2/heartbeats", Right.WRITE, configuration=True)
def create_heartbeat(call: Call) -> Answer:
    """A new heartbeat. It is only missed after it has been heard once."""
    heartbeat = read_heartbeat(call, None)
    if heartbeat["name"] in call.state.table("heartbeats"):
        raise ApiError(409, f"Heartbeat with name [{heartbeat['name']}] already exists")
    call.state.table("heartbeats")[heartbeat["name"]] = heartbeat
    return created(heartbeat_meta(heartbeat))


@operation("PATCH", "/v2/heartbeats/<name>", Right.WRITE, configuration=True)
def update_heartbeat(call: Call, name: str) -> Answer:
    """Change the fields given; the name stays."""
    heartbeat = find_heartbeat(call, name)
    heartbeat.update(read_heartbeat(call, heartbeat))
    watch(call.state, heartbeat, call.now)
    return changed("Updated", heartbeat_meta(heartbeat))


@operation("DELETE", "/v2/heartbeats/<name>", Right.DELETE, configuration=True)
def delete_heartbeat(call: Call, name: str) -> Answer:
    """Remove a heartbeat."""
    heartbeat = find_heartbeat(call, name)
    del call.state.table("heartbeats")[name]
    return changed("Deleted", heartbeat_meta(heartbeat))


@operation("POST", "/v2/heartbeats/<name>/enable", Right.WRITE, configuration=True)
def enable_heartbeat(call: Call, name: str) -> Answer:
    """Watch a heartbeat again."""
    heartbeat = find_heartbeat(call, name)
    heartbeat["enabled"] = True
    watch(call.state, heartbeat, call.now)
    return changed("Enabled", heartbeat_meta(heartbeat))


@operation("POST", "/v2/heartbeats/<name>/disable", Right.WRITE, configuration=True)
def disable_heartbeat(call: Call, name: str) -> Answer:
    """Watch a heartbeat no longer."""
    heartbeat = find_heartbeat(call, name)
    heartbeat.update(enabled=False, expired=False)
    return changed("Disabled", heartbeat_meta(heartbeat))


@operation("GET POST PUT PATCH", "/v2/heartbeats/<name>/ping", Right.WRITE, domain="Heartbeat")
def ping_heartbeat(call: Call, name: str) -> Answer:
    """Hear a heartbeat. An unknown name gets the same answer, and nothing comes of it."""
    arguments = {"name": name, "team": call.team["id"] if call.team else None}
    return accept(call, "heartbeat.ping", arguments, "PONG - Heartbeat received")


@worker("heartbeat.ping", "Ping", "heartbeat")
def ping(work: Work) -> Record:
    """Note that a heartbeat was heard, and close the alert about its silence."""
    heartbeat = work.state.table("heartbeats").get(work.arguments["name"])
    team = work.arguments["team"]
    if heartbeat is None or (team is not None and owner_id(heartbeat) != team):
        return {"status": "Heartbeat does not exist"}
    heartbeat.update(lastPingTime=format_instant(work.now), expired=False)
    alert = find_alert(work.state, alias_of(heartbeat), "alias")
    if alert is not None:
        close_by_system(work.state, alert, "Heartbeat", work.now)
    watch(work.state, heartbeat, work.now)
    return {"status": "Heartbeat received"}


def alias_of(heartbeat: Record) -> str:
    """The alias of the alert about a heartbeat's silence."""
    return f"heartbeat_{heartbeat['name']}"


def watch(state: State, heartbeat: Record, now: datetime) -> None:
    """Look at a heartbeat when its interval will be over."""
    if heartbeat["lastPingTime"] is None or not heartbeat["enabled"]:
        return
    due = parse_instant(heartbeat["lastPingTime"]) + heartbeat["interval"] * UNITS[heartbeat["intervalUnit"]]
    arguments = {"name": heartbeat["name"], "lastPingTime": heartbeat["lastPingTime"]}
    work = {"name": "heartbeat.check", "requestId": "", "integrationId": "", "arguments": arguments}
    state.schedule_work(max(due, now), work)


@worker("heartbeat.check", "Check", "heartbeat")
def check(work: Work) -> Record:
    """Raise an alert if a heartbeat hasn't been heard since it was to be watched."""
    heartbeat = work.state.table("heartbeats").get(work.arguments["name"])
    if heartbeat is None or not heartbeat["enabled"] or heartbeat["expired"]:
        return {}
    due = parse_instant(heartbeat["lastPingTime"]) + heartbeat["interval"] * UNITS[heartbeat["intervalUnit"]]
    if heartbeat["lastPingTime"] != work.arguments["lastPingTime"] or due > work.now:
        return {}
    heartbeat["expired"] = True
    team = owner_id(heartbeat)
    fields = {
        "message": heartbeat["alertMessage"] or f"Heartbeat [{heartbeat['name']}] is expired",
        "alias": alias_of(heartbeat),
        "description": heartbeat["description"],
        "responders": [{"type": "team", "id": team}] if team else [],
        "visibleTo": [],
        "actions": [],
        "tags": heartbeat["alertTags"],
        "details": {},
        "entity": heartbeat["name"],
        "priority": heartbeat["alertPriority"],
        "source": "Heartbeat",
    }
    alert = new_alert(work.state, fields, "", work.now)
    add_log(work.state, alert, "system", "Alert created", "Heartbeat", work.now)
    return {}
