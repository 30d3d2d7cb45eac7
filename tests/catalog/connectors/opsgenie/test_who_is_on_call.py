"""who_is_on_call against a sandbox: the right people, until the right time, in few requests."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.connectors.base import Certainty

from .office import Office

# A Wednesday. The week's turn began on Monday at nine.
NOW = "2026-03-04T12:00:00Z"
MONDAY = "2026-03-02T09:00:00Z"
ANA, BEN, CLEO = "ana@example.com", "ben@example.com", "cleo@example.com"


def weekly(*people: str, **more: Any) -> dict[str, Any]:
    participants = [person if ":" in person else f"user:{person}" for person in people]
    return {"name": "weekly", "type": "weekly", "start_date": MONDAY, "participants": participants, **more}


@pytest.fixture
def night(office: Office) -> Office:
    """The team night, whose schedule has Ana this week, Ben next week and so on."""
    for address in (ANA, BEN, CLEO):
        name = address.partition("@")[0].title()
        office.do("create_user", username=address, full_name=f"{name} Example", role="User")
    # It brings a schedule of its own, in which nobody is on call.
    office.do("create_team", name="night")
    office.do(
        "create_schedule", name="nights", timezone="UTC", owner_team="night", rotations=[weekly(ANA, BEN)]
    )
    return office


def people(result: Any, schedule: str = "nights") -> list[dict[str, Any]]:
    return next(each for each in result.structured["schedules"] if each["schedule"] == schedule)["on_call"]


def test_in_a_schedule(night: Office) -> None:
    result = night.question("who_is_on_call", schedule="nights", at=NOW)
    schedule_id = result.structured["schedules"][0]["schedule_id"]
    assert result.structured == {
        "asked": "schedule nights",
        "at": NOW,
        "schedules": [
            {
                "schedule": "nights",
                "schedule_id": schedule_id,
                "enabled": True,
                "on_call": [
                    {
                        "who": f"user:{ANA}",
                        "full_name": "Ana Example",
                        "rotation": "weekly",
                        "until": "2026-03-09T09:00:00Z",
                    }
                ],
            }
        ],
    }
    assert night.asked == [
        "/v2/schedules/nights/on-calls",
        f"/v2/schedules/{schedule_id}/timeline",
        "/v2/users",
    ]
    assert result.text == (
        f"On call at {NOW}, schedule nights:\n"
        f"- nights: Ana Example ({ANA}), rotation weekly, until 2026-03-09T09:00:00Z"
    )
    assert result.trace.status == 200


def test_an_id_is_told_from_a_name_unless_it_is_said(night: Office) -> None:
    schedule = night.question("who_is_on_call", schedule="nights", at=NOW).structured["schedules"][0]
    by_id = night.question("who_is_on_call", schedule=schedule["schedule_id"], at=NOW)
    assert by_id.structured["schedules"] == [schedule]
    error = night.failure("who_is_on_call", schedule=schedule["schedule_id"], identifier_type="name", at=NOW)
    assert error.code == "upstream_not_found"


def test_in_a_team(night: Office) -> None:
    by_name = night.question("who_is_on_call", team="night", at=NOW)
    assert len(night.asked) == 4
    assert night.asked[:2] == ["/v2/schedules", "/v2/schedules/on-calls"]
    assert night.asked[3] == "/v2/users"
    assert people(by_name)[0]["full_name"] == "Ana Example"
    assert people(by_name, "night_schedule") == []
    assert "- night_schedule: nobody" in by_name.text
    team_id = night.do("get_team", identifier="night")["id"]
    assert night.question("who_is_on_call", team=team_id, at=NOW).structured == by_name.structured


def test_a_team_without_schedules_and_no_team_at_all(night: Office) -> None:
    night.do("create_team", name="day")
    night.do(
        "update_escalation", identifier="day_escalation", rules=[{"after_minutes": 0, "notify": "team:day"}]
    )
    rule = night.do("list_team_routing_rules", identifier="day")["items"][0]
    night.do(
        "update_team_routing_rule", identifier="day", rule_id=rule["id"], notify="escalation:day_escalation"
    )
    night.do("delete_schedule", identifier="day_schedule")
    result = night.question("who_is_on_call", team="day", at=NOW)
    assert result.structured["schedules"] == []
    assert result.text == f"On call at {NOW}, team day:\nThere is no schedule."
    assert night.asked == ["/v2/schedules", "/v2/teams/day"]
    error = night.failure("who_is_on_call", team="dusk", at=NOW)
    assert (error.code, error.certainty) == ("upstream_not_found", Certainty.REFUSED)


def test_of_a_user(night: Office) -> None:
    ana = night.question("who_is_on_call", user=ANA, at=NOW)
    assert len(night.asked) == 4
    assert night.asked[:3] == [
        f"/v2/users/{ANA.replace('@', '%40')}",
        "/v2/schedules/on-calls",
        f"/v2/users/{ANA.replace('@', '%40')}/schedules",
    ]
    assert ana.structured["asked"] == f"user {ANA} (Ana Example)"
    [place] = ana.structured["schedules"]
    assert place["on_call"][0]["until"] == "2026-03-09T09:00:00Z"
    assert place["turns"] == [
        {"start_date": "2026-03-16T09:00:00Z", "end_date": "2026-03-23T09:00:00Z"},
        {"start_date": "2026-03-30T09:00:00Z", "end_date": "2026-04-01T12:00:00Z"},
    ]
    ben = night.question("who_is_on_call", user=BEN, at=NOW)
    [place] = ben.structured["schedules"]
    assert (place["on_call"], place["turns"][0]["start_date"]) == ([], "2026-03-09T09:00:00Z")
    assert "- nights: not now; next 2026-03-09T09:00:00Z to 2026-03-16T09:00:00Z" in ben.text
    cleo = night.question("who_is_on_call", user=CLEO, at=NOW)
    assert cleo.structured["schedules"] == []
    assert night.failure("who_is_on_call", user="nobody@example.com").code == "upstream_not_found"


def test_a_user_s_many_turns_are_cut_and_counted(night: Office) -> None:
    hourly = {**weekly(ANA, BEN), "name": "hourly", "type": "hourly", "length": 12}
    night.do("create_schedule", name="halves", timezone="UTC", rotations=[hourly])
    result = night.question("who_is_on_call", user=ANA, at=NOW)
    halves = next(each for each in result.structured["schedules"] if each["schedule"] == "halves")
    assert len(halves["turns"]) == 10
    assert result.structured["cut"] == ["halves: the next 10 turns, 18 more within 4 weeks."]
    assert "Cut: halves" in result.text


def test_an_override_ends_where_it_ends(night: Office) -> None:
    night.do(
        "create_schedule_override",
        identifier="nights",
        on_call=f"user:{BEN}",
        start_date="2026-03-04T10:00:00Z",
        end_date="2026-03-04T18:00:00Z",
    )
    [ben] = people(night.question("who_is_on_call", schedule="nights", at=NOW))
    assert (ben["who"], ben["until"]) == (f"user:{BEN}", "2026-03-04T18:00:00Z")
    [ana] = people(night.question("who_is_on_call", schedule="nights", at="2026-03-04T18:00:00Z"))
    assert (ana["who"], ana["until"]) == (f"user:{ANA}", "2026-03-09T09:00:00Z")


def test_turns_without_a_gap_are_one(night: Office) -> None:
    night.do(
        "create_schedule_override",
        identifier="nights",
        on_call=f"user:{ANA}",
        start_date="2026-03-09T09:00:00Z",
        end_date="2026-03-10T09:00:00Z",
    )
    [ana] = people(night.question("who_is_on_call", schedule="nights", at=NOW))
    assert ana["until"] == "2026-03-10T09:00:00Z"


def test_a_turn_without_an_end_in_sight(night: Office) -> None:
    night.do("create_schedule", name="always", timezone="UTC", rotations=[weekly(ANA)])
    result = night.question("who_is_on_call", schedule="always", at=NOW)
    [ana] = people(result, "always")
    assert "until" not in ana
    assert ana["at_least_until"] == "2026-04-01T12:00:00Z"
    assert "at least until 2026-04-01T12:00:00Z" in result.text


def test_a_forwarded_turn_names_whose_it_was(night: Office) -> None:
    night.do(
        "create_forwarding_rule",
        from_user=ANA,
        to_user=CLEO,
        start_date="2026-03-04T00:00:00Z",
        end_date="2026-03-05T00:00:00Z",
    )
    result = night.question("who_is_on_call", schedule="nights", at=NOW)
    [cleo] = people(result)
    assert (cleo["who"], cleo["forwarded_from"]) == (f"user:{CLEO}", ANA)
    assert cleo["until"] == "2026-03-05T00:00:00Z"
    assert f"Cleo Example ({CLEO}), rotation weekly, in place of {ANA}, until" in result.text


def test_through_an_escalation_and_a_team(night: Office) -> None:
    night.do("create_team", name="day", members=[{"user": CLEO}])
    rules = [{"after_minutes": 0, "notify": f"user:{BEN}"}, {"after_minutes": 5, "notify": "team:day"}]
    night.do("create_escalation", name="ladder", rules=rules)
    night.do(
        "create_schedule", name="deep", timezone="UTC", rotations=[weekly("escalation:ladder", f"user:{ANA}")]
    )
    result = night.question("who_is_on_call", schedule="deep", at=NOW)
    assert {(one["who"], one["via"], one["until"]) for one in people(result, "deep")} == {
        (f"user:{BEN}", "escalation:ladder", "2026-03-09T09:00:00Z"),
        (f"user:{CLEO}", "team:day", "2026-03-09T09:00:00Z"),
    }
    assert f"Ben Example ({BEN}), rotation weekly, through escalation:ladder" in result.text
    cleo = people(night.question("who_is_on_call", user=CLEO, at=NOW), "deep")
    assert [(one["via"], one["until"]) for one in cleo] == [("team:day", "2026-03-09T09:00:00Z")]


def test_a_disabled_schedule_has_nobody(night: Office) -> None:
    night.do("update_schedule", identifier="nights", enabled=False)
    for question in ({"team": "night"}, {"schedule": "nights"}):
        result = night.question("who_is_on_call", at=NOW, **question)
        assert people(result) == []
        assert "- nights (disabled): nobody" in result.text


def test_more_schedules_than_timelines(night: Office) -> None:
    for number in range(5):
        night.do(
            "create_schedule", name=f"s{number}", timezone="UTC", owner_team="night", rotations=[weekly(BEN)]
        )
    team = night.question("who_is_on_call", team="night", at=NOW)
    assert len(night.asked) == 7
    assert team.structured["cut"] == ["Turns are not told for s3, s4; get_schedule_timeline has them."]
    assert people(team, "s4") == [{"who": f"user:{BEN}", "full_name": "Ben Example"}]
    night.question("who_is_on_call", user=BEN, at=NOW)
    assert len(night.asked) == 7


def test_more_names_than_one_search_holds(night: Office) -> None:
    names = [f"{'x' * 60}{number}@{'y' * 20}.example" for number in range(12)]
    for name in names:
        night.do("create_user", username=name, full_name="Somebody", role="User")
    night.do("create_team", name="day", members=[{"user": name} for name in names])
    night.do("create_schedule", name="crowd", timezone="UTC", rotations=[weekly("team:day")])
    result = night.question("who_is_on_call", schedule="crowd", at=NOW)
    named = [one for one in people(result, "crowd") if "full_name" in one]
    assert result.structured["cut"] == [f"Full names are told for {len(named)} of 12."]
    assert 5 < len(named) < 12
    assert "problems" not in result.structured


@pytest.mark.parametrize(
    "arguments",
    [{}, {"at": NOW}, {"team": "night", "user": ANA}, {"team": "a", "schedule": "b", "user": "c"}],
)
def test_exactly_one_has_to_be_asked_for(office: Office, arguments: dict[str, str]) -> None:
    error = office.failure("who_is_on_call", **arguments)
    assert (error.code, error.certainty) == ("arguments_invalid", Certainty.NOT_SENT)
    assert "exactly one of team, schedule and user" in error.message
    assert office.asked == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2016-12-31T23:59:60Z"])
def test_moments_beyond_the_calendar_are_refused(office: Office, at: str) -> None:
    assert office.failure("who_is_on_call", schedule="nights", at=at).certainty is Certainty.NOT_SENT
    assert office.asked == []


def test_the_present_needs_no_moment(night: Office) -> None:
    result = night.question("who_is_on_call", schedule="nights")
    at = datetime.fromisoformat(result.structured["at"])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert people(result)[0]["until"] > result.structured["at"]


def test_what_fails_on_the_side_is_said(night: Office) -> None:
    night.spoil("/v2/users")
    schedule_id = night.do("get_schedule", identifier="nights")["id"]
    night.spoil(f"/v2/schedules/{schedule_id}/timeline", status=403)
    result = night.question("who_is_on_call", schedule="nights", at=NOW)
    assert people(result) == [{"who": f"user:{ANA}"}]
    until_when, names = result.structured["problems"]
    assert until_when.startswith("until when in nights: The API integration key may not do this")
    assert names.startswith("full names: Opsgenie failed")
    assert f"- nights: {ANA}\nMissing: until when" in result.text
    assert len(night.asked) == 3


def test_once_limited_it_asks_no_more(night: Office) -> None:
    for number in range(3):
        night.do(
            "create_schedule", name=f"s{number}", timezone="UTC", owner_team="night", rotations=[weekly(BEN)]
        )
    first = night.do("get_schedule", identifier="nights")["id"]
    night.spoil(f"/v2/schedules/{first}/timeline", kind="rate_limited")
    result = night.question("who_is_on_call", team="night", at=NOW)
    assert len(night.asked) == 3
    limited, *rest = result.structured["problems"]
    assert "limiting requests" in limited
    assert len(rest) == 4
    assert all("not asked for" in one for one in rest)


def test_a_user_whose_schedules_are_not_told(night: Office) -> None:
    night.spoil(f"/v2/users/{ANA.replace('@', '%40')}/schedules")
    result = night.question("who_is_on_call", user=ANA, at=NOW)
    assert [each["schedule"] for each in result.structured["schedules"]] == ["nights"]
    assert result.structured["problems"][0].startswith("their schedules: ")
    schedule_id = result.structured["schedules"][0]["schedule_id"]
    night.spoil(f"/v2/schedules/{schedule_id}/timeline")
    assert "- nights: on call; next not known" in night.question("who_is_on_call", user=ANA, at=NOW).text


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ({"schedule": "nights"}, "/v2/schedules/nights/on-calls"),
        ({"team": "night"}, "/v2/schedules"),
        ({"team": "night"}, "/v2/schedules/on-calls"),
        ({"user": ANA}, "/v2/users"),
        ({"user": ANA}, "/v2/schedules/on-calls"),
    ],
)
def test_without_the_main_answer_there_is_none(night: Office, question: dict[str, str], path: str) -> None:
    night.spoil(path, status=503)
    error = night.failure("who_is_on_call", at=NOW, **question)
    assert (error.code, error.trace.status) == ("upstream_error", 503)
    assert night.asked[-1].startswith(path)


def test_it_answers_before_its_deadline(night: Office) -> None:
    night.app.latency = 0.6
    night.do.seconds = 1.6
    started = time.monotonic()
    result = night.question("who_is_on_call", schedule="nights", at=NOW)
    assert time.monotonic() - started < 1.6
    assert people(result)[0]["who"] == f"user:{ANA}"
    assert [one.partition(":")[0] for one in result.structured["problems"]] == [
        "until when in nights",
        "full names",
    ]
