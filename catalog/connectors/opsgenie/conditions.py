"""Conditions, as routing rules, notification rules, policies, services and integrations share them."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.connectors.opsgenie.parameters import Parameter, choice, flag, objects, text
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, Each, field, record, texts

CONDITION = record(
    texts("field", "key"),
    field("negated", FLAG, "not"),
    texts("operation", "expected_value"),
    headline="field key negated operation expected_value",
)
CRITERIA = record(
    field("match", TEXT, "type", "conditionMatchType"),
    field("conditions", Each(CONDITION)),
    headline="match",
)

ALERT_FIELDS = (
    "message",
    "alias",
    "description",
    "source",
    "entity",
    "tags",
    "actions",
    "details",
    "extra-properties",
    "recipients",
    "responders",
    "teams",
    "priority",
)
INCIDENT_FIELDS = (
    "message",
    "description",
    "tags",
    "extra-properties",
    "recipients",
    "teams",
    "priority",
)
_OPERATIONS = (
    "matches",
    "contains",
    "starts-with",
    "ends-with",
    "equals",
    "contains-key",
    "contains-value",
    "greater-than",
    "less-than",
    "is-empty",
    "equals-ignore-whitespace",
)
_MATCHES = ("match-all", "match-any-condition", "match-all-conditions")


def criteria(
    wire: str, fields: Sequence[str] | None = ALERT_FIELDS, *, match_wire: str = "type", needed: bool = False
) -> tuple[Parameter, Parameter]:
    """The arguments `match` and `conditions`, sent under `wire` (at the top if it is empty).

    `fields` None leaves the field free, for integrations whose incoming data Opsgenie doesn't know.
    """
    prefix = f"{wire}." if wire else ""
    return (
        choice(
            "match",
            "Which conditions must hold; match-all ignores them.",
            _MATCHES,
            required=needed,
            wire=prefix + match_wire,
        ),
        objects(
            "conditions",
            "What is looked at.",
            condition_fields(fields),
            max_items=50,
            wire=f"{prefix}conditions",
        ),
    )


def condition_fields(fields: Sequence[str] | None) -> tuple[Parameter, ...]:
    """One condition."""
    which = (
        text("field", "Field of the incoming data.", required=True)
        if fields is None
        else choice("field", "Field of the alert or incident.", fields, required=True)
    )
    key = () if fields is None else (text("key", "Key, where field is a map such as details."),)
    return (
        which,
        *key,
        choice("operation", "How to compare.", _OPERATIONS, required=True),
        text("expected_value", "What to compare with.", max_length=15_000),
        flag("negated", "True turns the condition round.", wire="not"),
    )
