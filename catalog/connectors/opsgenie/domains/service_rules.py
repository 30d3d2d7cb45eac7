"""What a service does by itself: rules that open incidents, and who is told."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CONDITION, INCIDENT_FIELDS, criteria
from catalog.connectors.opsgenie.domains.services import SERVICE
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.incident_properties import incident_fields, incident_properties
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, choice, objects, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import TEXT, TEXTS, WHOLE, Each, field, record, texts

RULE_ID = path_name("rule_id", "The rule's id, from list_service_incident_rules.", wire="id")

INCIDENT_RULE = record(
    texts("id"),
    field("order", WHOLE),
    field("match", TEXT, "conditionMatchType"),
    field("conditions", Each(CONDITION)),
    incident_fields("incidentProperties"),
    headline="order match message priority id",
)
RULE: tuple[Parameter, ...] = (
    *criteria("", INCIDENT_FIELDS, match_wire="conditionMatchType"),
    *incident_properties("incidentProperties"),
)

AUDIENCE = record(
    field("responder_teams", TEXTS, "responder.teams"),
    field("responder_users", TEXTS, "responder.individuals"),
    field("stakeholder_users", TEXTS, "stakeholder.individuals"),
    field("stakeholder_match", TEXT, "stakeholder.conditionMatchType"),
    field(
        "stakeholder_conditions",
        Each(record(texts("match_field", "key", "value"), headline="match_field key value")),
        "stakeholder.conditions",
    ),
    headline="responder_teams",
)

OPERATIONS = in_domain(
    "services",
    (
        Operation(
            name="list_service_incident_rules",
            title="List a service's incident rules",
            method="GET",
            path="/v1/services/{identifier}/incident-rules",
            action=Action.READ,
            right=Right.READ,
            description="See which alerts open an incident for a service, and what the incident looks like.",
            parameters=(*SERVICE, *LOCAL_PAGE),
            result=Items(INCIDENT_RULE),
        ),
        Operation(
            name="create_service_incident_rule",
            title="Add an incident rule",
            method="POST",
            path="/v1/services/{identifier}/incident-rules",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Let matching alerts open incidents for a service. Wide conditions open many.",
            parameters=(*SERVICE, *RULE),
            result=CHANGED,
        ),
        Operation(
            name="update_service_incident_rule",
            title="Change an incident rule",
            method="PUT",
            path="/v1/services/{identifier}/incident-rules/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace an incident rule as a whole: its conditions and the incident it opens.",
            parameters=(*SERVICE, RULE_ID, *RULE),
            result=CHANGED,
        ),
        Operation(
            name="delete_service_incident_rule",
            title="Delete an incident rule",
            method="DELETE",
            path="/v1/services/{identifier}/incident-rules/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an incident rule. Its alerts open no incidents any more.",
            parameters=(*SERVICE, RULE_ID),
            result=CHANGED,
        ),
        Operation(
            name="get_service_audience_template",
            title="Get who is told of a service",
            method="GET",
            path="/v1/services/{identifier}/audience-templates",
            action=Action.READ,
            right=Right.READ,
            description="See which responders and stakeholders a service's incidents start with.",
            parameters=SERVICE,
            result=Item(AUDIENCE),
        ),
        Operation(
            name="update_service_audience_template",
            title="Change who is told of a service",
            method="PATCH",
            path="/v1/services/{identifier}/audience-templates",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change which responders and stakeholders a service's incidents start with.",
            parameters=(
                *SERVICE,
                text_list("responder_teams", "Ids of teams.", max_items=50, wire="responder.teams"),
                text_list("responder_users", "Ids of users.", max_items=50, wire="responder.individuals"),
                text_list("stakeholder_users", "Ids of users.", max_items=50, wire="stakeholder.individuals"),
                choice(
                    "stakeholder_match",
                    "Which conditions must hold.",
                    ("match-all-conditions", "match-any-condition"),
                    wire="stakeholder.conditionMatchType",
                ),
                objects(
                    "stakeholder_conditions",
                    "Users who fit become stakeholders.",
                    (
                        choice(
                            "match_field",
                            "Field of the user.",
                            ("country", "state", "city", "zipCode", "line", "tag", "customProperty"),
                            required=True,
                        ),
                        text("key", "Key, for customProperty."),
                        text("value", "What it must be.", required=True),
                    ),
                    max_items=50,
                    wire="stakeholder.conditions",
                ),
            ),
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
