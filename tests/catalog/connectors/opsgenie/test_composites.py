"""What all composites have in common: honest definitions, and answers that fit whatever Opsgenie sends."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.connectors.base import Action, CallContext, ConnectorError, Target
from catalog.connectors.opsgenie.composite import Composite
from catalog.connectors.opsgenie.composites import COMPOSITES
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.outbound import Deadline
from tools.definitions import as_stored, digest_of

from .strategies import answers
from .upstream import Reply, Upstream

EVERY = pytest.mark.parametrize("composite", COMPOSITES.values(), ids=COMPOSITES)


@EVERY
def test_a_composite_reads_only_and_says_what_it_stands_for(composite: Composite) -> None:
    assert (composite.action, composite.method) == (Action.READ, "GET")
    assert (composite.domain, composite.core) == ("composites", True)
    assert all(operation.action is Action.READ for operation in composite.asks)
    if composite.asks:
        listed = composite.path.removeprefix("several: ").split(", ")
        assert listed == list(dict.fromkeys(operation.path for operation in composite.asks))
    else:
        assert composite.path == "none: answered by Portcullis itself"


@pytest.mark.parametrize(
    ("tool", "rights"),
    [
        ("who_is_on_call", ("Read", "Configuration Access")),
        ("get_alert_context", ("Read",)),
        ("wait_for_request", ("Read",)),
        ("list_capabilities", ()),
    ],
)
def test_the_rights_are_those_of_what_it_asks(tool: str, rights: tuple[str, ...]) -> None:
    connector = OpsgenieConnector()
    assert all(connector.rights_for(tool, slot.key) == rights for slot in connector.slots)


def test_definitions_are_reviewed_like_any_other() -> None:
    stored = [as_stored(composite.definition, instructions="") for composite in COMPOSITES.values()]
    assert len({digest_of(one) for one in stored}) == len(stored)
    again = [as_stored(tool, instructions="") for tool in _discovered() if tool.domain == "composites"]
    assert sorted(map(digest_of, again)) == sorted(map(digest_of, stored))


def _discovered() -> Any:
    return OpsgenieConnector().discover(target=Target("http://127.0.0.1:1", {}))


ID = "70413a06-38d6-4c85-92b8-5ebc900d42e2"
AT = "2026-03-04T12:00:00Z"
# With the first answer where one that fits is needed to get any further.
QUESTIONS: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("who_is_on_call", {"schedule": "nights", "at": AT}, []),
    ("who_is_on_call", {"team": ID, "at": AT}, [{"data": [{"id": "s", "ownerTeam": {"id": ID}}]}]),
    ("who_is_on_call", {"user": "ana@example.com"}, [{"data": {"username": "ana@example.com"}}]),
    ("get_alert_context", {"identifier": "1"}, [{"data": {"id": "a-1"}}]),
]


@pytest.mark.parametrize(("tool", "arguments", "first"), QUESTIONS, ids=lambda value: str(value)[:30])
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_answers_fit_or_are_refused(
    upstream: Upstream, tool: str, arguments: dict[str, Any], first: list[Any], data: st.DataObject
) -> None:
    composite = COMPOSITES[tool]
    drawn = st.one_of([answers(operation.result) for operation in composite.asks])
    envelopes = [*first, *(json.loads(json.dumps(data.draw(drawn))) for _ in range(3))]
    upstream.answer(*(Reply(200, envelope) for envelope in envelopes))
    context = CallContext("c-1", "ana@example.com", Deadline(10))
    target = Target(upstream.url, {"Authorization": "GenieKey x"}, "integration")
    try:
        result = OpsgenieConnector().call(target=target, tool_name=tool, arguments=arguments, context=context)
    except ConnectorError:
        pass
    else:
        assert jsonschema_rs.validator_for(composite.output_schema).is_valid(result.structured)
        assert result.text.strip()
    paths = [re.sub(r"\{\w+\}", "[^/]+", operation.path) for operation in composite.asks]
    for asked in upstream.asked:
        assert asked.method == "GET"
        assert any(re.fullmatch(path, asked.path) for path in paths), asked.path


SEEDED = {
    # An on-call answer in which everybody stands behind everybody else.
    "circle": [{"type": "team", "name": "a", "onCallParticipants": [{"type": "team", "name": "a"}]}],
    "nobody": [],
    "nonsense": ["", 1, None, {"type": None}],
}


@pytest.mark.parametrize("name", SEEDED)
def test_odd_participants(upstream: Upstream, name: str) -> None:
    parent = {"id": ID, "name": "nights\n- forged", "enabled": True}
    upstream.answer(
        Reply(200, {"data": {"_parent": parent, "onCallParticipants": SEEDED[name]}}),
        Reply(200, {"data": {"finalTimeline": {"rotations": [{"periods": [{"startDate": "never"}]}]}}}),
        Reply(200, {"data": []}),
    )
    result = OpsgenieConnector().call(
        target=Target(upstream.url, {"Authorization": "GenieKey x"}, "integration"),
        tool_name="who_is_on_call",
        arguments={"schedule": "nights"},
        context=CallContext("c-1", "ana@example.com", Deadline(10)),
    )
    assert jsonschema_rs.validator_for(COMPOSITES["who_is_on_call"].output_schema).is_valid(result.structured)
    assert "\n- forged" not in result.text
