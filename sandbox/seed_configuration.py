"""What else the seeded company has set up: integrations, heartbeats, services, policies and the like."""

import uuid
from datetime import datetime, timedelta
from random import Random

from sandbox.keys import RIGHT_FIELDS, Right
from sandbox.seed_people import team_called, user_called
from sandbox.state import Record, State
from sandbox.times import format_instant

# name, type, team
INTEGRATIONS = (
    ("Prometheus payments", "Prometheus", "Payments"),
    ("Prometheus tracking", "Prometheus", "Parcel Tracking"),
    ("Prometheus routing", "Prometheus", "Route Planning"),
    ("Cloud monitor", "CloudWatch", "Platform"),
    ("Synthetic checks", "Pingdom", "Customer Portal"),
    ("Depot gateway", "API", "Depot Systems"),
    ("Ops mailbox", "Email", None),
)
# name, team, interval, unit, minutes since it was last heard (None: never), enabled
HEARTBEATS = (
    ("nightly-settlement", "Payments", 1, "days", 300, True),
    ("refund-worker", "Payments", 10, "minutes", 3, True),
    ("scan-ingest", "Parcel Tracking", 5, "minutes", 2, True),
    ("map-import", "Route Planning", 1, "days", 2900, True),
    ("database-backup", "Platform", 6, "hours", 100, True),
    ("old-label-printer", "Depot Systems", 1, "hours", None, False),
)
# name, team, description
SERVICES = (
    ("Card payments", "Payments", "Taking money when a parcel is booked"),
    ("Carrier settlement", "Payments", "Paying the carriers every morning"),
    ("Tracking page", "Parcel Tracking", "Where customers look for their parcels"),
    ("Route optimiser", "Route Planning", "Which van stops where"),
    ("Clusters", "Platform", "What everything runs on"),
    ("Booking portal", "Customer Portal", "Where customers book and print labels"),
    ("Sorting", "Depot Systems", "Sorters and scanners in the depots"),
)


def owner(state: State, team_name: str | None) -> Record | None:
    """A team as its belongings name it."""
    if team_name is None:
        return None
    team = team_called(state, team_name)
    return {"id": team["id"], "name": team["name"]}


def add_integrations(state: State, source: Random) -> None:
    """Where alerts come from. Their keys are random: only those given at start-up are meant to be used."""
    for name, kind, team_name in INTEGRATIONS:
        identifier = state.new_id()
        state.table("integrations")[identifier] = {
            "id": identifier,
            "name": name,
            "enabled": True,
            "type": kind,
            "apiKey": str(uuid.UUID(int=source.getrandbits(128), version=4)),
            "ownerTeam": owner(state, team_name),
            "suppressNotifications": False,
            **{field: right is not Right.CONFIGURATION for field, right in RIGHT_FIELDS.items()},
        }


def add_configuration(state: State, now: datetime) -> None:
    """Everything that doesn't depend on the alerts."""
    _add_heartbeats(state, now)
    _add_services(state)
    _add_policies(state)
    _add_maintenances(state, now)
    _add_contacts_and_rules(state)
    _add_roles_and_searches(state, now)


def _add_heartbeats(state: State, now: datetime) -> None:
    for name, team_name, interval, unit, ago, enabled in HEARTBEATS:
        heard = None if ago is None else format_instant(now - timedelta(minutes=ago))
        minutes = interval * {"minutes": 1, "hours": 60, "days": 1440}[unit]
        state.table("heartbeats")[name] = {
            "name": name,
            "description": "",
            "interval": interval,
            "enabled": enabled,
            "intervalUnit": unit,
            "expired": ago is not None and ago > minutes,
            "ownerTeam": owner(state, team_name),
            "alertMessage": f"{name} has not been heard of",
            "alertTags": ["heartbeat"],
            "alertPriority": "P2",
            "lastPingTime": heard,
        }


def _add_services(state: State) -> None:
    for name, team_name, description in SERVICES:
        identifier = state.new_id()
        state.table("services")[identifier] = {
            "id": identifier,
            "name": name,
            "teamId": team_called(state, team_name)["id"],
            "description": description,
            "visibility": "OPSGENIE_USERS",
            "tags": [],
            "isExternal": False,
            "incidentRules": [],
            "incidentTemplates": [],
            "audienceTemplate": {
                "responder": {"teams": [team_called(state, team_name)["id"]], "individuals": []},
                "stakeholder": {
                    "individuals": [user_called(state, "Victor Petrov")["id"]],
                    "conditionMatchType": "match-all-conditions",
                    "conditions": [],
                },
            },
        }
    first = next(iter(state.table("services").values()))
    properties = _properties("{{message}}", "P1")
    condition = {"field": "tags", "not": False, "operation": "equals", "expectedValue": "incident"}
    first["incidentRules"].append(
        {
            "id": state.new_id(),
            "conditionMatchType": "match-all-conditions",
            "conditions": [condition],
            "incidentProperties": properties,
        }
    )
    first["incidentTemplates"].append(
        {
            "id": state.new_id(),
            "name": "Cards declined",
            "incidentProperties": _properties("Cards declined", "P1"),
        }
    )
    template = state.new_id()
    state.table("incident_templates")[template] = {
        "id": template,
        "name": "Depot cut off",
        **_properties("A depot is cut off", "P2"),
        "impactedServices": [],
    }


