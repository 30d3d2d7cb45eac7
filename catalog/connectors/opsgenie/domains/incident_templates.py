"""Incident templates: those of the account, and the older ones of single services."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.services import SERVICE
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.incident_properties import incident_fields, incident_properties
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, text, text_list
from catalog.connectors.opsgenie.results import CHANGED, Items
from catalog.connectors.opsgenie.shapes import TEXTS, field, record, texts

TEMPLATE_ID = path_name("template_id", "The template's id, from the list.", wire="incidentTemplateId")
SERVICE_TEMPLATE_ID = path_name("template_id", "The template's id, from the list.", wire="id")

TEMPLATE = record(
    texts("id", "name"),
    incident_fields(),
    field("impacted_services", TEXTS),
    headline="name priority message id",
)
SERVICE_TEMPLATE = record(
    texts("id", "name"), incident_fields("incidentProperties"), headline="name priority message id"
)
NAME = text("name", "Its name.", required=True)
CONTENT: tuple[Parameter, ...] = (
    NAME,
    *incident_properties(),
    text_list("impacted_services", "Ids of the services.", max_items=20),
)

OF_THE_ACCOUNT = in_domain(
    "incidents",
    (
        Operation(
            name="list_incident_templates",
            title="List incident templates",
            method="GET",
            path="/v1/incident-templates",
            action=Action.READ,
            right=Right.READ,
            description="List the account's incident templates with what they fill in.",
            parameters=LOCAL_PAGE,
            result=Items(TEMPLATE, at="incidentTemplates"),
        ),
        Operation(
            name="create_incident_template",
            title="Create an incident template",
            method="POST",
            path="/v1/incident-templates",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add a template from which people open incidents. It opens none itself.",
            parameters=CONTENT,
            result=CHANGED,
        ),
        Operation(
            name="update_incident_template",
            title="Change an incident template",
            method="PUT",
            path="/v1/incident-templates/{incidentTemplateId}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace an incident template as a whole.",
            parameters=(TEMPLATE_ID, *CONTENT),
            result=CHANGED,
        ),
        Operation(
            name="delete_incident_template",
            title="Delete an incident template",
            method="DELETE",
            path="/v1/incident-templates/{incidentTemplateId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an incident template. Incidents opened from it stay.",
            parameters=(TEMPLATE_ID,),
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
# Opsgenie calls these deprecated; accounts still have them.
OF_SERVICES = in_domain(
    "services",
    (
        Operation(
            name="list_service_incident_templates",
            title="List a service's incident templates",
            method="GET",
            path="/v1/services/{identifier}/incident-templates",
            action=Action.READ,
            right=Right.READ,
            description=(
                "List the older, per-service incident templates. New ones are in list_incident_templates."
            ),
            parameters=(*SERVICE, *LOCAL_PAGE),
            result=Items(SERVICE_TEMPLATE),
        ),
        Operation(
            name="create_service_incident_template",
            title="Add a service incident template",
            method="POST",
            path="/v1/services/{identifier}/incident-templates",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add a per-service incident template. Prefer create_incident_template.",
            parameters=(
                *SERVICE,
                text("name", "Its name.", required=True, wire="incidentTemplate.name"),
                *incident_properties("incidentTemplate.incidentProperties"),
            ),
            result=CHANGED,
        ),
        Operation(
            name="update_service_incident_template",
            title="Change a service incident template",
            method="PUT",
            path="/v1/services/{identifier}/incident-templates/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Replace a per-service incident template as a whole.",
            parameters=(*SERVICE, SERVICE_TEMPLATE_ID, NAME, *incident_properties("incidentProperties")),
            result=CHANGED,
        ),
        Operation(
            name="delete_service_incident_template",
            title="Delete a service incident template",
            method="DELETE",
            path="/v1/services/{identifier}/incident-templates/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a per-service incident template.",
            parameters=(*SERVICE, SERVICE_TEMPLATE_ID),
            result=CHANGED,
        ),
    ),
    configuration=True,
    core=False,
)
OPERATIONS = (*OF_THE_ACCOUNT, *OF_SERVICES)
