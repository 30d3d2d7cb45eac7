"""Deployments: releases that Opsgenie shows beside incidents."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, Place, choice, moment, objects, text
from catalog.connectors.opsgenie.results import Item, Requested, RequestOutcome
from catalog.connectors.opsgenie.shapes import TEXT, field, record, texts

DEPLOYMENT: tuple[Parameter, ...] = (
    path_name("identifier", "The deployment's id, or the external id given when it was created."),
    choice(
        "identifier_type",
        "What identifier is; an Opsgenie id if left out.",
        ("api", "pipelines"),
        place=Place.QUERY,
    ),
)
DEPLOYMENT_REQUEST = Requested(
    "/v2/deployments/requests/", "get_deployment_request_status", ("deployment_id",)
)
STATE = choice("state", "How far it is.", ("initial", "started", "successful", "failed"), required=True)

DEPLOYMENT_RECORD = record(
    texts("id", "external_id", "state", "type", "message"),
    field("environment", TEXT, "environment.displayName", "environment.id"),
    field("environment_type", TEXT, "environment.type"),
    texts("started_at", "completed_at"),
    headline="state environment message started_at id",
)

OPERATIONS = in_domain(
    "deployments",
    (
        Operation(
            name="create_deployment",
            title="Record a deployment",
            method="POST",
            path="/v2/deployments",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Tell Opsgenie of a release, so that it is shown beside incidents. It deploys nothing."
            ),
            parameters=(
                text("message", "What is released.", required=True, max_length=130),
                STATE,
                choice(
                    "environment_type",
                    "Kind of environment.",
                    ("Test", "Staging", "Production"),
                    required=True,
                    wire="environment.type",
                ),
                text(
                    "environment_id", "Your name for the environment.", required=True, wire="environment.id"
                ),
                text("environment_name", "Name shown for it.", wire="environment.displayName"),
                moment("started_at", "When it started, with offset.", required=True),
                moment("completed_at", "When it ended, with offset."),
                text("external_id", "Your id, to find it again."),
                text("external_link", "Link to the pipeline.", max_length=1000),
                text("description", "More about it.", max_length=10_000),
                objects(
                    "releases",
                    "What went out.",
                    (
                        choice("type", "Where the code is.", ("bbc",), default="bbc"),
                        text(
                            "workspace",
                            "Bitbucket workspace.",
                            required=True,
                            wire="repository.workspace.identifier",
                        ),
                        text("repository", "Repository slug.", required=True, wire="repository.repoSlug"),
                        text("commit", "Commit hash.", required=True, wire="commit.sha"),
                    ),
                    max_items=20,
                ),
            ),
            result=DEPLOYMENT_REQUEST,
        ),
        Operation(
            name="get_deployment",
            title="Get a deployment",
            method="GET",
            path="/v2/deployments/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one recorded deployment: its state, environment and times.",
            parameters=DEPLOYMENT,
            result=Item(DEPLOYMENT_RECORD),
        ),
        Operation(
            name="update_deployment_state",
            title="Change a deployment's state",
            method="PUT",
            path="/v2/deployments/{identifier}/updateState",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Record that a deployment has started, succeeded or failed.",
            parameters=(*DEPLOYMENT, STATE, moment("completed_at", "When it ended, with offset.")),
            result=DEPLOYMENT_REQUEST,
        ),
        Operation(
            name="get_deployment_request_status",
            title="Check a deployment request",
            method="GET",
            path="/v2/deployments/requests/{requestId}",
            action=Action.READ,
            right=Right.READ,
            description="Ask what became of a deployment change that was accepted but not yet processed.",
            parameters=(path_name("request_id", "The request_id of the accepted change.", max_length=100),),
            result=RequestOutcome(("deployment_id",)),
        ),
    ),
    configuration=False,
    core=False,
)
