"""Heartbeats: jobs that must report in time, or an alert is raised."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name, reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    flag,
    optional,
    text,
    text_list,
    whole_number,
)
from catalog.connectors.opsgenie.results import Changed, Item, Items, Requested
from catalog.connectors.opsgenie.shapes import FLAG, WHOLE, field, record, texts

NAME = path_name("name", "The heartbeat's name.", max_length=200)

HEARTBEAT = record(
    texts("name", "description"),
    field("interval", WHOLE),
    texts("interval_unit"),
    field("enabled", FLAG),
    field("expired", FLAG),
    texts("last_ping_time"),
    headline="name every_{interval}_{interval_unit} enabled expired last_ping_{last_ping_time}",
)
CHANGED_HEARTBEAT = Changed(
    record(texts("name"), field("enabled", FLAG), field("expired", FLAG), headline="name enabled expired")
)
# Opsgenie keeps no status of pings, and answers alike for names that don't exist.
PING = Requested("", "get_heartbeat", ())

TIMING: tuple[Parameter, ...] = (
    whole_number("interval", "How many units may pass between pings.", minimum=1, required=True),
    choice("interval_unit", "Unit of interval.", ("minutes", "hours", "days"), required=True),
    flag("enabled", "Whether it is watched.", default=True),
)
DESCRIPTION = text("description", "What it watches.", max_length=10_000)

OPERATIONS = in_domain(
    "heartbeats",
    (
        Operation(
            name="list_heartbeats",
            title="List heartbeats",
            method="GET",
            path="/v2/heartbeats",
            action=Action.READ,
            right=Right.READ,
            description="List the jobs that report in, and which of them have expired.",
            parameters=LOCAL_PAGE,
            result=Items(HEARTBEAT, at="heartbeats"),
        ),
        Operation(
            name="get_heartbeat",
            title="Get a heartbeat",
            method="GET",
            path="/v2/heartbeats/{name}",
            action=Action.READ,
            right=Right.READ,
            description="Read one heartbeat: its interval, last ping and whether it has expired.",
            parameters=(NAME,),
            result=Item(HEARTBEAT),
        ),
        Operation(
            name="ping_heartbeat",
            title="Ping a heartbeat",
            method="GET",
            path="/v2/heartbeats/{name}/ping",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Report that a job is alive, which also closes its alert. Only the job itself should "
                "do this; an unknown name is accepted without effect, so check with get_heartbeat."
            ),
            parameters=(NAME,),
            result=PING,
            configuration=False,
        ),
        Operation(
            name="create_heartbeat",
            title="Create a heartbeat",
            method="POST",
            path="/v2/heartbeats",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Watch a job: an alert is raised when it doesn't report in time.",
            parameters=(
                text("name", "Its name.", required=True, max_length=200),
                *TIMING,
                DESCRIPTION,
                reference("owner_team", "Name or id of the team that gets the alert."),
                text("alert_message", "Headline of the alert.", max_length=130),
                text_list("alert_tags", "Tags of the alert.", max_items=20, max_length=50),
                choice("alert_priority", "Priority of the alert.", ("P1", "P2", "P3", "P4", "P5")),
            ),
            result=CHANGED_HEARTBEAT,
        ),
        Operation(
            name="update_heartbeat",
            title="Change a heartbeat",
            method="PATCH",
            path="/v2/heartbeats/{name}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change how often a job must report; what is left out stays.",
            parameters=(NAME, *optional(*TIMING), DESCRIPTION),
            result=CHANGED_HEARTBEAT,
        ),
        Operation(
            name="enable_heartbeat",
            title="Enable a heartbeat",
            method="POST",
            path="/v2/heartbeats/{name}/enable",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Watch a job again, from its next ping on.",
            parameters=(NAME,),
            result=CHANGED_HEARTBEAT,
            idempotent=True,
        ),
        Operation(
            name="disable_heartbeat",
            title="Disable a heartbeat",
            method="POST",
            path="/v2/heartbeats/{name}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Stop watching a job. Nobody is told when it dies.",
            parameters=(NAME,),
            result=CHANGED_HEARTBEAT,
            idempotent=True,
        ),
        Operation(
            name="delete_heartbeat",
            title="Delete a heartbeat",
            method="DELETE",
            path="/v2/heartbeats/{name}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a heartbeat. Nobody is told when the job dies.",
            parameters=(NAME,),
            result=CHANGED_HEARTBEAT,
        ),
    ),
    configuration=True,
    core=False,
)
