"""From an operation and its arguments to the one HTTP request they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from catalog.connectors.base import CallContext
from catalog.connectors.opsgenie import errors
from catalog.connectors.opsgenie.operation import Actor, Operation
from catalog.connectors.opsgenie.paging import Window
from catalog.connectors.opsgenie.parameters import Parameter, Place, put
from catalog.connectors.opsgenie.tool import Tool
from catalog.outbound import FilePart

# Opsgenie cuts or refuses longer ones (alert API, fields `user` and `source`).
_ACTOR_LENGTH = 100


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request without its origin: `path` is percent-encoded, the body `json` or `form`, if any."""

    method: str
    path: str
    query: Mapping[str, str]
    json: Mapping[str, Any] | None = field(repr=False)
    window: Window
    form: Mapping[str, str | FilePart] | None = field(default=None, repr=False)


def prepare(operation: Operation, arguments: Mapping[str, Any], context: CallContext) -> PreparedRequest:
    """The one request for these arguments.

    Raises ConnectorError (NOT_SENT) when they don't satisfy the input schema of today. Whoever admitted the
    call may have checked them against an older one, if an older definition is what was approved.
    """
    check_arguments(operation, arguments)
    segments: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, Any] = {}
    window: dict[str, Any] = {}
    for parameter in operation.parameters:
        value = _value(parameter, arguments, context)
        if value is None:
            continue
        encoded = parameter.encode(value)
        match operation.place_of(parameter):
            case Place.PATH:
                segments[parameter.wire_name] = _segment(parameter, encoded)
            case Place.QUERY:
                _put_in_query(query, parameter.wire_name, encoded)
            case Place.BODY:
                put(body, parameter.wire_name, encoded)
        if parameter.name in ("offset", "limit"):
            window[parameter.name] = encoded
        if parameter.kind_of is not None:
            query[parameter.kind_wire] = parameter.kind_of(value)
    _sign(operation, context, query if operation.sends_no_body else body)
    return PreparedRequest(
        method=operation.method,
        path=operation.path.format_map(segments),
        query=query,
        json=body if _has_body(operation) and not operation.is_form else None,
        window=Window(**window),
        form=_as_form(body) if operation.is_form else None,
    )


def check_arguments(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Raise ConnectorError (NOT_SENT) for arguments that don't satisfy the tool's input schema."""
    try:
        wrong = next(iter(tool.validator.iter_errors(arguments)), None)
    except ValueError:  # half a surrogate pair, which JSON may hold and UTF-8 may not
        raise errors.invalid_arguments("They hold text that isn't valid Unicode.") from None
    if wrong is not None:
        place = ".".join(str(step) for step in wrong.instance_path)
        raise errors.invalid_arguments(f"{place}: {wrong.message}" if place else wrong.message)


def _value(parameter: Parameter, arguments: Mapping[str, Any], context: CallContext) -> Any:
    value = arguments.get(parameter.name)
    if value is None and parameter.from_call:
        return parameter.from_call.format(call_id=context.call_id)
    return parameter.default if value is None else value


def _segment(parameter: Parameter, value: Any) -> str:
    # HTTP clients resolve dot segments, even percent-encoded ones, to another path.
    text = str(value)
    if text in ("", ".", ".."):
        raise errors.invalid_arguments(f"{parameter.name} is empty or made of dots.")
    return quote(text, safe="")


def _put_in_query(query: dict[str, str], name: str, value: Any) -> None:
    """Opsgenie's query values: lists are joined by commas, booleans lower case."""
    if isinstance(value, bool):
        query[name] = "true" if value else "false"
    elif isinstance(value, list):
        if value:
            query[name] = ",".join(str(one) for one in value)
    elif value is not None:
        query[name] = str(value)


def _has_body(operation: Operation) -> bool:
    if operation.sends_no_body:
        return False
    declared = any(operation.place_of(parameter) is Place.BODY for parameter in operation.parameters)
    return declared or operation.actor is not Actor.NONE


def _as_form(body: Mapping[str, Any]) -> dict[str, str | FilePart]:
    """The body as a form: texts stay, what holds a name and a content is a file."""
    return {name: FilePart(**value) if isinstance(value, dict) else value for name, value in body.items()}


def _sign(operation: Operation, context: CallContext, target: dict[str, Any]) -> None:
    """Say who acted: the key is shared, so Opsgenie's own log would name only the integration.

    A server may be set not to name people; then only the call is named.
    """
    names = {"user": context.person, "source": f"Portcullis call {context.call_id}"}
    for name in operation.actor.value:
        if names[name]:
            target[name] = names[name][:_ACTOR_LENGTH]
