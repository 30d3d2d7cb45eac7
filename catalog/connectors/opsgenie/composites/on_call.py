"""Who is on call: for a team, in a schedule, or where and when one person is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalog.connectors.opsgenie import errors
from catalog.connectors.opsgenie.composite import Composite, Inquiry, composite
from catalog.connectors.opsgenie.composites.places import MOST_TURNS, Place
from catalog.connectors.opsgenie.composites.turns import instant, turns_in, written
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.domains.on_call import PARTICIPANT, WHEN
from catalog.connectors.opsgenie.domains.schedules import PERIOD, TIMELINE_ROTATION
from catalog.connectors.opsgenie.identifiers import is_uuid
from catalog.connectors.opsgenie.parameters import NAME_PATTERN, choice, moment, text
from catalog.connectors.opsgenie.redaction import clean_line
from catalog.connectors.opsgenie.results import Item, Items
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, TEXTS, Each, field, record, texts

# Each costs a request of its own.
MOST_TIMELINES = 4
_LONGEST_QUERY = 1000
WEEKS = 4

# Like the operations that are tools, but whole where those give pages, and with what puts them together.
_SCHEDULES = replace(
    OPERATIONS["list_schedules"],
    parameters=(),
    result=Items(
        record(
            texts("id", "name"),
            field("enabled", FLAG),
            field("team", TEXT, "ownerTeam.name"),
            field("team_id", TEXT, "ownerTeam.id"),
            headline="name",
        )
    ),
)
_ON_CALLS = replace(OPERATIONS["list_on_calls"], parameters=WHEN)
# A turn an hour, for all the weeks.
_PERIODS = field("periods", Each(PERIOD, most=WEEKS * 7 * 24 + 1))
_ROTATIONS = Each(TIMELINE_ROTATION.but(without=("periods",), also=(_PERIODS,)))
_TIMELINE = replace(
    OPERATIONS["get_schedule_timeline"],
    result=Item(
        record(
            texts("end_date"),
            field("rotations", _ROTATIONS, "finalTimeline.rotations"),
            headline="end_date",
        )
    ),
)

TURN = record(texts("start_date", "end_date"), headline="start_date end_date")
PERSON = record(
    texts("who", "full_name", "rotation", "until", "at_least_until", "via"),
    *(one for one in PARTICIPANT.fields if one.name in ("escalation_minutes", "forwarded_from")),
    headline="who full_name",
)
PLACE = record(
    texts("schedule", "schedule_id"),
    field("enabled", FLAG),
    field("on_call", Each(PERSON)),
    field("turns", Each(TURN)),
    headline="schedule",
)
ANSWER = record(
    texts("asked", "at"),
    field("schedules", Each(PLACE)),
    field("cut", TEXTS),
    field("problems", TEXTS),
    headline="asked at",
)

Told = tuple[str, list[Place], list[str]]


def _answer(inquiry: Inquiry, values: Mapping[str, Any]) -> dict[str, Any]:
    """Who is on call at one moment, then until when, by the timelines of at most 4 schedules.

    A schedule takes 3 requests: on-calls, timeline, full names. A team at most 7: schedules, on-calls of all,
    4 timelines, full names. A user at most 7: the user, on-calls of all, their schedules, 4 timelines.
    Timelines, full names and a user's schedules are secondary.
    """
    kinds = [kind for kind in _QUESTIONS if kind in values]
    if len(kinds) != 1:
        raise errors.invalid_arguments("Give exactly one of team, schedule and user.")
    name = values[kinds[0]]
    told_as = values.get("identifier_type") or ("id" if is_uuid(name) else "name")
    try:
        at = (instant(values["at"]) if "at" in values else datetime.now(UTC)).replace(microsecond=0)
    except ValueError:
        raise errors.invalid_arguments("at: no moment that can be looked up.") from None
    asked, places, cut = _QUESTIONS[kinds[0]](inquiry, name, told_as, at)
    return {
        "asked": f"{kinds[0]} {asked}",
        "at": written(at),
        "schedules": [place.as_answer() for place in places],
        **({"cut": cut} if cut else {}),
        **({"problems": inquiry.problems} if inquiry.problems else {}),
    }


def _in_schedule(inquiry: Inquiry, name: str, told_as: str, at: datetime) -> Told:
    get_on_calls = OPERATIONS["get_on_calls"]
    found = inquiry.ask(get_on_calls, identifier=name, identifier_type=told_as, date=written(at), flat=False)
    place = Place.on_call(found)
    cut = _tell_turns(inquiry, [place], at) + _tell_names(inquiry, [place])
    return place.schedule or name, [place], cut


def _in_team(inquiry: Inquiry, name: str, told_as: str, at: datetime) -> Told:
    schedules = inquiry.ask(_SCHEDULES)["items"]
    owned = [one for one in schedules if one.get("team_id" if told_as == "id" else "team") == name]
    if not owned:
        # A team without schedules, or none at all, which is an error.
        team = inquiry.ask(OPERATIONS["get_team"], identifier=name, identifier_type=told_as)
        return team.get("name", name), [], []
    known = {place.schedule_id: place for place in _on_calls_of_all(inquiry, at)}
    # Opsgenie leaves disabled schedules out of the on-calls.
    places = [known.get(one.get("id", "")) or Place.nobody(one, enabled=False) for one in owned]
    cut = _tell_turns(inquiry, places, at) + _tell_names(inquiry, places)
    return owned[0].get("team", name), places, cut


def _of_user(inquiry: Inquiry, name: str, told_as: str, at: datetime) -> Told:
    user = inquiry.ask(OPERATIONS["get_user"], identifier=name)
    username, full_name = user.get("username", name), _full_name(user)
    who = f"user:{username}"
    places = {}
    for place in _on_calls_of_all(inquiry, at):
        place.people = [{**one, **full_name} for one in place.people if one["who"] == who]
        if place.people:
            places[place.schedule_id] = place
    list_schedules = OPERATIONS["list_user_schedules"]
    theirs = inquiry.ask_also("their schedules", list_schedules, identifier=name, limit=100)
    for one in theirs["items"] if theirs else ():
        places.setdefault(one.get("id", ""), Place.nobody(one, enabled=True))
    cut = _tell_turns(inquiry, list(places.values()), at, user=who)
    return " ".join([username, *(f"({name})" for name in full_name.values())]), list(places.values()), cut


_QUESTIONS = {"team": _in_team, "schedule": _in_schedule, "user": _of_user}


def _on_calls_of_all(inquiry: Inquiry, at: datetime) -> Iterator[Place]:
    """Every enabled schedule of the account, in one request."""
    return map(Place.on_call, inquiry.ask(_ON_CALLS, date=written(at), flat=False)["items"])


def _tell_turns(inquiry: Inquiry, places: Sequence[Place], at: datetime, *, user: str = "") -> list[str]:
    """Add until when, and for a user when next, by a timeline of each place; gives what was cut."""
    wanted = [place for place in places if place.enabled and (place.people or user)]
    cut = []
    for place in wanted[:MOST_TIMELINES]:
        timeline = inquiry.ask_also(
            f"until when in {place.schedule}",
            _TIMELINE,
            identifier=place.schedule_id,
            identifier_type="id",
            date=written(at),
            interval=WEEKS,
            interval_unit="weeks",
        )
        if timeline is None:
            continue
        turns = turns_in(timeline.get("rotations", ()))
        place.tell_until_when(turns, at, _end_of(timeline))
        if user and (more := place.tell_next_turns(user, turns, at)):
            cut.append(f"{place.schedule}: the next {MOST_TURNS} turns, {more} more within {WEEKS} weeks.")
    if left_out := ", ".join(place.schedule for place in wanted[MOST_TIMELINES:]):
        cut.append(f"Turns are not told for {left_out}; get_schedule_timeline has them.")
    return cut


def _end_of(timeline: Mapping[str, Any]) -> datetime | None:
    try:
        return instant(timeline["end_date"])
    except (KeyError, ValueError):
        return None


def _tell_names(inquiry: Inquiry, places: Sequence[Place]) -> list[str]:
    """Add full names, by one search for as many as it can hold; gives what was cut."""
    people = [one for place in places for one in place.people if one["who"].startswith("user:")]
    usernames = list(dict.fromkeys(one["who"].removeprefix("user:").replace('"', "") for one in people))
    asked = usernames.copy()
    while len(query := " OR ".join(f'username:"{name}"' for name in asked)) > _LONGEST_QUERY:
        asked.pop()
    if not query:
        return []
    found = inquiry.ask_also("full names", OPERATIONS["list_users"], query=query, limit=100)
    users = {f"user:{user.get('username')}": user for user in (found["items"] if found else ())}
    for one in people:
        one.update(_full_name(users.get(one["who"], {})))
    return [f"Full names are told for {len(asked)} of {len(usernames)}."] if asked != usernames else []


def _full_name(user: Mapping[str, Any]) -> dict[str, str]:
    return {"full_name": user["full_name"]} if "full_name" in user else {}


def _render(found: Mapping[str, Any]) -> str:
    """A line for each person on call in a schedule, and for a user one for each schedule of theirs."""
    is_of_user = found["asked"].startswith("user ")
    lines = [f"On call at {found['at']}, {found['asked']}:"]
    for place in found["schedules"]:
        name = place["schedule"] if place["enabled"] else f"{place['schedule']} (disabled)"
        if is_of_user:
            now = [", ".join(["on call", *_circumstances(one)]) for one in place["on_call"]] or ["not now"]
            lines.append(f"- {name}: {now[0]}; next {_next_turns(place)}")
        else:
            lines += [f"- {name}: {_one_person(one)}" for one in place["on_call"]] or [f"- {name}: nobody"]
    if not found["schedules"]:
        lines.append("There is no schedule.")
    lines += [f"Cut: {one}" for one in found.get("cut", ())]
    lines += [f"Missing: {one}" for one in found.get("problems", ())]
    return "\n".join(clean_line(line, limit=1000) for line in lines)


def _next_turns(place: Mapping[str, Any]) -> str:
    if "turns" not in place:
        return "not known"
    spans = ", ".join(f"{one['start_date']} to {one['end_date']}" for one in place["turns"])
    return spans or f"not within {WEEKS} weeks"


def _one_person(person: Mapping[str, Any]) -> str:
    who = person["who"].removeprefix("user:")
    named = f"{person['full_name']} ({who})" if "full_name" in person else who
    return ", ".join([named, *_circumstances(person)])


def _circumstances(person: Mapping[str, Any]) -> Iterator[str]:
    words = {
        "rotation": "rotation {}",
        "via": "through {}",
        "escalation_minutes": "after {} minutes",
        "forwarded_from": "in place of {}",
        "until": "until {}",
        "at_least_until": "at least until {}",
    }
    return (sentence.format(person[name]) for name, sentence in words.items() if name in person)


WHO_IS_ON_CALL: Composite = composite(
    name="who_is_on_call",
    title="Find out who is on call",
    description=(
        "See who is on call, now or at a moment, for a team or in a schedule, with names and until when; or, "
        "for a user, where they are on call and when next. Give exactly one of team, schedule and user."
    ),
    parameters=(
        text("team", "Name or id of the team.", max_length=512, pattern=NAME_PATTERN),
        text("schedule", "Name or id of the schedule.", max_length=512, pattern=NAME_PATTERN),
        text("user", "Username (an e-mail address) or id of the user.", max_length=512, pattern=NAME_PATTERN),
        choice(
            "identifier_type", "What team or schedule is; told from its form when left out.", ("id", "name")
        ),
        moment("at", "The moment to ask about, with offset; now if left out."),
    ),
    asks=(
        OPERATIONS["get_on_calls"],
        _ON_CALLS,
        _SCHEDULES,
        _TIMELINE,
        OPERATIONS["get_team"],
        OPERATIONS["get_user"],
        OPERATIONS["list_user_schedules"],
        OPERATIONS["list_users"],
    ),
    record=ANSWER,
    always=("asked", "at", "schedules"),
    answer=_answer,
    render=_render,
)
