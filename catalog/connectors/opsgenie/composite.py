"""Tools that answer one question from several reading operations.

They are declared beside operations and offered, reviewed and called like them. A composite has main
requests, whose failure is the call's, and secondary ones, whose failure is told in the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.connectors.base import Action, CallContext, ConnectorError, Target, UpstreamTrace
from catalog.connectors.opsgenie.carrying_out import carry_out
from catalog.connectors.opsgenie.operation import Operation
from catalog.connectors.opsgenie.parameters import Parameter
from catalog.connectors.opsgenie.request import check_arguments
from catalog.connectors.opsgenie.request_status import RESERVE
from catalog.connectors.opsgenie.shapes import Record
from catalog.connectors.opsgenie.tool import Tool
from catalog.outbound import Deadline


class Inquiry:
    """The requests of one call, made one after the other within its deadline.

    `problems` says which secondary ones failed, `trace` is what the main one left.
    """

    def __init__(self, target: Target, context: CallContext, tools: Mapping[str, Tool]) -> None:
        self.target = target
        self.context = context
        self.tools = tools
        self.problems: list[str] = []
        self.trace = UpstreamTrace()
        self._is_limited = False

    @property
    def seconds_left(self) -> float:
        """Until the requests must end; a little of the deadline is kept for the answer."""
        return self.context.deadline.remaining() - RESERVE

    def ask(
        self, operation: Operation, /, *, within: float | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """The answer of a main request, `within` so many seconds at most. Raises ConnectorError."""
        structured, self.trace = self._carry_out(operation, arguments, within)
        return structured

    def ask_also(self, what: str, operation: Operation, /, **arguments: Any) -> dict[str, Any] | None:
        """The answer of a secondary request; None, and a problem that names `what`, when it fails."""
        if self._is_limited:
            self.problems.append(f"{what}: not asked for, as Opsgenie is limiting requests.")
            return None
        try:
            structured, _ = self._carry_out(operation, arguments, None)
        except ConnectorError as error:
            self._is_limited = error.code == "upstream_rate_limited"
            self.problems.append(f"{what}: {error.message}")
            return None
        return structured

    def _carry_out(
        self, operation: Operation, arguments: Mapping[str, Any], within: float | None
    ) -> tuple[dict[str, Any], UpstreamTrace]:
        given = {name: value for name, value in arguments.items() if value is not None}
        seconds = self.seconds_left if within is None else min(within, self.seconds_left)
        context = replace(self.context, deadline=Deadline(seconds))
        return carry_out(operation, given, target=self.target, context=context)


Answer = Callable[[Inquiry, Mapping[str, Any]], dict[str, Any]]
Render = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, kw_only=True)
class Composite(Tool):
    """One question. `asks` are the operations its requests are of.

    `answer` gets the arguments as operations would send them, defaults filled in; `always` are the fields of
    `record` that no answer lacks.
    """

    asks: tuple[Operation, ...]
    record: Record
    always: tuple[str, ...]
    answer: Answer = field(repr=False)
    rendering: Render = field(repr=False)

    @property
    def output_schema(self) -> dict[str, Any]:
        return {**self.record.schema, "required": list(self.always)}

    @property
    def rights(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(right for operation in self.asks for right in operation.rights))

    @property
    def is_idempotent(self) -> bool:
        return True

    @property
    def is_open_world(self) -> bool:
        return bool(self.asks)

    def carry_out(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The structured answer. Raises ConnectorError."""
        check_arguments(self, arguments)
        given = {one.name: arguments.get(one.name, one.default) for one in self.parameters}
        encoded = {
            one.name: one.encode(given[one.name]) for one in self.parameters if given[one.name] is not None
        }
        return self.answer(inquiry, encoded)

    def render(self, structured: Mapping[str, Any]) -> str:
        return self.rendering(structured)


def composite(
    *,
    name: str,
    title: str,
    description: str,
    parameters: tuple[Parameter, ...],
    asks: tuple[Operation, ...],
    record: Record,
    always: tuple[str, ...],
    answer: Answer,
    render: Render,
) -> Composite:
    """A composite; method and path say what it stands for, as there is no one request to name."""
    paths = ", ".join(dict.fromkeys(operation.path for operation in asks))
    return Composite(
        name=name,
        title=title,
        method="GET",
        path=f"several: {paths}" if asks else "none: answered by Portcullis itself",
        action=Action.READ,
        description=description,
        parameters=parameters,
        domain="composites",
        asks=asks,
        record=record,
        always=always,
        answer=answer,
        rendering=render,
    )
