"""Successful answers and the envelopes around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A JSON answer. `took` and `requestId` are added when it is sent."""

    document: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TextAnswer:
    """An answer that isn't JSON, such as a calendar export."""

    text: str
    content_type: str


def found(data: Any, **beside: Any) -> Answer:
    """What a read gives: the data, and perhaps paging or expandable fields beside it."""
    return Answer({"data": data, **beside})


def created(data: Any, result: str = "Created") -> Answer:
    """A synchronous creation."""
    return Answer({"result": result, "data": data}, status=201)


def changed(result: str, data: Any = None) -> Answer:
    """A synchronous change: Updated, Deleted, Enabled, Added and so on."""
    document: dict[str, Any] = {"result": result}
    if data is not None:
        document["data"] = data
    return Answer(document)


def accepted(result: str = "Request will be processed") -> Answer:
    """The request will be processed later; its fate is told by the request status."""
    return Answer({"result": result}, status=202)
