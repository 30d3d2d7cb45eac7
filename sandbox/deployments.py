"""Deployments of the services (/v2/deployments), after Opsgenie's Go client, package deployment."""

from sandbox.answers import Answer, found
from sandbox.background import Work, WorkFailed, accept, request_status, worker
from sandbox.calls import Call
from sandbox.directory import identifier_type
from sandbox.errors import not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record, State
from sandbox.times import format_instant

PATH = "/v2/deployments"
STATES = ("initial", "started", "successful", "failed")
FINAL_STATES = ("successful", "failed")
ENVIRONMENT_TYPES = ("Test", "Staging", "Production")
IDENTIFIER_TYPES = ("id", "api", "pipelines")


def find_deployment(state: State, identifier: str, kind: str) -> Record | None:
    """A deployment by its id, or by the id its maker gave it."""
    deployments = state.table("deployments")
    if kind == "id":
        return deployments.get(identifier)
    return next((each for each in deployments.values() if each["externalId"] == identifier), None)


@operation("POST", PATH, Right.WRITE, domain="Incident")
def create_deployment(call: Call) -> Answer:
    """Tell of a deployment."""
    body = call.body
    environment = body.object("environment", required=True)
    fields: Record = {
        "message": body.text("message", required=True, longest=200),
        "description": body.text("description", longest=15000),
        "state": body.choice("state", STATES, required=True),
        "environment": {
            "id": environment.text("id", required=True, longest=200),
            "type": environment.choice("type", ENVIRONMENT_TYPES, required=True),
            "displayName": environment.text("displayName", longest=200),
        },
        "externalId": body.text("externalId", longest=200),
        "externalLink": body.text("externalLink", longest=1000),
        "releases": body.anything("releases") or [],
        "type": "api",
    }
    if not isinstance(fields["releases"], list):
        body.complain("releases", "should be a list of objects")
    for name in ("startedAt", "completedAt"):
        instant = body.instant(name)
        if instant:
            fields[name] = format_instant(instant)
    body.check()
    return accept(call, "deployment.create", fields)


@operation("PUT", f"{PATH}/<identifier>/updateState", Right.WRITE, domain="Incident")
def update_deployment_state(call: Call, identifier: str) -> Answer:
    """Tell how a deployment goes on."""
    kind = identifier_type(call, "identifierType", "type", options=IDENTIFIER_TYPES)
    state = call.body.choice("state", STATES, required=True)
    completed = call.body.instant("completedAt")
    call.body.check()
    arguments: Record = {"identifier": identifier, "identifierType": kind, "state": state}
    if completed:
        arguments["completedAt"] = format_instant(completed)
    return accept(call, "deployment.state", arguments)


@operation("GET", f"{PATH}/requests/<request_id>", Right.READ, domain="Incident")
def get_deployment_request_status(call: Call, request_id: str) -> Answer:
    """How an accepted request ended."""
    return found(request_status(call, "deployment", request_id))


@operation("GET", f"{PATH}/<identifier>", Right.READ, domain="Incident")
def get_deployment(call: Call, identifier: str) -> Answer:
    """One deployment."""
    kind = identifier_type(call, "identifierType", "type", options=IDENTIFIER_TYPES)
    deployment = find_deployment(call.state, identifier, kind)
    if deployment is None:
        raise not_found("Deployment", identifier, kind)
    return found(deployment)


@worker("deployment.create", "Create", "deployment")
def create(work: Work) -> Record:
    """Remember a deployment."""
    identifier = work.state.new_id()
    started = {"startedAt": format_instant(work.now)}
    work.state.table("deployments")[identifier] = {"id": identifier, **started, **work.arguments}
    return {"status": "Created deployment", "deploymentId": identifier}


@worker("deployment.state", "UpdateState", "deployment")
def update_state(work: Work) -> Record:
    """Change a deployment's state."""
    arguments = work.arguments
    deployment = find_deployment(work.state, arguments["identifier"], arguments["identifierType"])
    if deployment is None:
        raise WorkFailed("Deployment does not exist")
    deployment["state"] = arguments["state"]
    if arguments["state"] in FINAL_STATES:
        deployment["completedAt"] = arguments.get("completedAt", format_instant(work.now))
    return {"status": "Updated deployment state", "deploymentId": deployment["id"]}
