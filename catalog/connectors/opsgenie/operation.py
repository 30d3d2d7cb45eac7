"""The vocabulary in which every operation of Opsgenie is declared.

One operation is one declaration: what a model reads, the request it stands for, what the answer looks like.
Everything else (schemas, annotations, requests, projections, slots) follows from it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from string import Formatter
from typing import Any

from catalog.connectors.opsgenie.parameters import Parameter, Place
from catalog.connectors.opsgenie.results import Requested, Result
from catalog.connectors.opsgenie.tool import Tool


class Right(enum.StrEnum):
    """What an Opsgenie key must be allowed to do, in the words of Opsgenie's own settings page."""

    READ = "Read"
    WRITE = "Create and Update"
    DELETE = "Delete"


CONFIGURATION_ACCESS = "Configuration Access"


class Actor(enum.Enum):
    """Which of Opsgenie's fields for who acted (`user`) and from where (`source`) a request has."""

    NONE = ()
    USER = ("user",)
    USER_AND_SOURCE = ("user", "source")


# Opsgenie's verbs that leave the same state when sent twice; an operation may say otherwise of itself.
_IDEMPOTENT_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Operation(Tool):
    """One Opsgenie API operation as one tool.

    `path` names its parameters as Opsgenie does (`/v2/alerts/{identifier}/notes`). `configuration` says that
    the key also needs Configuration Access; None takes the domain's answer (see `in_domain`). `is_form`: the
    body is a multipart form, not JSON.
    """

    right: Right
    result: Result
    actor: Actor = Actor.NONE
    idempotent: bool | None = None
    is_form: bool = False
    configuration: bool | None = None

    @cached_property
    def path_names(self) -> frozenset[str]:
        """Opsgenie's names of the parameters in the path."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.path) if name)

    @property
    def is_idempotent(self) -> bool:
        return self.method in _IDEMPOTENT_METHODS if self.idempotent is None else self.idempotent

    @property
    def is_asynchronous(self) -> bool:
        """Whether Opsgenie answers 202 and does the work later."""
        return isinstance(self.result, Requested)

    @property
    def sends_no_body(self) -> bool:
        """Whether everything it sends is in the path and query."""
        return self.method in ("GET", "DELETE")

    @property
    def output_schema(self) -> dict[str, Any]:
        return self.result.schema

    @property
    def rights(self) -> tuple[str, ...]:
        return (self.right.value, CONFIGURATION_ACCESS) if self.configuration else (self.right.value,)

    def render(self, structured: Mapping[str, Any]) -> str:
        return self.result.render(structured)

    def place_of(self, parameter: Parameter) -> Place:
        """Where this operation sends this parameter."""
        if parameter.place is not None:
            return parameter.place
        if parameter.wire_name in self.path_names:
            return Place.PATH
        return Place.QUERY if self.sends_no_body else Place.BODY


def in_domain(
    domain: str, operations: Iterable[Operation], *, configuration: bool, core: bool | None = None
) -> tuple[Operation, ...]:
    """The operations of one module, with what they have in common filled in.

    `configuration` is for those that don't say themselves; `core` None leaves every operation's own word.
    """
    return tuple(
        replace(
            operation,
            domain=domain,
            configuration=configuration if operation.configuration is None else operation.configuration,
            core=operation.core if core is None else core,
        )
        for operation in operations
    )
