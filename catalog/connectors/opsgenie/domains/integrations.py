"""Integrations: how other systems send alerts. Their keys never leave Opsgenie through here."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name, recipients, reference
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, flag, text
from catalog.connectors.opsgenie.results import CHANGED, Changed, Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, RECIPIENTS, TEXT, field, record, texts

INTEGRATION_ID = path_name("integration_id", "The integration's id, from list_integrations.", wire="id")

# Both carry `apiKey` in Opsgenie's answers, a new integration a fresh one. It is not among the fields.
INTEGRATION_IN_LIST = record(
    texts("id", "name", "type"),
    field("enabled", FLAG),
    field("team_id", TEXT, "teamId", "ownerTeam.id"),
    headline="name type enabled team_{team_id} id",
)
INTEGRATION = INTEGRATION_IN_LIST.but(
    also=(
        field("owner_team", TEXT, "ownerTeam.name"),
        field("is_global", FLAG),
        field("suppress_notifications", FLAG),
        field("responders", RECIPIENTS),
        field("allow_read_access", FLAG),
        field("allow_write_access", FLAG),
        field("allow_delete_access", FLAG),
        field("allow_configuration_access", FLAG),
        field("ignores_responders", FLAG, "ignoreRespondersFromPayload"),
    )
)
CHANGED_INTEGRATION = Changed(INTEGRATION_IN_LIST)

CONTENT: tuple[Parameter, ...] = (
    text(
        "type",
        "Opsgenie's name of the kind, such as API, Webhook or Prometheus.",
        required=True,
        max_length=60,
    ),
    text("name", "Its name.", required=True, max_length=255),
    flag("enabled", "Whether it takes alerts."),
    reference("owner_team", "Name or id of the team it belongs to; account-wide if left out."),
    recipients(
        "responders", "Who is paged, as `team:…` or `user:…`.", ("user", "team", "escalation", "schedule")
    ),
    flag("suppress_notifications", "True creates alerts without notifying anybody."),
    flag("allow_read_access", "API type: its key may read."),
    flag("allow_write_access", "API type: its key may create and update."),
    flag("allow_delete_access", "API type: its key may delete."),
    flag("allow_configuration_access", "API type: its key may change configuration."),
)

OPERATIONS = in_domain(
    "integrations",
    (
        Operation(
            name="list_integrations",
            title="List integrations",
            method="GET",
            path="/v2/integrations",
            action=Action.READ,
            right=Right.READ,
            description="List what sends alerts to Opsgenie, and whether it is enabled. Keys are left out.",
            parameters=(
                text("type", "Only this kind, such as API.", max_length=60),
                text("team_id", "Only those of the team with this id."),
                text("team_name", "Only those of the team with this name."),
                *LOCAL_PAGE,
            ),
            result=Items(INTEGRATION_IN_LIST),
        ),
        Operation(
            name="get_integration",
            title="Get an integration",
            method="GET",
            path="/v2/integrations/{id}",
            action=Action.READ,
            right=Right.READ,
            description=(
                "Read one integration: its team, responders and what its key may do. The key is left out."
            ),
            parameters=(INTEGRATION_ID,),
            result=Item(INTEGRATION),
        ),
        Operation(
            name="create_integration",
            title="Create an integration",
            method="POST",
            path="/v2/integrations",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Add an integration, which makes a new API key. The key is withheld: a person has to "
                "fetch it in Opsgenie. Allow no more access than it needs."
            ),
            parameters=CONTENT,
            result=CHANGED_INTEGRATION,
        ),
        Operation(
            name="update_integration",
            title="Change an integration",
            method="PUT",
            path="/v2/integrations/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Replace an integration as a whole: what is left out goes back to Opsgenie's defaults."
            ),
            parameters=(INTEGRATION_ID, *CONTENT),
            result=CHANGED_INTEGRATION,
        ),
        Operation(
            name="delete_integration",
            title="Delete an integration",
            method="DELETE",
            path="/v2/integrations/{id}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete an integration and its key. Alerts from it are refused from then on.",
            parameters=(INTEGRATION_ID,),
            result=CHANGED_INTEGRATION,
        ),
        Operation(
            name="enable_integration",
            title="Enable an integration",
            method="POST",
            path="/v2/integrations/{id}/enable",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Let an integration send alerts again.",
            parameters=(INTEGRATION_ID,),
            result=CHANGED_INTEGRATION,
            idempotent=True,
        ),
        Operation(
            name="disable_integration",
            title="Disable an integration",
            method="POST",
            path="/v2/integrations/{id}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Stop an integration. Its alerts are lost, and if it is the one whose key these tools use, "
                "they stop working too."
            ),
            parameters=(INTEGRATION_ID,),
            result=CHANGED_INTEGRATION,
            idempotent=True,
        ),
        Operation(
            name="authenticate_integration",
            title="Check the integration key",
            method="POST",
            path="/v2/integrations/authenticate",
            action=Action.READ,
            right=Right.READ,
            description="See whether the key in use is that of an integration of this kind. Changes nothing.",
            parameters=(text("type", "Kind of integration, such as API.", required=True, max_length=60),),
            result=CHANGED,
            idempotent=True,
            configuration=False,
        ),
    ),
    configuration=True,
    core=False,
)
