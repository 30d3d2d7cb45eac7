"""One request to Opsgenie and its answer, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from catalog.connectors.base import Target, UpstreamTrace
from catalog.connectors.opsgenie import errors
from catalog.connectors.opsgenie.redaction import clean_line, without_credential
from catalog.connectors.opsgenie.request import PreparedRequest
from catalog.outbound import Deadline, OutboundError, OutboundResponse, send

# The header in which Opsgenie names the type of an error, and the type that means "ask again later".
_ERROR_TYPE_HEADER = "X-Opsgenie-Errortype"
_NOT_PROCESSED = "RequestNotProcessed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is the parsed JSON, None where it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any
    content: bytes = field(repr=False)
    trace: UpstreamTrace

    @property
    def text(self) -> str:
        """The body as text, for the few answers that are no JSON."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    @property
    def is_not_processed_yet(self) -> bool:
        """Opsgenie knows the request and hasn't got to it: a 404, told from a real one by its error type."""
        return self.status == 404 and self.headers.get(_ERROR_TYPE_HEADER, "") == _NOT_PROCESSED


def exchange(target: Target, request: PreparedRequest, *, deadline: Deadline) -> Answer:
    """Send the request once. Raises ConnectorError when no whole answer comes back."""
    if any(not value.isascii() or not value.isprintable() for value in target.headers.values()):
        raise errors.unusable_key(target.slot)
    try:
        response = send(
            request.method,
            target.base_url.rstrip("/") + request.path,
            headers=target.headers,
            query=request.query or None,
            json=request.json,
            form=request.form,
            deadline=deadline,
        )
    except OutboundError as error:
        raise errors.unanswered(error) from error
    return _read(response, target)


def _read(response: OutboundResponse, target: Target) -> Answer:
    content = without_credential(response.body, target.headers)
    try:
        body = orjson.loads(content)
    except ValueError:
        body = None
    return Answer(
        status=response.status,
        headers=response.headers,
        body=body,
        content=content,
        trace=UpstreamTrace(
            status=response.status,
            request_id=_request_id(body, response.headers),
            received_bytes=len(response.body),
        ),
    )


def _request_id(body: Any, headers: Mapping[str, str]) -> str:
    named = body.get("requestId") if isinstance(body, Mapping) else None
    text = named if isinstance(named, str) and named else headers.get("X-Request-Id", "")
    return clean_line(text, limit=100)
