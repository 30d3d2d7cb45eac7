"""From an operation and its arguments to the one HTTP request they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from catalog.connectors.base import CallContext, Certainty, ConnectorError
from catalog.connectors.opsgenie.operation import Actor, Operation
from catalog.connectors.opsgenie.paging import Window
from catalog.connectors.opsgenie.parameters import Parameter, Place, put

# Opsgenie cuts or refuses longer ones (alert API, fields `user` and `source`).
_ACTOR_LENGTH = 100


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request without its origin: `path` is percent-encoded, `json` None means no body."""

    method: str
    path: str
    query: Mapping[str, str]
    json: Mapping[str, Any] | None = field(repr=False)
    window: Window


def prepare(operation: Operation, arguments: Mapping[str, Any], context: CallContext) -> PreparedRequest:
    """The request for arguments that satisfy the operation's input schema.

    Raises ConnectorError (NOT_SENT) where a value can't be a path segment.
    """
    segments: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, Any] = {}
    local: dict[str, Any] = {}
    for parameter in operation.parameters:
        value = _value(parameter, arguments, context)
        if value is None:
            continue
        match operation.place_of(parameter):
            case Place.PATH:
                segments[parameter.wire_name] = _segment(parameter, parameter.encode(value))
            case Place.QUERY:
                _put_in_query(query, parameter.wire_name, parameter.encode(value))
            case Place.BODY:
                put(body, parameter.wire_name, parameter.encode(value))
            case Place.LOCAL:
                local[parameter.name] = parameter.encode(value)
        if parameter.kind_of is not None:
            query[parameter.kind_wire] = parameter.kind_of(value)
    _sign(operation, context, query if _acts_in_query(operation) else body)
    return PreparedRequest(
        method=operation.method,
        path=operation.path.format_map(segments),
        query=query,
        json=body if _has_body(operation) else None,
        window=_window(operation, arguments),
    )


def _value(parameter: Parameter, arguments: Mapping[str, Any], context: CallContext) -> Any:
    value = arguments.get(parameter.name)
    if value is None and parameter.from_call:
        return parameter.from_call.format(call_id=context.call_id)
    return parameter.default if value is None else value


def _segment(parameter: Parameter, value: Any) -> str:
    # HTTP clients resolve dot segments, even percent-encoded ones, to another path.
    text = str(value)
    if text in ("", ".", ".."):
        raise ConnectorError(
            f"{parameter.name} is empty or made of dots.",
            code="arguments_invalid",
            certainty=Certainty.NOT_SENT,
            remedy=f"Give {parameter.name} a value that names something in Opsgenie.",
        )
    return quote(text, safe="", errors="replace")


def _put_in_query(query: dict[str, str], name: str, value: Any) -> None:
    """Opsgenie's query values: lists are joined by commas, booleans lower case."""
    if isinstance(value, bool):
        query[name] = "true" if value else "false"
    elif isinstance(value, list):
        if value:
            query[name] = ",".join(_encodable(one) for one in value)
    elif value is not None:
        query[name] = _encodable(value)


def _encodable(value: Any) -> str:
    """JSON may hold half a surrogate pair, a URL can't."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _has_body(operation: Operation) -> bool:
    if operation.method in ("GET", "DELETE"):
        return False
    declared = any(operation.place_of(parameter) is Place.BODY for parameter in operation.parameters)
    return declared or operation.actor is not Actor.NONE


def _acts_in_query(operation: Operation) -> bool:
    return operation.method in ("GET", "DELETE")


def _sign(operation: Operation, context: CallContext, target: dict[str, Any]) -> None:
    """Say who acted: the key is shared, so Opsgenie's own log would name only the integration."""
    names = {"user": context.person, "source": f"Portcullis call {context.call_id}"}
    for name in operation.actor.value:
        target[name] = _encodable(names[name])[:_ACTOR_LENGTH]


def _window(operation: Operation, arguments: Mapping[str, Any]) -> Window:
    wanted = {
        parameter.name: arguments.get(parameter.name, parameter.default)
        for parameter in operation.parameters
        if parameter.name in ("offset", "limit")
    }
    limit, offset = wanted.get("limit"), wanted.get("offset")
    return Window(
        offset=int(offset) if isinstance(offset, float) else offset,
        limit=int(limit) if limit is not None else None,
    )
