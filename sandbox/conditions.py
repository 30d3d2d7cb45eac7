"""Filters: the conditions of routing rules, policies, notification rules and service rules on an alert."""

import re
from collections.abc import Collection
from typing import Any

from sandbox.fields import Fields
from sandbox.state import Record

MATCH_TYPES = ("match-all", "match-any-condition", "match-all-conditions")
ALERT_FIELDS = (
    "message", "alias", "description", "source", "entity", "tags", "actions", "extra-properties",
    "recipients", "teams", "priority", "details", "responders",
)  # fmt: skip
OPERATIONS = (
    "matches", "contains", "starts-with", "ends-with", "equals", "contains-key", "contains-value",
    "greater-than", "less-than", "is-empty", "equals-ignore-whitespace",
)  # fmt: skip


def read_filter(
    fields: Fields, *, type_name: str = "type", alert_fields: Collection[str] = ALERT_FIELDS
) -> Record:
    """Read a filter; one that says nothing matches everything."""
    kind = fields.choice(type_name, MATCH_TYPES, default="match-all")
    conditions = [read_condition(each, alert_fields) for each in fields.objects("conditions", most=100)]
    if kind != "match-all" and not conditions:
        fields.complain("conditions", "may not be empty")
    document: Record = {type_name: kind}
    if conditions:
        document["conditions"] = conditions
    return document


def read_condition(fields: Fields, alert_fields: Collection[str]) -> Record:
    """Read one condition."""
    condition: Record = {
        "field": fields.choice("field", alert_fields, required=True),
        "not": fields.flag("not"),
        "operation": fields.choice("operation", OPERATIONS, required=True),
    }
    for name in ("key", "expectedValue"):
        if fields.given(name):
            condition[name] = fields.text(name)
    if fields.given("order"):
        condition["order"] = fields.number("order", least=0)
    return condition


def matches(criteria: Record | None, alert: Record, *, type_name: str = "type") -> bool:
    """Whether a filter takes an alert."""
    if not criteria or criteria[type_name] == "match-all":
        return True
    results = [_holds(condition, alert) for condition in criteria.get("conditions", [])]
    return all(results) if criteria[type_name] == "match-all-conditions" else any(results)


def _holds(condition: Record, alert: Record) -> bool:
    value = _value(condition, alert)
    values = value if isinstance(value, list) else [value]
    operation, expected = condition["operation"], condition.get("expectedValue", "")
    if operation == "is-empty":
        result = not value
    elif operation == "contains-key":
        result = isinstance(value, dict) and expected in value
    elif operation == "contains-value":
        result = isinstance(value, dict) and expected in value.values()
    else:
        result = any(_compares(operation, str(each), expected) for each in values)
    return result != condition["not"]


def _value(condition: Record, alert: Record) -> Any:
    field = condition["field"]
    if field in ("details", "extra-properties"):
        details = alert.get("details", {})
        return details.get(condition["key"], "") if condition.get("key") else details
    if field in ("recipients", "responders"):
        return [each["id"] for each in alert.get("responders", [])]
    if field == "teams":
        return [each["id"] for each in alert.get("teams", [])]
    return alert.get(field, "")


def _compares(operation: str, value: str, expected: str) -> bool:
    if operation == "matches":
        try:
            return re.search(expected, value) is not None
        except re.error:
            return False
    if operation == "equals-ignore-whitespace":
        return "".join(value.split()) == "".join(expected.split())
    if operation in ("greater-than", "less-than"):
        # Priorities compare by urgency: P1 is greater than P2.
        return value < expected if operation == "greater-than" else value > expected
    compare = {
        "contains": lambda: expected in value,
        "starts-with": lambda: value.startswith(expected),
        "ends-with": lambda: value.endswith(expected),
        "equals": lambda: value == expected,
    }
    return compare[operation]() if operation in compare else False
