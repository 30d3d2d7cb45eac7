"""What the catalog and a model see of any tool, whether it stands for one operation or for several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from catalog.connectors.base import Action, ToolDefinition
from catalog.connectors.opsgenie.parameters import Parameter, object_schema


@dataclass(frozen=True, kw_only=True)
class Tool(ABC):
    """One tool. `core` ones are discovered by default, the others with their domain."""

    name: str
    title: str
    method: str
    path: str
    action: Action
    description: str
    parameters: tuple[Parameter, ...] = ()
    core: bool = True
    domain: str = ""

    @property
    @abstractmethod
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of the structured answer, an object at the root."""

    @property
    @abstractmethod
    def rights(self) -> tuple[str, ...]:
        """Every right the key needs, in Opsgenie's words."""

    @property
    @abstractmethod
    def is_idempotent(self) -> bool:
        """Whether a second call with the same arguments changes nothing more."""

    @abstractmethod
    def render(self, structured: Mapping[str, Any]) -> str:
        """The structured answer as short text."""

    @property
    def is_open_world(self) -> bool:
        """Whether it reaches what others change too, as all of Opsgenie is."""
        return True

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """The compiled input schema."""
        return jsonschema_rs.validator_for(object_schema(self.parameters), validate_formats=True)

    @cached_property
    def annotations(self) -> dict[str, Any]:
        """MCP's ToolAnnotations."""
        return {
            "title": self.title,
            "readOnlyHint": self.action is Action.READ,
            "destructiveHint": self.action is Action.DESTRUCTIVE,
            "idempotentHint": self.is_idempotent,
            "openWorldHint": self.is_open_world,
        }

    @cached_property
    def definition(self) -> ToolDefinition:
        """The tool as the catalog knows it."""
        return ToolDefinition(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=object_schema(self.parameters),
            output_schema=self.output_schema,
            annotations=self.annotations,
            action=self.action,
            domain=self.domain,
            method=self.method,
            path=self.path,
        )
