"""What an integration does with incoming data: create, close, acknowledge, add a note, or ignore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.conditions import CRITERIA, criteria
from catalog.connectors.opsgenie.domains.integrations import INTEGRATION_ID
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.parameters import (
    Parameter,
    choice,
    objects,
    string_map,
    text,
    text_list,
    whole_number,
)
from catalog.connectors.opsgenie.results import Changed, Item
from catalog.connectors.opsgenie.shapes import (
    LONG_TEXT,
    TEXT,
    TEXT_MAP,
    TEXTS,
    WHOLE,
    Each,
    field,
    record,
    texts,
)

ACTION = record(
    texts("name", "type"),
    field("order", WHOLE),
    field("filter", CRITERIA),
    texts("alias", "user", "note", "message", "source", "entity", "priority"),
    field("description", LONG_TEXT),
    field("tags", TEXTS),
    field("details", TEXT_MAP, "extraProperties"),
    headline="order type name",
)
ACTIONS = record(
    field("integration", TEXT, "_parent.name"),
    field("create", Each(ACTION)),
    field("close", Each(ACTION)),
    field("acknowledge", Each(ACTION)),
    field("add_note", Each(ACTION)),
    field("ignore", Each(ACTION)),
    headline="integration",
)
CHANGED_ACTIONS = Changed(ACTIONS)

# Texts may hold Opsgenie's placeholders for incoming data, such as `{{message}}`.
BASIS: tuple[Parameter, ...] = (
    text("name", "Its name.", required=True, max_length=200),
    whole_number("order", "Its place among the actions, from 0."),
    *criteria("filter", None, match_wire="conditionMatchType", needed=True),
)
COMMON: tuple[Parameter, ...] = (
    text("alias", "Alias of the alert it is for, such as `{{alias}}`.", max_length=512),
    text("user", "User shown for it.", max_length=100),
    text("note", "Note to leave.", max_length=25_000),
)
CREATING: tuple[Parameter, ...] = (
    text("message", "Create: message of the alert.", max_length=130),
    text("description", "Create: description of the alert.", max_length=15_000),
    text("source", "Create: source of the alert.", max_length=100),
    text("entity", "Create: entity of the alert.", max_length=512),
    choice("priority", "Create: priority of the alert.", ("P1", "P2", "P3", "P4", "P5")),
    text_list("tags", "Create: tags of the alert.", max_items=20, max_length=50),
    text_list("alert_actions", "Create: actions the alert offers.", max_items=10, max_length=50),
    string_map("details", "Create: properties of the alert.", wire="extraProperties"),
)
TYPE = choice("type", "What it does.", ("create", "close", "acknowledge", "addNote", "ignore"), required=True)


def _actions(name: str, wire: str, description: str, fields: Sequence[Parameter]) -> Parameter:
    """All actions of one type; Opsgenie wants the type in each of them too."""
    plain = objects(name, description, fields, max_items=50, wire=wire)

    def encode(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"type": wire, **one} for one in plain.encode(values)]

    return replace(plain, encode=encode)


OPERATIONS = in_domain(
    "integrations",
    (
        Operation(
            name="list_integration_actions",
            title="List an integration's actions",
            method="GET",
            path="/v2/integrations/{id}/actions",
            action=Action.READ,
            right=Right.READ,
            description="See what an integration does with incoming data, by type of action.",
            parameters=(INTEGRATION_ID,),
            result=Item(ACTIONS),
        ),
        Operation(
            name="create_integration_action",
            title="Add an integration action",
            method="POST",
            path="/v2/integrations/{id}/actions",
            action=Action.WRITE,
            right=Right.WRITE,
            description="Add one action to an integration. Its order and filter decide what it catches.",
            parameters=(INTEGRATION_ID, TYPE, *BASIS, *COMMON, *CREATING),
            result=CHANGED_ACTIONS,
        ),
        Operation(
            name="replace_integration_actions",
            title="Replace all integration actions",
            method="PUT",
            path="/v2/integrations/{id}/actions",
            action=Action.DESTRUCTIVE,
            right=Right.WRITE,
            description=(
                "Replace every action of an integration; types left out end up empty, and then nothing "
                "comes in. Read them with list_integration_actions first."
            ),
            parameters=(
                INTEGRATION_ID,
                _actions("create", "create", "Actions that create alerts.", (*BASIS, *COMMON, *CREATING)),
                _actions("close", "close", "Actions that close alerts.", (*BASIS, *COMMON)),
                _actions("acknowledge", "acknowledge", "Actions that acknowledge.", (*BASIS, *COMMON)),
                _actions("add_note", "addNote", "Actions that add notes.", (*BASIS, *COMMON)),
                _actions("ignore", "ignore", "Actions that drop data.", BASIS),
            ),
            result=CHANGED_ACTIONS,
        ),
    ),
    configuration=True,
    core=False,
)
