"""When alerts become incidents of a service, and who is told (/v1/services/{identifier}/…)."""

from datetime import datetime

from sandbox.alert_requests import LONGEST_DESCRIPTION, LONGEST_MESSAGE, PRIORITIES
from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.conditions import MATCH_TYPES, matches, read_filter
from sandbox.errors import not_found
from sandbox.fields import Fields
from sandbox.incident_records import new_incident
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.services import NEEDS, PATH, find_service
from sandbox.state import Record, State

RULES = f"{PATH}/<identifier>/incident-rules"
AUDIENCE = f"{PATH}/<identifier>/audience-templates"
ALERT_FIELDS = (
    "message",
    "description",
    "tags",
    "extra-properties",
    "recipients",
    "teams",
    "priority",
    "responders",
)
PERSON_FIELDS = ("country", "state", "city", "zipCode", "line", "tag", "customProperty")


def open_incidents(state: State, alert: Record, now: datetime) -> None:
    """Let the first matching rule of each service of the alert's teams make an incident of it."""
    teams = [team["id"] for team in alert["teams"]]
    for service in list(state.table("services").values()):
        if service["teamId"] not in teams:
            continue
        for rule in service["incidentRules"]:
            if matches(rule, alert, type_name="conditionMatchType"):
                properties = rule["incidentProperties"]
                fields = {
                    "message": properties["message"].replace("{{message}}", alert["message"])[
                        :LONGEST_MESSAGE
                    ],
                    "description": properties["description"].replace("{{description}}", alert["description"]),
                    "responders": [],
                    "tags": properties["tags"],
                    "details": properties["details"],
                    "priority": properties["priority"],
                    "services": [service["id"]],
                    "source": "Incident rule",
                    "associatedAlertIds": [alert["id"]],
                }
                new_incident(state, fields, now)
                break


def read_incident_properties(fields: Fields) -> Record:
    """Read what an incident made by a rule or from a template will be."""
    stakeholders = fields.object("stakeholderProperties", required=True)
    return {
        "message": fields.text("message", required=True, longest=LONGEST_MESSAGE),
        "tags": fields.strings("tags", most=20, longest=50),
        "details": fields.details("details"),
        "description": fields.text("description", longest=LONGEST_DESCRIPTION),
        "priority": fields.choice("priority", PRIORITIES, required=True),
        "stakeholderProperties": {
            "enable": stakeholders.flag("enable", default=True),
            "message": stakeholders.text("message", required=True, longest=LONGEST_MESSAGE),
            "description": stakeholders.text("description", longest=LONGEST_DESCRIPTION),
        },
    }


def read_rule(call: Call) -> Record:
    """Read a rule: which alerts, and what they become."""
    rule = {
        **read_filter(call.body, type_name="conditionMatchType", alert_fields=ALERT_FIELDS),
        "incidentProperties": read_incident_properties(call.body.object("incidentProperties", required=True)),
    }
    call.body.check()
    return rule


def find_rule(service: Record, rule_id: str) -> Record:
    """A rule of a service by id."""
    for rule in service["incidentRules"]:
        if rule["id"] == rule_id:
            return rule
    raise not_found("Incident rule", rule_id)


@operation("GET", RULES, Right.READ, **NEEDS)
def list_service_incident_rules(call: Call, identifier: str) -> Answer:
    """A service's rules, in the order they are asked."""
    rules = find_service(call, identifier)["incidentRules"]
    return found([{**rule, "order": order} for order, rule in enumerate(rules)])


@operation("POST", RULES, Right.WRITE, **NEEDS)
def create_service_incident_rule(call: Call, identifier: str) -> Answer:
    """A new rule, asked last."""
    service = find_service(call, identifier)
    rule = {"id": call.state.new_id(), **read_rule(call)}
    service["incidentRules"].append(rule)
    return created({"id": rule["id"]})


@operation("PUT", f"{RULES}/<rule_id>", Right.WRITE, **NEEDS)
def update_service_incident_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Replace a rule."""
    rule = find_rule(find_service(call, identifier), rule_id)
    changes = read_rule(call)
    rule.pop("conditions", None)
    rule.update(changes)
    return changed("Updated", {"id": rule_id})


@operation("DELETE", f"{RULES}/<rule_id>", Right.DELETE, **NEEDS)
def delete_service_incident_rule(call: Call, identifier: str, rule_id: str) -> Answer:
    """Remove a rule."""
    service = find_service(call, identifier)
    service["incidentRules"].remove(find_rule(service, rule_id))
    return changed("Deleted")


@operation("GET", AUDIENCE, Right.READ, **NEEDS)
def get_service_audience_template(call: Call, identifier: str) -> Answer:
    """Who is told of a service's incidents."""
    return found(find_service(call, identifier)["audienceTemplate"])


@operation("PATCH", AUDIENCE, Right.WRITE, **NEEDS)
def update_service_audience_template(call: Call, identifier: str) -> Answer:
    """Change who is told, in the parts given."""
    template, body = find_service(call, identifier)["audienceTemplate"], call.body
    changes: Record = {}
    if body.given("responder"):
        responder = body.object("responder")
        changes["responder"] = {
            **template["responder"],
            **{name: responder.strings(name) for name in ("teams", "individuals") if responder.given(name)},
        }
    if body.given("stakeholder"):
        changes["stakeholder"] = {**template["stakeholder"], **read_stakeholders(body.object("stakeholder"))}
    body.check()
    template.update(changes)
    return changed("Updated")


def read_stakeholders(fields: Fields) -> Record:
    """Read who is told of an incident without having to do anything about it."""
    stakeholders: Record = {}
    if fields.given("individuals"):
        stakeholders["individuals"] = fields.strings("individuals")
    if fields.given("conditionMatchType"):
        stakeholders["conditionMatchType"] = fields.choice("conditionMatchType", MATCH_TYPES)
    if fields.given("conditions"):
        stakeholders["conditions"] = [
            {
                "matchField": each.choice("matchField", PERSON_FIELDS, required=True),
                **({"key": each.text("key")} if each.given("key") else {}),
                "value": each.text("value", required=True),
            }
            for each in fields.objects("conditions", most=100)
        ]
    return stakeholders
