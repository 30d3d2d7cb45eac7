"""Every request against Opsgenie's public description, where that covers the operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import pytest

from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.operation import Actor, Operation
from catalog.connectors.opsgenie.parameters import Parameter, Place

from .openapi import described, description, name_in

# Operations the description doesn't have; they follow Opsgenie's documentation pages.
NOT_COVERED = frozenset(
    {
        "add_incident_details",
        "add_incident_note",
        "add_incident_responder",
        "add_incident_tags",
        "add_incident_timeline_entry",
        "change_maintenance_end_date",
        "copy_notification_rules",
        "create_deployment",
        "create_incident_template",
        "create_service_incident_template",
        "delete_incident_saved_search",
        "delete_incident_template",
        "delete_incident_timeline_entry",
        "delete_service_incident_template",
        "delete_user_saved_search",
        "get_deployment",
        "get_deployment_request_status",
        "get_incident_timeline_entry",
        "get_log_file_url",
        "get_postmortem",
        "get_request_limits",
        "get_user_saved_search",
        "hide_incident_timeline_entry",
        "list_incident_associated_alerts",
        "list_incident_logs",
        "list_incident_notes",
        "list_incident_responder_alerts",
        "list_incident_templates",
        "list_incident_timeline_entries",
        "list_log_files",
        "list_service_incident_templates",
        "list_user_saved_searches",
        "remove_incident_details",
        "remove_incident_tags",
        "reopen_incident",
        "resolve_incident",
        "unhide_incident_timeline_entry",
        "update_deployment_state",
        "update_incident_description",
        "update_incident_message",
        "update_incident_priority",
        "update_incident_template",
        "update_incident_timeline_entry",
        "update_service_incident_template",
    }
)

# Names it doesn't have, or has wrongly, each with its source.
KNOWN_DEVIATIONS = {
    # The documentation and the official clients say `sort`; the description says `sortField`.
    ("list_users", "sort"),
    ("list_services", "sort"),
    # The documentation has `impactedServices` in place of `serviceId`, and no longer requires a query.
    ("create_incident", "impactedServices"),
    ("create_incident", "serviceId"),
    ("create_incident", "statusPageEntry.title"),  # described as a map
    ("create_incident", "statusPageEntry.detail"),
    ("list_incidents", "query"),
    # The documentation has these at the top; the description only inside features, or not at all.
    *product(
        ("create_integration", "update_integration"),
        (
            "responders",
            "suppressNotifications",
            "allowReadAccess",
            "allowWriteAccess",
            "allowDeleteAccess",
            "allowConfigurationAccess",
        ),
    ),
}


def parameters_of(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    shared = description()["parameters"]
    return [
        shared[name_in(parameter["$ref"])] if "$ref" in parameter else parameter
        for parameter in entry.get("parameters", ())
    ]


def properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """All properties, with those of parents, and of children where the type decides which one it is."""
    definitions = description()["definitions"]
    if "$ref" in schema:
        name = name_in(schema["$ref"])
        found = properties(definitions[name])
        return {**_of_children(name), **found} if "discriminator" in definitions[name] else found
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found.update(properties(part))
    return found


def _of_children(name: str) -> dict[str, Any]:
    """What the definitions made from this one add, and those made from them."""
    found: dict[str, Any] = {}
    for child_name, child in description()["definitions"].items():
        parts = child.get("allOf", ())
        if any(name_in(part.get("$ref", "")) == name for part in parts):
            for part in parts:
                found.update(part.get("properties", {}))
            found.update(_of_children(child_name))
    return found


def has_path(schema: Mapping[str, Any], dotted: str) -> bool:
    for key in dotted.split("."):
        found = properties(schema)
        if key not in found:
            return False
        schema = found[key]
    return True


def placed(operation: Operation, place: Place) -> Iterable[Parameter]:
    return (parameter for parameter in operation.parameters if operation.place_of(parameter) is place)


COVERED = [operation for operation in OPERATIONS.values() if operation.name not in NOT_COVERED]


@pytest.mark.parametrize("operation", COVERED, ids=[operation.name for operation in COVERED])
def test_request_uses_the_described_names(operation: Operation) -> None:
    entry = described(operation.method, operation.path)
    assert entry is not None, "not in the description: name it in NOT_COVERED"
    query = {parameter.wire_name for parameter in placed(operation, Place.QUERY)}
    query |= {parameter.kind_wire for parameter in operation.parameters if parameter.kind_wire}
    bodies = [parameter["schema"] for parameter in parameters_of(entry) if parameter["in"] == "body"]
    bodies += [_form_schema(parameters_of(entry))] if operation.is_form else []
    if operation.method in ("GET", "DELETE"):
        query |= set(operation.actor.value)
    else:
        assert operation.actor is Actor.NONE or set(operation.actor.value) <= set(properties(bodies[0]))
    deviations = {name for tool, name in KNOWN_DEVIATIONS if tool == operation.name}
    assert query - deviations <= {each["name"] for each in parameters_of(entry) if each["in"] == "query"}
    for parameter in placed(operation, Place.BODY):
        assert parameter.wire_name in deviations or has_path(bodies[0], parameter.wire_name), parameter.name


@pytest.mark.parametrize("operation", COVERED, ids=[operation.name for operation in COVERED])
def test_what_the_description_requires_is_required(operation: Operation) -> None:
    entry = described(operation.method, operation.path)
    assert entry is not None
    certain = [each for each in operation.parameters if each.required or each.default is not None]
    required = {parameter.wire_name for parameter in certain}
    required |= {name for tool, name in KNOWN_DEVIATIONS if tool == operation.name}
    for parameter in parameters_of(entry):
        if parameter.get("required") and parameter["in"] == "query":
            assert parameter["name"] in required
        if parameter["in"] == "body":
            assert set(_required(parameter["schema"])) <= {name.split(".")[0] for name in required}


def _form_schema(parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The form's fields as if they were a body; a file has the name and the content it is sent with."""
    file = {"properties": {"name": {}, "content": {}}}
    fields = [each for each in parameters if each["in"] == "formData"]
    return {"properties": {each["name"]: file if each["type"] == "file" else each for each in fields}}


def _required(schema: Mapping[str, Any]) -> list[str]:
    if "$ref" in schema:
        return _required(description()["definitions"][name_in(schema["$ref"])])
    return [
        *schema.get("required", ()),
        *(name for part in schema.get("allOf", ()) for name in _required(part)),
    ]


@pytest.mark.parametrize("name", sorted(NOT_COVERED))
def test_the_list_of_uncovered_operations_is_true(name: str) -> None:
    assert described(OPERATIONS[name].method, OPERATIONS[name].path) is None
