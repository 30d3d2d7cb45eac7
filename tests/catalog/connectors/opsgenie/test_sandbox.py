"""Every tool against the sandbox, over HTTP: a day at work, from a new team to its end, and all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test import override_settings

from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.tools import TOOLS

from . import contract, stories
from .desk import ConnectorDesk, Exchange, running_sandbox
from .openapi import described
from .test_openapi import NOT_COVERED

# Described, but as plain text.
NOT_JSON = {"export_schedule", "export_user_on_calls"}


@dataclass
class Told:
    """What the stories used, those of the core and those beyond, and what went back and forth."""

    core: set[str]
    beyond: set[str]
    traffic: list[Exchange]


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    traffic: list[Exchange] = []
    with override_settings(PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS=True), running_sandbox(traffic=traffic) as url:
        core, beyond = ConnectorDesk(url), ConnectorDesk(url)
        for desk, chapters in ((core, stories.CORE), (beyond, stories.BEYOND_CORE)):
            for story in chapters:
                story(desk)
        yield Told(core.used, beyond.used, traffic)


def test_every_core_tool(told: Told) -> None:
    assert told.core == {tool.name for tool in TOOLS.values() if tool.core}


def test_every_other_tool(told: Told) -> None:
    assert {tool.name for tool in TOOLS.values() if not tool.core} - told.beyond == set()


def test_every_request_was_one_of_the_operations(told: Told) -> None:
    assert all(contract.tool_of(each.method, each.path) for each in told.traffic)


def test_the_sandbox_answers_as_described(told: Told) -> None:
    """Skipped, with the reason, where the description is missing."""
    described("GET", "/v2/alerts")
    contract.require_kept(told.traffic)
    assert set(contract.KNOWN_DEVIATIONS) == set(contract.deviations(told.traffic))


def test_every_described_operation_gave_an_answer_to_compare(told: Told) -> None:
    compared = {
        tool.name
        for each in told.traffic
        if each.status < 300
        and (tool := contract.tool_of(each.method, each.path))
        and described(tool.method, tool.path)
    }
    assert set(OPERATIONS) - compared == NOT_COVERED | NOT_JSON


def test_the_comparison_finds_what_is_wrong(told: Told) -> None:
    described("GET", "/v2/alerts")
    listed = next(each for each in told.traffic if each.path == "/v2/alerts" and each.method == "GET")
    first = listed.answer["data"][0]

    def found(*, status: int = 200, envelope: Any = None, **changes: Any) -> set[tuple[str, str]]:
        changed = {name: value for name, value in {**first, **changes}.items() if value is not ...}
        answer = {**listed.answer, "data": [changed]} if envelope is None else envelope
        exchange = replace(listed, status=status, answer=answer)
        return {(each.at, each.how) for each in contract.deviations([exchange])}

    assert found(unheard_of={"a": 1}) == set()
    assert found(id=...) == {("data.*", "required")}
    assert found(count="3") == {("data.*.count", "type")}
    assert found(owner=None) == {("data.*.owner", "type")}
    assert found(responders=[{"type": "team"}]) == {("data.*.responders.*", "required")}
    # What a team has is told by its type, in a definition of its own.
    assert found(responders=[{"type": "team", "id": "t", "name": 1}]) == {
        ("data.*.responders.*.name", "type")
    }
    assert found(envelope={"data": []}) == {("", "required")}
    assert found(status=202) == {("", "status 202")}
    assert found(status=418) == set()
    assert found(status=418, envelope={"took": 1, "requestId": 5}) == {("requestId", "type")}
