"""What a whole answer becomes: structured content that fits the output schema, and a short text.

A result reads Opsgenie's envelope (`{"data": …, "took": …, "requestId": …}`). It raises
UnreadableAnswerError when the envelope is not what the operation answers with; anything odd further in is
dropped by the shapes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.connectors.opsgenie.paging import Paging, Whole, Window
from catalog.connectors.opsgenie.redaction import clean_text
from catalog.connectors.opsgenie.rendering import facts, headline, item_lines, status_first
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, Each, Record, record, texts
from catalog.connectors.opsgenie.shapes import field as shape_field


class UnreadableAnswerError(Exception):
    """A 2xx answer whose body is not what the operation answers with."""


class Result(ABC):
    """The answer of one kind of operation."""

    @property
    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the structured content, an object at the root."""

    @abstractmethod
    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        """The structured content. Raises UnreadableAnswerError."""

    @abstractmethod
    def render(self, structured: Mapping[str, Any]) -> str:
        """The structured content as short text."""


class TextResult(Result):
    """An answer that is plain text and no JSON; `project_text` takes the place of `project`."""

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        raise UnreadableAnswerError("the answer is JSON where text was expected")

    @abstractmethod
    def project_text(self, text: str) -> dict[str, Any]:
        """The structured content of the text. Raises UnreadableAnswerError."""


@dataclass(frozen=True, slots=True)
class Calendar(TextResult):
    """An iCalendar export, as it came."""

    limit: int = 60_000

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "calendar": {"type": "string"},
                "events": {"type": "integer"},
                "truncated": {"type": "boolean"},
            },
            "required": ["calendar", "events", "truncated"],
            "additionalProperties": False,
        }

    def project_text(self, text: str) -> dict[str, Any]:
        if not text.startswith("BEGIN:VCALENDAR"):
            raise UnreadableAnswerError("the answer is no calendar")
        return {
            "calendar": clean_text(text.replace("\r\n", "\n"), limit=self.limit),
            "events": text.count("BEGIN:VEVENT"),
            "truncated": len(text) > self.limit,
        }

    def render(self, structured: Mapping[str, Any]) -> str:
        cut = ", cut off" if structured["truncated"] else ""
        return f"A calendar with {structured['events']} events{cut}."


class WithheldLink(TextResult):
    """A download link, which is a secret in itself: only that there is one is passed on."""

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"available": {"type": "boolean"}},
            "required": ["available"],
            "additionalProperties": False,
        }

    def project_text(self, text: str) -> dict[str, Any]:
        return {"available": text.strip().strip('"').startswith("https://")}

    def render(self, structured: Mapping[str, Any]) -> str:
        return (
            "It can be downloaded; the link is withheld." if structured["available"] else "There is no link."
        )


@dataclass(frozen=True, slots=True)
class Item(Result):
    """One record: `{"data": {…}}`."""

    record: Record

    @property
    def schema(self) -> dict[str, Any]:
        return self.record.schema

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        fitted = self.record.fit(envelope.get("data"))
        if fitted is None:
            raise UnreadableAnswerError("the answer holds no record")
        return fitted

    def render(self, structured: Mapping[str, Any]) -> str:
        return facts(self.record, structured)


@dataclass(frozen=True, slots=True)
class Items(Result):
    """A list of records: `{"data": […]}`, or `{"data": {"<at>": […]}}` where `at` is given."""

    record: Record
    paging: Paging = field(default_factory=Whole)
    at: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": self.record.schema},
                "has_more": {"type": "boolean"},
                "next_offset": {"type": self.paging.offset_type},
                "total": {"type": "integer"},
            },
            "required": ["items", "has_more"],
            "additionalProperties": False,
        }

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        entries = self._entries(envelope)
        page = self.paging.cut(entries, window)
        following = self.paging.next_offset(entries, envelope, window)
        total = self.paging.total(entries, envelope)
        structured: dict[str, Any] = {
            "items": Each(self.record, most=len(page)).fit(page),
            "has_more": following is not None,
        }
        if following is not None:
            structured["next_offset"] = following
        if total is not None:
            structured["total"] = total
        return structured

    def _entries(self, envelope: Mapping[str, Any]) -> list[Any]:
        data = envelope.get("data")
        if self.at and isinstance(data, Mapping):
            data = data.get(self.at)
        if not isinstance(data, list):
            raise UnreadableAnswerError("the answer holds no list")
        return data

    def render(self, structured: Mapping[str, Any]) -> str:
        items = structured["items"]
        lines = [line for item in items for line in item_lines(self.record, item)] or ["Nothing found."]
        if structured["has_more"]:
            more = f"More, {structured['total']} in all" if "total" in structured else "More"
            lines.append(f"{more}: call again with {self.paging.argument} {structured['next_offset']}.")
        return "\n".join(lines)


