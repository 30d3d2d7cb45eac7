"""How a user can be reached (/v2/users/{identifier}/contacts)."""

import re

from sandbox.answers import Answer, changed, created, found
from sandbox.calls import Call
from sandbox.directory import find_user
from sandbox.errors import ApiError, not_found
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.state import Record, State
from sandbox.users import MAIL_ADDRESS

PATH = "/v2/users/<identifier>/contacts"
METHODS = ("email", "sms", "voice", "mobile")
PHONE_NUMBER = re.compile(r"\+?[0-9]{1,4}[- ]?[0-9][0-9 ()-]{3,20}")
NEEDS = {"configuration": True, "account_wide": True}


def contacts_of(state: State, user: Record) -> list[Record]:
    """A user's contacts, in the order they are tried."""
    return [each for each in state.table("contacts").values() if each["userId"] == user["id"]]


def contact_view(contact: Record, *, with_order: bool = False) -> Record:
    """A contact as reads show it; only the list tells the order."""
    hidden = ("userId",) if with_order else ("userId", "applyOrder")
    return {name: value for name, value in contact.items() if name not in hidden}


def find_contact(call: Call, identifier: str, contact_id: str) -> Record:
    """A user's contact by id."""
    user = find_user(call.state, identifier)
    contact = call.state.table("contacts").get(contact_id)
    if contact is None or contact["userId"] != user["id"]:
        raise not_found("Contact", contact_id)
    return contact


def read_address(call: Call, method: str) -> str:
    """Read where a contact leads, which has to suit its method."""
    address = call.body.text("to", required=True, longest=250)
    pattern = PHONE_NUMBER if method in ("sms", "voice") else MAIL_ADDRESS if method == "email" else None
    if pattern and address and not pattern.fullmatch(address):
        call.body.complain("to", f"should be a valid address for {method}")
    return address


@operation("GET", PATH, Right.READ, configuration=True)
def list_user_contacts(call: Call, identifier: str) -> Answer:
    """A user's contacts."""
    contacts = contacts_of(call.state, find_user(call.state, identifier))
    return found([contact_view(contact, with_order=True) for contact in contacts])


@operation("GET", f"{PATH}/<contact_id>", Right.READ, configuration=True)
def get_user_contact(call: Call, identifier: str, contact_id: str) -> Answer:
    """One contact."""
    return found(contact_view(find_contact(call, identifier, contact_id)))


@operation("POST", PATH, Right.WRITE, **NEEDS)
def create_user_contact(call: Call, identifier: str) -> Answer:
    """A new contact, tried last."""
    user = find_user(call.state, identifier)
    method = call.body.choice("method", METHODS, required=True)
    address = read_address(call, method)
    call.body.check()
    present = contacts_of(call.state, user)
    if any((each["method"], each["to"]) == (method, address) for each in present):
        raise ApiError(409, "There is already one contact with same method and address")
    contact = {
        "id": call.state.new_id(),
        "userId": user["id"],
        "method": method,
        "to": address,
        "status": {"enabled": True},
        "applyOrder": len(present),
    }
    call.state.table("contacts")[contact["id"]] = contact
    return created({"id": contact["id"]})


@operation("PATCH", f"{PATH}/<contact_id>", Right.WRITE, **NEEDS)
def update_user_contact(call: Call, identifier: str, contact_id: str) -> Answer:
    """Change where a contact leads."""
    contact = find_contact(call, identifier, contact_id)
    address = read_address(call, contact["method"])
    call.body.check()
    contact["to"] = address
    return changed("Updated", {"id": contact_id})


@operation("DELETE", f"{PATH}/<contact_id>", Right.DELETE, **NEEDS)
def delete_user_contact(call: Call, identifier: str, contact_id: str) -> Answer:
    """Remove a contact; the address the user signs in with stays."""
    contact, user = find_contact(call, identifier, contact_id), find_user(call.state, identifier)
    if contact["method"] == "email" and contact["to"] == user["username"]:
        raise ApiError(422, "Default email contact can not be deleted")
    del call.state.table("contacts")[contact_id]
    return changed("Deleted")


@operation("POST", f"{PATH}/<contact_id>/enable", Right.WRITE, **NEEDS)
def enable_user_contact(call: Call, identifier: str, contact_id: str) -> Answer:
    """Use a contact again."""
    find_contact(call, identifier, contact_id)["status"] = {"enabled": True}
    return changed("Enabled", {"id": contact_id})


@operation("POST", f"{PATH}/<contact_id>/disable", Right.WRITE, **NEEDS)
def disable_user_contact(call: Call, identifier: str, contact_id: str) -> Answer:
    """Use a contact no longer."""
    contact = find_contact(call, identifier, contact_id)
    contact["status"] = {"enabled": False, "disabledReason": "Disabled by user"}
    return changed("Disabled", {"id": contact_id})
