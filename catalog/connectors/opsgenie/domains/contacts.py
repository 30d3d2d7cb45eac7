"""Contacts: the addresses and numbers at which a user is reached."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.users import CONTACT, USER
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.listing import LOCAL_PAGE
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import Parameter, choice, text
from catalog.connectors.opsgenie.results import CHANGED, Item, Items

CONTACT_ID = path_name("contact_id", "The contact's id, from list_user_contacts.")
METHODS = ("email", "sms", "voice", "mobile")
TO = text("to", "E-mail address, or number as country code and digits, such as 49-1511234567.", required=True)
PARAMETERS: tuple[Parameter, ...] = (*USER, CONTACT_ID)

OPERATIONS = in_domain(
    "contacts",
    (
        Operation(
            name="list_user_contacts",
            title="List a user's contacts",
            method="GET",
            path="/v2/users/{identifier}/contacts",
            action=Action.READ,
            right=Right.READ,
            description=(
                "List how a user can be reached. These are personal data: pass on only what is needed."
            ),
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(CONTACT),
        ),
        Operation(
            name="get_user_contact",
            title="Get a contact",
            method="GET",
            path="/v2/users/{identifier}/contacts/{contactId}",
            action=Action.READ,
            right=Right.READ,
            description="Read one contact of a user and whether it is in use.",
            parameters=PARAMETERS,
            result=Item(CONTACT),
        ),
        Operation(
            name="create_user_contact",
            title="Add a contact",
            method="POST",
            path="/v2/users/{identifier}/contacts",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add an address or number to a user. It may have to be verified before it is used.",
            parameters=(*USER, choice("method", "Kind of contact.", METHODS, required=True), TO),
            result=CHANGED,
        ),
        Operation(
            name="update_user_contact",
            title="Change a contact",
            method="PATCH",
            path="/v2/users/{identifier}/contacts/{contactId}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Change the address or number of a contact. Pages go to the new one from then on.",
            parameters=(*PARAMETERS, TO),
            result=CHANGED,
        ),
        Operation(
            name="delete_user_contact",
            title="Delete a contact",
            method="DELETE",
            path="/v2/users/{identifier}/contacts/{contactId}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description="Delete a contact. Notification steps that use it no longer reach the user.",
            parameters=PARAMETERS,
            result=CHANGED,
        ),
        Operation(
            name="enable_user_contact",
            title="Enable a contact",
            method="POST",
            path="/v2/users/{identifier}/contacts/{contactId}/enable",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Let notifications go to a contact again.",
            parameters=PARAMETERS,
            result=CHANGED,
            idempotent=True,
        ),
        Operation(
            name="disable_user_contact",
            title="Disable a contact",
            method="POST",
            path="/v2/users/{identifier}/contacts/{contactId}/disable",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description="Stop notifications to a contact. The user may miss pages.",
            parameters=PARAMETERS,
            result=CHANGED,
            idempotent=True,
        ),
    ),
    configuration=True,
    core=False,
)
