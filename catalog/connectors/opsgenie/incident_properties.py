"""What an incident made from a rule or template looks like; the fields are the same wherever it is kept."""

from __future__ import annotations

from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    flag,
    string_map,
    text,
    text_list,
)
from catalog.connectors.opsgenie.shapes import FLAG, LONG_TEXT, TEXT, TEXT_MAP, TEXTS, Field, field


def incident_properties(wire: str = "") -> tuple[Parameter, ...]:
    """The arguments, sent under `wire` (at the top if it is empty). Lengths are Opsgenie's."""
    prefix = f"{wire}." if wire else ""
    stakeholders = f"{prefix}stakeholderProperties."
    return (
        text("message", "Headline of the incident.", max_length=130, required=True, wire=f"{prefix}message"),
        choice(
            "priority",
            "P1 is critical, P5 informational.",
            ("P1", "P2", "P3", "P4", "P5"),
            required=True,
            wire=f"{prefix}priority",
        ),
        text(
            "stakeholder_message",
            "Headline stakeholders see.",
            max_length=130,
            required=True,
            wire=f"{stakeholders}message",
        ),
        text(
            "stakeholder_description",
            "Text stakeholders see.",
            max_length=10_000,
            wire=f"{stakeholders}description",
        ),
        flag("stakeholders_enabled", "Whether stakeholders are told.", wire=f"{stakeholders}enable"),
        text("description", "Text of the incident.", max_length=10_000, wire=f"{prefix}description"),
        text_list("tags", "Labels.", max_items=20, max_length=50, wire=f"{prefix}tags"),
        string_map("details", "Custom properties as key and value.", wire=f"{prefix}details"),
    )


def incident_fields(wire: str = "") -> tuple[Field, ...]:
    """The same in answers."""
    prefix = f"{wire}." if wire else ""
    stakeholders = f"{prefix}stakeholderProperties."
    return (
        field("message", TEXT, f"{prefix}message"),
        field("priority", TEXT, f"{prefix}priority"),
        field("description", LONG_TEXT, f"{prefix}description"),
        field("tags", TEXTS, f"{prefix}tags"),
        field("details", TEXT_MAP, f"{prefix}details"),
        field("stakeholder_message", TEXT, f"{stakeholders}message"),
        field("stakeholder_description", LONG_TEXT, f"{stakeholders}description"),
        field("stakeholders_enabled", FLAG, f"{stakeholders}enable"),
    )
