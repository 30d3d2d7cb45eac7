"""Users of the Opsgenie account, and what they belong to."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains.forwarding_rules import FORWARDING_RULE
from catalog.connectors.opsgenie.identifiers import user_identifier
from catalog.connectors.opsgenie.listing import LIMIT, LOCAL_PAGE, OFFSET, order
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.paging import ByNumber
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    expansion,
    flag,
    optional,
    text,
    text_list,
    texts_map,
)
from catalog.connectors.opsgenie.results import CHANGED, Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, TEXT_MAP, TEXTS, Each, field, record, texts

USER = user_identifier()

CONTACT = record(
    texts("id"),
    field("method", TEXT, "contactMethod", "method"),
    texts("to"),
    field("enabled", FLAG, "enabled", "status.enabled"),
    headline="method to enabled id",
)
USER_IN_LIST = record(
    texts("id", "username", "full_name"),
    field("role", TEXT, "role.name"),
    texts("time_zone", "locale"),
    field("blocked", FLAG),
    field("verified", FLAG),
    texts("created_at", "muted_until"),
    headline="username full_name role blocked time_zone id",
)
USER_IN_FULL = USER_IN_LIST.but(
    also=(
        field("skype_username", TEXT),
        field("country", TEXT, "userAddress.country"),
        field("city", TEXT, "userAddress.city"),
        field("tags", TEXTS),
        field("details", TEXT_MAP),
        field("contacts", Each(CONTACT), "userContacts"),
    )
)
BELONGING = record(
    texts("id", "name", "description"), field("enabled", FLAG), headline="name description enabled id"
)

PERSON: tuple[Parameter, ...] = (
    text("username", "E-mail address they sign in with.", format="email", max_length=100, required=True),
    text("full_name", "Name as shown.", max_length=512, required=True),
    text(
        "role", "`User`, `Admin`, `Owner`, `Stakeholder` or a custom role.", wire="role.name", required=True
    ),
)
PROFILE: tuple[Parameter, ...] = (
    text("time_zone", "IANA time zone, such as Europe/Berlin.", max_length=64),
    text("locale", "Language and country, such as en_US.", max_length=20),
    text("skype_username", "Skype name.", max_length=100),
    text("country", "Country of the address.", wire="userAddress.country"),
    text("state", "State of the address.", wire="userAddress.state"),
    text("city", "City of the address.", wire="userAddress.city"),
    text("line", "Street of the address.", wire="userAddress.line"),
    text("zip_code", "Postal code of the address.", wire="userAddress.zipCode"),
    text_list("tags", "Labels to search by.", max_items=50, max_length=100),
    texts_map("details", "Custom properties: each key with a list of values."),
    flag("invitation_disabled", "True sends no invitation e-mail."),
)

OPERATIONS = in_domain(
    "users",
    (
        Operation(
            name="list_users",
            title="List users",
            method="GET",
            path="/v2/users",
            action=Action.READ,
            right=Right.READ,
            description="Find users of the account by field, such as `role:Admin` or `fullName:ana*`.",
            parameters=(
                text(
                    "query",
                    "`field:value`, on username, fullName, role, blocked, verified, locale, timeZone.",
                    max_length=1000,
                ),
                LIMIT,
                OFFSET,
                choice(
                    "sort", "Field to sort by.", ("username", "fullName", "createdAt"), default="username"
                ),
                order("asc"),
            ),
            result=Items(USER_IN_LIST, ByNumber()),
        ),
        Operation(
            name="get_user",
            title="Get a user",
            method="GET",
            path="/v2/users/{identifier}",
            action=Action.READ,
            right=Right.READ,
            description="Read one user: role, time zone, whether blocked; with contacts on request.",
            parameters=(
                *USER,
                expansion("include_contacts", "Also give phone numbers.", "contact"),
            ),
            result=Item(USER_IN_FULL),
        ),
        Operation(
            name="create_user",
            title="Invite a user",
            method="POST",
            path="/v2/users",
            action=Action.WRITE,
            right=Right.WRITE,
            description=(
                "Add a user to the account: uses up a licence and mails an invitation unless told otherwise."
            ),
            parameters=(*PERSON, *PROFILE),
            result=CHANGED,
        ),
        Operation(
            name="update_user",
            title="Change a user",
            method="PATCH",
            path="/v2/users/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Change a user; what is left out stays. A new role grants or takes rights, "
                "a new username changes how they sign in."
            ),
            parameters=(*USER, *optional(*PERSON), *PROFILE),
            result=CHANGED,
        ),
        Operation(
            name="delete_user",
            title="Delete a user",
            method="DELETE",
            path="/v2/users/{identifier}",
            action=Action.DESTRUCTIVE,
            right=Right.DELETE,
            description=(
                "Delete a user from the account and from all teams and rotations. "
                "Check list_user_schedules first: a turn may be left empty."
            ),
            parameters=USER,
            result=CHANGED,
        ),
        Operation(
            name="list_user_teams",
            title="List a user's teams",
            method="GET",
            path="/v2/users/{identifier}/teams",
            action=Action.READ,
            right=Right.READ,
            description="List the teams a user belongs to.",
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(BELONGING),
        ),
        Operation(
            name="list_user_schedules",
            title="List a user's schedules",
            method="GET",
            path="/v2/users/{identifier}/schedules",
            action=Action.READ,
            right=Right.READ,
            description="List the schedules a user takes turns in.",
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(BELONGING),
        ),
        Operation(
            name="list_user_escalations",
            title="List a user's escalations",
            method="GET",
            path="/v2/users/{identifier}/escalations",
            action=Action.READ,
            right=Right.READ,
            description="List the escalations that may page a user.",
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(BELONGING),
        ),
        Operation(
            name="list_user_forwarding_rules",
            title="List a user's forwarding rules",
            method="GET",
            path="/v2/users/{identifier}/forwarding-rules",
            action=Action.READ,
            right=Right.READ,
            description="List the rules that send a user's notifications to somebody else for a while.",
            parameters=(*USER, *LOCAL_PAGE),
            result=Items(FORWARDING_RULE),
        ),
    ),
    configuration=True,
)
