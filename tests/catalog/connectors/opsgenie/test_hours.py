"""Active hours, both ways."""

from __future__ import annotations

import pytest

from catalog.connectors.opsgenie.hours import DAYS, decode_hours, encode_hours


def test_one_daily_span_is_a_time_of_day() -> None:
    assert encode_hours(["09:00-17:30"]) == {
        "type": "time-of-day",
        "restriction": {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 30},
    }


def test_spans_with_days_go_by_weekday() -> None:
    assert encode_hours(["monday 09:00-friday 17:00"]) == {
        "type": "weekday-and-time-of-day",
        "restrictions": [
            {
                "startDay": "monday",
                "endDay": "friday",
                "startHour": 9,
                "startMin": 0,
                "endHour": 17,
                "endMin": 0,
            }
        ],
    }


def test_a_single_day_counts_for_both_ends() -> None:
    encoded = encode_hours(["monday 09:00-17:00"])
    assert encoded is not None
    assert encoded["restrictions"][0]["endDay"] == "monday"


def test_daily_spans_beside_others_become_seven() -> None:
    encoded = encode_hours(["22:00-06:00", "saturday 10:00-saturday 12:00"])
    assert encoded is not None
    assert len(encoded["restrictions"]) == 8
    assert [one["endDay"] for one in encoded["restrictions"][:7]] == [*DAYS[1:], DAYS[0]]


@pytest.mark.parametrize(
    "lines", [["09:00-17:30"], ["monday 09:00-friday 17:00", "sunday 10:00-sunday 12:30"]]
)
def test_what_was_written_is_read_again(lines: list[str]) -> None:
    assert decode_hours(encode_hours(lines)) == lines


def test_nothing_sends_nothing() -> None:
    assert encode_hours([]) is None


@pytest.mark.parametrize(
    "odd", [None, [], "x", {"restriction": None}, {"restrictions": [1]}, {"restriction": {"startHour": "9"}}]
)
def test_odd_answers_are_left_out(odd: object) -> None:
    assert decode_hours(odd) == []
