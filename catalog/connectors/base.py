"""The contract between Portcullis and one kind of upstream.

A connector knows how to name its tools, call one and find its way around the upstream's habits. It knows
nothing of people, policy or audit: by the time `call` runs, the call has been admitted and recorded.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.outbound import Deadline


class Action(enum.StrEnum):
    """What a tool does to the upstream. Ordered: a reviewer may only move a tool to the right."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """One tool as a model reads it, and the request it stands for.

    `input_schema` and `output_schema` are JSON Schema 2020-12 with an object at the root.
    `annotations` are MCP's ToolAnnotations in wire names (`readOnlyHint`, …). Without `declares_action` the
    upstream doesn't say what the tool does: discovery takes the settings' default for `action`.
    """

    name: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    annotations: Mapping[str, Any]
    action: Action
    domain: str
    method: str
    path: str
    declares_action: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """A named upstream origin. `base_url` is None where the operator types the URL."""

    key: str
    label: str
    base_url: str | None


@dataclass(frozen=True, slots=True)
class AuthenticationMethod:
    """How a credential travels: `<header_name>: <value_prefix><secret>`."""

    key: str
    label: str
    header_name: str
    value_prefix: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one credential on a server, where the upstream has more than one kind of key."""

    key: str
    label: str
    help_text: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A group of further tools that a server offers only when it is switched on there."""

    key: str
    label: str
    tool_count: int


class Held(enum.StrEnum):
    """What is known of a key and one right."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Probe:
    """What test requests found out about a credential.

    `rights` says of each right of the upstream, in its own words, whether the key has it. `problem` is a
    sentence when the key could not be tested or is not accepted at all, else empty.
    """

    rights: Mapping[str, Held]
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The probe as it is stored."""
        rights = {right: held.value for right, held in self.rights.items()}
        return {"rights": rights, "problem": self.problem}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Probe:
        """A stored probe."""
        return cls({right: Held(held) for right, held in content["rights"].items()}, content["problem"])


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send a call and how to prove who we are. Never printed: the headers hold the secret."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    slot: str = ""


@dataclass(frozen=True, slots=True)
class CallContext:
    """What the connector may know of the call it carries out.

    `person` is empty where the server is set not to name people to its upstream.
    """

    call_id: str
    person: str
    deadline: Deadline
    # Why each tool of the server may or may not be called by this person, by upstream name: None for yes,
    # else a sentence. Asked for only by tools that tell people what they can do.
    access: Callable[[], Mapping[str, str | None]] = dict
    # What the last probe of the credential found; None when it was never tested.
    probe: Probe | None = None


@dataclass(frozen=True, slots=True)
class UpstreamTrace:
    """What the upstream said about itself, for the audit row.

    `status` is its last HTTP status (None if it never answered), `request_id` its own name for the request,
    `received_bytes` the size of its last body.
    """

    status: int | None = None
    request_id: str = ""
    received_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A call that worked: `structured` fits the definition's output schema, `text` says it in short."""

    structured: dict[str, Any]
    text: str
    trace: UpstreamTrace


class Certainty(enum.StrEnum):
    """What is known about the upstream's state after a failure; it decides the outcome and the retry."""

    NOT_SENT = "not_sent"  # no byte of the request left: safe to send again
    REFUSED = "refused"  # the upstream answered that it did nothing
    UNCERTAIN = "uncertain"  # sent, and no trustworthy answer: a write may have been applied


class ConnectorError(Exception):
    """A call that did not work, in one plain sentence for the person and the model.

    `code` is a short stable word for filters (`upstream_unauthorized`), `remedy` says what to do about it,
    `retry_after` is in seconds, where the upstream asked for a pause.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        certainty: Certainty,
        remedy: str = "",
        retry_after: float | None = None,
        trace: UpstreamTrace | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.certainty = certainty
        self.remedy = remedy
        self.retry_after = retry_after
        self.trace = trace or UpstreamTrace()


class Connector(ABC):
    """One kind of upstream. Instances hold no state: one object serves every server and thread."""

    key: str
    label: str
    description: str
    default_prefix: str
    instructions: str
    regions: tuple[Region, ...]
    authentication_methods: tuple[AuthenticationMethod, ...]
    slots: tuple[Slot, ...]
    optional_domains: tuple[Domain, ...] = ()

    @abstractmethod
    def discover(
        self, *, target: Target, domains: frozenset[str] = frozenset()
    ) -> tuple[ToolDefinition, ...]:
        """Every tool this upstream offers, with those of the optional `domains` that are switched on.

        Raises ConnectorError when it can't be told.
        """

    @abstractmethod
    def probe(self, *, target: Target, deadline: Deadline) -> Probe:
        """Find out, by requests that change nothing, what a credential may do. Never raises for a bad key."""

    @abstractmethod
    def rights_for(self, tool_name: str, slot: str) -> tuple[str, ...] | None:
        """The rights a key in this slot needs for a tool; None when no key in this slot can carry it."""

    @abstractmethod
    def slots_for(self, tool_name: str) -> tuple[str, ...]:
        """The slots whose credential may carry this tool, best first."""

    @abstractmethod
    def call(
        self, *, target: Target, tool_name: str, arguments: Mapping[str, Any], context: CallContext
    ) -> ToolResult:
        """Carry out one admitted call, once. Raises ConnectorError; never retries."""

    def region(self, key: str) -> Region:
        """The region with this key. Raises LookupError for a key the connector doesn't have."""
        for region in self.regions:
            if region.key == key:
                return region
        raise LookupError(f"{self.label} has no region {key!r}.")

    def authentication_method(self, key: str) -> AuthenticationMethod:
        """The authentication method with this key. Raises LookupError for an unknown one."""
        for method in self.authentication_methods:
            if method.key == key:
                return method
        raise LookupError(f"{self.label} has no authentication method {key!r}.")
