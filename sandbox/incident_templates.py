"""Templates incidents are made from: the account's and each service's."""

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.errors import ApiError, not_found
from sandbox.fields import Fields
from sandbox.keys import Right
from sandbox.operations import PAID_PLANS, operation
from sandbox.service_rules import read_incident_properties
from sandbox.services import NEEDS, PATH, find_service
from sandbox.state import Record

GLOBAL = "/v1/incident-templates"
OF_SERVICE = f"{PATH}/<identifier>/incident-templates"
GLOBAL_NEEDS = {"configuration": True, "account_wide": True, "plans": PAID_PLANS}


def read_global_template(call: Call, keeper: str = "") -> Record:
    """Read a template of the account: an incident's properties beside its name."""
    template = {
        "name": call.body.text("name", required=True, longest=200),
        **read_incident_properties(call.body),
        "impactedServices": call.body.strings("impactedServices", most=20),
    }
    for service in template["impactedServices"]:
        if service not in call.state.table("services"):
            call.body.complain("impactedServices", f"Service does not exist with id: [{service}]")
    call.body.check()
    for other in call.state.table("incident_templates").values():
        if other["name"] == template["name"] and other["id"] != keeper:
            raise ApiError(409, "There is already one Incident Template with same name")
    return template


def find_global_template(call: Call, template_id: str) -> Record:
    """A template of the account by id."""
    template = call.state.table("incident_templates").get(template_id)
    if template is None:
        raise not_found("Incident template", template_id)
    return template


@operation("GET", GLOBAL, Right.READ, **GLOBAL_NEEDS)
def list_incident_templates(call: Call) -> Answer:
    """A page of the account's templates."""
    limit = call.query.number("limit", least=1, most=100, default=100)
    offset = call.query.number("offset", least=0)
    call.query.check()
    templates = list(call.state.table("incident_templates").values())
    return found({"incidentTemplates": templates[offset : offset + limit]})


@operation("POST", GLOBAL, Right.WRITE, **GLOBAL_NEEDS)
def create_incident_template(call: Call) -> Answer:
    """A new template. The answer has the id beside the data too, where the documents put it."""
    template = {"id": call.state.new_id(), **read_global_template(call)}
    call.state.table("incident_templates")[template["id"]] = template
    data = {"id": template["id"], "name": template["name"]}
    return Answer({"result": "Created", "data": data, "incidentTemplateId": template["id"]}, status=201)


@operation("PUT", f"{GLOBAL}/<template_id>", Right.WRITE, **GLOBAL_NEEDS)
def update_incident_template(call: Call, template_id: str) -> Answer:
    """Replace a template."""
    template = find_global_template(call, template_id)
    template.update(read_global_template(call, keeper=template_id))
    return changed("Updated", {"id": template_id, "name": template["name"]})


@operation("DELETE", f"{GLOBAL}/<template_id>", Right.DELETE, **GLOBAL_NEEDS)
def delete_incident_template(call: Call, template_id: str) -> Answer:
    """Remove a template."""
    del call.state.table("incident_templates")[find_global_template(call, template_id)["id"]]
    return changed("Deleted")


def read_service_template(fields: Fields) -> Record:
    """Read a template of a service: its name beside the properties."""
    properties = fields.object("incidentProperties", required=True)
    template = {
        "name": fields.text("name", required=True, longest=200),
        "incidentProperties": read_incident_properties(properties),
    }
    fields.check()
    return template


def find_service_template(service: Record, template_id: str) -> Record:
    """A template of a service by id."""
    for template in service["incidentTemplates"]:
        if template["id"] == template_id:
            return template
    raise not_found("Incident template", template_id)


@operation("GET", OF_SERVICE, Right.READ, **NEEDS)
def list_service_incident_templates(call: Call, identifier: str) -> Answer:
    """A service's templates."""
    return found(find_service(call, identifier)["incidentTemplates"])


@operation("POST", OF_SERVICE, Right.WRITE, **NEEDS)
def create_service_incident_template(call: Call, identifier: str) -> Answer:
    """A new template. Only here it lies one deeper than in the answers (Go client, package service)."""
    service = find_service(call, identifier)
    fields = call.body.object("incidentTemplate", required=True)
    template = {"id": call.state.new_id(), **read_service_template(fields)}
    service["incidentTemplates"].append(template)
    return created({"id": template["id"]})


@operation("PUT", f"{OF_SERVICE}/<template_id>", Right.WRITE, **NEEDS)
def update_service_incident_template(call: Call, identifier: str, template_id: str) -> Answer:
    """Replace a template."""
    template = find_service_template(find_service(call, identifier), template_id)
    template.update(read_service_template(call.body))
    return changed("Updated", {"id": template_id})


@operation("DELETE", f"{OF_SERVICE}/<template_id>", Right.DELETE, **NEEDS)
def delete_service_incident_template(call: Call, identifier: str, template_id: str) -> Answer:
    """Remove a template."""
    service = find_service(call, identifier)
    service["incidentTemplates"].remove(find_service_template(service, template_id))
    return changed("Deleted")
