"""Every declaration against the project's own list of Opsgenie operations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.domains import CORE_OPERATIONS, OPERATIONS
from catalog.connectors.opsgenie.operation import CONFIGURATION_ACCESS, Operation
from catalog.connectors.opsgenie.tool import Tool
from catalog.connectors.opsgenie.tools import TOOLS

EVERY = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
FACTS = Path(__file__).resolve().parents[5] / "shared" / "opsgenie" / "tools.json"


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, Any]]:
    if not FACTS.exists():
        pytest.skip(f"{FACTS.name} is not beside this checkout: declarations are not compared with it")
    return {entry["tool"]: entry for entry in json.loads(FACTS.read_text())}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_declaration_agrees_with_the_list(operation: Operation, facts: dict[str, dict[str, Any]]) -> None:
    fact = facts[operation.name]
    assert (operation.method, operation.path) == (fact["method"], fact["path"])
    assert operation.action.value == fact["cls"]
    assert operation.is_idempotent == fact["idempotent"]
    assert operation.is_asynchronous == fact["async_202"]
    assert operation.right.value == fact["api_right"]
    assert (CONFIGURATION_ACCESS in operation.rights) == fact["needs_configuration_access"]
    assert operation.domain == fact["domain"]
    assert operation.core == fact["core"]
    assert {**operation.annotations, "title": None} == {**fact["annotations"], "title": None}


def test_every_operation_is_there(facts: dict[str, dict[str, Any]]) -> None:
    assert set(OPERATIONS) == set(facts)
    core = {name for name, fact in facts.items() if fact["core"]}
    assert {operation.name for operation in CORE_OPERATIONS} == core


@EVERY
def test_a_tool_reads_well(tool: Tool) -> None:
    assert re.fullmatch(r"[a-z][a-z_]{2,39}", tool.name)
    assert 5 <= len(tool.title) <= 50
    assert not tool.title.endswith(".")
    assert 30 <= len(tool.description) <= 320
    assert tool.description.endswith(".")
    for name, schema in tool.definition.input_schema["properties"].items():
        assert schema["description"].endswith("."), name
        assert len(schema["description"]) <= 160, name


@EVERY
def test_annotations_follow_the_action(tool: Tool) -> None:
    hints = tool.annotations
    assert hints["title"] == tool.title
    assert hints["readOnlyHint"] is (tool.action is Action.READ)
    assert hints["destructiveHint"] is (tool.action is Action.DESTRUCTIVE)
    assert isinstance(hints["idempotentHint"], bool)
    # It asks nobody but Portcullis.
    assert hints["openWorldHint"] is (tool.name != "list_capabilities")
