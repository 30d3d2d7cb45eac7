"""Conditions on alerts, as routing rules, policies and notification rules share them."""

from __future__ import annotations

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