CHANGED_RECORD = record(texts("id", "name", "alias"), shape_field("enabled", FLAG), headline="name alias id")


@dataclass(frozen=True, slots=True)
class Changed(Result):
    """A change made at once: `{"result": "Created", "data": {"id": …, "name": …}}`."""

    record: Record = CHANGED_RECORD

    @property
    def schema(self) -> dict[str, Any]:
        properties = {"result": TEXT.schema, **self.record.schema["properties"]}
        return {
            "type": "object",
            "properties": properties,
            "required": ["result"],
            "additionalProperties": False,
        }

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        result, data = TEXT.fit(envelope.get("result")), self.record.fit(envelope.get("data"))
        if result is None and data is None:
            raise UnreadableAnswerError("the answer doesn't say what was done")
        return {**(data or {}), "result": result or "Done"}

    def render(self, structured: Mapping[str, Any]) -> str:
        subject = {name: value for name, value in structured.items() if name != "result"}
        about = headline(self.record, subject) if subject else ""
        return f"{structured['result']}{': ' if about else ''}{about}"


REQUEST_RECORD = record(
    shape_field("accepted", FLAG),
    shape_field("processed", FLAG),
    shape_field("success", FLAG),
    texts("status", "request_id"),
    headline="status",
)


@dataclass(frozen=True, slots=True)
class Requested(Result):
    """A change Opsgenie does later: 202 and a request id, whose outcome is then asked for.

    `status_path` is where (empty where Opsgenie keeps no status), `status_tool` the tool that asks the same,
    `subjects` the fields of the outcome that name what was changed.
    """

    status_path: str
    status_tool: str
    subjects: tuple[str, ...]

    @property
    def record(self) -> Record:
        """The request with the subjects' names."""
        return REQUEST_RECORD.but(also=texts(*self.subjects))

    @property
    def schema(self) -> dict[str, Any]:
        return {**self.record.schema, "required": ["accepted", "processed", "status"]}

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        request_id = TEXT.fit(envelope.get("requestId"))
        if request_id is None:
            raise UnreadableAnswerError("the answer names no request")
        status = TEXT.fit(envelope.get("result")) or "Request accepted"
        return {"accepted": True, "processed": False, "status": status, "request_id": request_id}

    def render(self, structured: Mapping[str, Any]) -> str:
        return status_first(self.record, structured)


OUTCOME_RECORD = record(
    shape_field("success", FLAG, "success", "isSuccess"),
    texts("status", "action", "processed_at"),
    headline="status action",
)


@dataclass(frozen=True, slots=True)
class RequestOutcome(Result):
    """The outcome of an earlier request, as its own tool gives it. `processed` false means: not yet."""

    subjects: tuple[str, ...]

    @property
    def record(self) -> Record:
        """Opsgenie's outcome with the subjects' ids."""
        return OUTCOME_RECORD.but(also=texts(*self.subjects))

    @property
    def schema(self) -> dict[str, Any]:
        properties = {"processed": FLAG.schema, **self.record.schema["properties"]}
        return {
            "type": "object",
            "properties": properties,
            "required": ["processed"],
            "additionalProperties": False,
        }

    def project(self, envelope: Mapping[str, Any], window: Window) -> dict[str, Any]:
        outcome = self.record.fit(envelope.get("data"))
        if outcome is None:
            raise UnreadableAnswerError("the answer holds no request status")
        return {"processed": True, **outcome}

    def not_yet(self) -> dict[str, Any]:
        """What Opsgenie's 404 RequestNotProcessed means."""
        return {"processed": False, "status": "Accepted, not processed yet. Ask again in a few seconds."}

    def render(self, structured: Mapping[str, Any]) -> str:
        return status_first(self.record, structured)


CHANGED = Changed()