def _properties(message: str, priority: str) -> Record:
    return {
        "message": message,
        "tags": [],
        "details": {},
        "description": "",
        "priority": priority,
        "stakeholderProperties": {"enable": True, "message": message, "description": ""},
    }


def _add_policies(state: State) -> None:
    platform = team_called(state, "Platform")
    condition = {"field": "tags", "not": False, "operation": "equals", "expectedValue": "tls"}
    policies: tuple[Record, ...] = (
        {
            "name": "Certificates can wait",
            "type": "alert",
            "filter": {"type": "match-all-conditions", "conditions": [condition]},
            "message": "{{message}}",
            "priority": "P4",
            "continue": True,
        },
        {
            "name": "Close what nobody looked at for a week",
            "type": "notification",
            "teamId": platform["id"],
            "filter": {"type": "match-all"},
            "suppress": False,
            "autoCloseAction": {"duration": {"timeAmount": 7, "timeUnit": "days"}},
        },
    )
    for policy in policies:
        identifier = state.new_id()
        fixed = {"id": identifier, "order": 0, "enabled": True, "policyDescription": ""}
        state.table("policies")[identifier] = {**fixed, **policy}


def _add_maintenances(state: State, now: datetime) -> None:
    hour = now.replace(minute=0, second=0, microsecond=0)
    gateway = next(each for each in state.table("integrations").values() if each["name"] == "Depot gateway")
    for description, start, length in (
        ("Sorter firmware, depot by depot", 40, 4),
        ("Switch replacement", -80, 3),
    ):
        identifier = state.new_id()
        start_date = hour + timedelta(hours=start)
        state.table("maintenances")[identifier] = {
            "id": identifier,
            "cancelled": False,
            "description": description,
            "time": {
                "type": "schedule",
                "startDate": format_instant(start_date),
                "endDate": format_instant(start_date + timedelta(hours=length)),
            },
            "rules": [{"state": "disabled", "entity": {"id": gateway["id"], "type": "integration"}}],
        }


def _add_contacts_and_rules(state: State) -> None:
    """A phone for everybody on call, and a rule that rings it when mail wasn't enough."""
    on_call = [user for user in state.table("users").values() if user["role"]["name"] in ("User", "Admin")]
    for number, user in enumerate(on_call):
        contact = {"method": "voice", "to": f"1-55501{number:05d}"}
        identifier = state.new_id()
        state.table("contacts")[identifier] = {
            "id": identifier,
            "userId": user["id"],
            **contact,
            "status": {"enabled": True},
            "applyOrder": 1,
        }
        rule = state.new_id()
        steps = ((0, {"method": "email", "to": user["username"]}), (5, contact))
        state.table("notification_rules")[rule] = {
            "userId": user["id"],
            "id": rule,
            "name": "New alert",
            "actionType": "create-alert",
            "criteria": {"type": "match-all"},
            "notificationTime": [],
            "order": 0,
            "timeRestriction": None,
            "steps": [
                {
                    "id": state.new_id(),
                    "contact": step,
                    "sendAfter": {"timeAmount": minutes, "timeUnit": "minutes"},
                    "enabled": True,
                }
                for minutes, step in steps
            ],
            "schedules": [],
            "repeat": None,
            "enabled": True,
        }


def _add_roles_and_searches(state: State, now: datetime) -> None:
    role = state.new_id()
    state.table("roles")[role] = {
        "id": role,
        "name": "Depot duty",
        "extendedRole": "user",
        "grantedRights": ["alerts-access-all"],
        "disallowedRights": ["alert-delete"],
    }
    stamp = format_instant(now - timedelta(days=90))
    wilk = user_called(state, "Tomasz Wilk")
    for table, name, query in (
        ("alert_searches", "Customers feel it", "status: open AND tag: customer-impact"),
        ("alert_searches", "Open and nobody's", "status: open AND acknowledged: false"),
        ("user_searches", "On call", "tag: on-call"),
        ("incident_searches", "Open incidents", "status: open"),
    ):
        identifier = state.new_id()
        state.table(table)[identifier] = {
            "id": identifier,
            "name": name,
            "createdAt": stamp,
            "updatedAt": stamp,
            "owner": {"id": wilk["id"]},
            "teams": [],
            "description": "",
            "query": query,
        }
