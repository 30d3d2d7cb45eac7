"""What an alert may hold, and how too much is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import Caller

SUMMARY = "Request body is not processable. Please check the errors."


@pytest.mark.parametrize(
    ("field", "allowed", "refused"),
    [
        ("message", "m" * 130, "m" * 131),
        ("alias", "a" * 512, "a" * 513),
        ("description", "d" * 15_000, "d" * 15_001),
        ("entity", "e" * 512, "e" * 513),
        ("source", "s" * 100, "s" * 101),
        ("user", "u" * 100, "u" * 101),
        ("note", "n" * 25_000, "n" * 25_001),
        ("tags", [str(number) for number in range(20)], [str(number) for number in range(21)]),
        ("tags", ["t" * 50], ["t" * 51]),
        ("actions", [str(number) for number in range(10)], [str(number) for number in range(11)]),
        ("actions", ["a" * 50], ["a" * 51]),
        ("details", {"k": "v" * 7999}, {"k": "v" * 8000}),
        ("responders", [{"type": "user", "id": "x"}] * 50, [{"type": "user", "id": "x"}] * 51),
    ],
)
def test_limits(api: Caller, field: str, allowed: Any, refused: Any) -> None:
    api.do("POST", "/v2/alerts", {"message": "x", field: allowed})
    status, answer = api.refused("POST", "/v2/alerts", {"message": "x", field: refused})
    assert (status, answer["message"], list(answer["errors"])) == (422, SUMMARY, [field])


def test_a_priority_that_does_not_exist(api: Caller) -> None:
    status, answer = api.refused("POST", "/v2/alerts", {"message": "x", "priority": "P9"})
    assert status == 422
    assert answer["errors"] == {"priority": "should be one of [ P1, P2, P3, P4, P5 ]"}


def test_an_invalid_responder_type(api: Caller) -> None:
    _, answer = api.refused("POST", "/v2/alerts", {"message": "x", "responders": [{"type": "bb", "id": "x"}]})
    assert answer["errors"] == {"responders#type": "Invalid recipient type 'bb'"}


@pytest.mark.parametrize("body", [{}, {"message": None}, {"message": "  "}, {"message": ["x"]}])
def test_the_message_is_mandatory(api: Caller, body: Any) -> None:
    assert list(api.refused("POST", "/v2/alerts", body)[1]["errors"]) == ["message"]


def test_every_complaint_is_told_at_once(api: Caller) -> None:
    _, answer = api.refused("POST", "/v2/alerts", {"priority": "high", "tags": 3})
    assert set(answer["errors"]) == {"message", "priority", "tags"}


def test_long_messages_may_be_cut_instead(build: Callable[..., Caller]) -> None:
    api = build(truncate_long_messages=True)
    fate = api.processed("POST", "/v2/alerts", {"message": "m" * 500})
    assert len(api.get(f"/v2/alerts/{fate['alertId']}")["message"]) == 130


def test_removing_takes_ten_keys_at_most(api: Caller) -> None:
    keys = ",".join(str(number) for number in range(11))
    assert api.refused("DELETE", "/v2/alerts/x/details", keys=keys)[0] == 422
    assert api.refused("DELETE", "/v2/alerts/x/details")[0] == 422


def test_tags_and_details_are_limited_in_total(api: Caller) -> None:
    api.processed("POST", "/v2/alerts", {"message": "x", "alias": "a", "tags": [str(n) for n in range(20)]})
    fate = api.processed("POST", "/v2/alerts/a/tags", {"tags": ["more"]}, identifierType="alias")
    assert fate["isSuccess"] is False
