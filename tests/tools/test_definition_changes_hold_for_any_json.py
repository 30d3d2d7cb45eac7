"""Whatever an upstream sends: the comparison ends, is the same each time, and misses nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tools.definitions import ANY_DEFINITIONS, PLAIN, VALUES, changed, parameter
from tests.tools.test_definition_digest import places, turned
from tools.definition_changes import Grade, definition_changes
from tools.hidden_characters import is_hidden
from tools.schema_changes import canonical

# What is shown is that it holds, not how fast a busy machine is.
ANY_SPEED = settings(deadline=None)
HINTS = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
HIDDEN = st.characters(
    categories=["Cc", "Cf", "Zl", "Zp", "Co"], exclude_characters="\n\t"
) | st.sampled_from("\u3164\ufe0f\U000e0100\u2800\U000e0041\u202e")


@ANY_SPEED
@given(ANY_DEFINITIONS, ANY_DEFINITIONS)
def test_any_two_compare_and_differ_only_if_they_differ(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    changes = definition_changes(before, after)
    assert (changes == []) == (canonical(before) == canonical(after))
    again = definition_changes(copy.deepcopy(before), copy.deepcopy(after))
    assert repr(again) == repr(changes)


@ANY_SPEED
@given(ANY_DEFINITIONS)
def test_equal_definitions_have_no_changes(definition: dict[str, Any]) -> None:
    assert definition_changes(definition, turned(definition)) == []


@ANY_SPEED
@given(VALUES, st.sampled_from(places(PLAIN)))
def test_a_change_anywhere_shows(value: Any, path: tuple[Any, ...]) -> None:
    after = changed(*path, to=value)
    assume(canonical(after) != canonical(PLAIN))
    assert definition_changes(PLAIN, after)


@pytest.mark.parametrize("name", HINTS)
@ANY_SPEED
@given(was=st.booleans() | st.none(), now=st.booleans() | st.none())
def test_a_hint_flips_to_safer_in_one_direction_only(name: str, was: bool | None, now: bool | None) -> None:
    def grades(old: bool | None, new: bool | None) -> list[Grade]:
        before, after = ({"annotations": {} if hint is None else {name: hint}} for hint in (old, new))
        return [change.grade for change in definition_changes(before, after)]

    assert not {*grades(was, now)} & {*grades(now, was)} & {Grade.ANNOTATION_SAFER}
    # Left out, each hint is what asks for the most caution.
    safer = now is HINTS[name] and was is not HINTS[name]
    assert (grades(was, now) == [Grade.ANNOTATION_SAFER]) == safer


@ANY_SPEED
@given(HIDDEN, st.sampled_from(places(PLAIN)), st.data())
def test_a_hidden_character_is_found_wherever_it_is_added(
    character: str, path: tuple[Any, ...], data: st.DataObject
) -> None:
    text: Any = PLAIN
    for key in path:
        text = text[key]
    text = text if isinstance(text, str) else "text"
    at = data.draw(st.integers(0, len(text)))
    assert is_hidden(character)
    after = changed(*path, to=text[:at] + character + text[at:])
    assert Grade.HIDDEN_CHARACTERS in {change.grade for change in definition_changes(PLAIN, after)}
    renamed = changed(*parameter(f"qu{character}ery"), to={"type": "string"})
    assert [change.grade for change in definition_changes(PLAIN, renamed)] == [Grade.HIDDEN_CHARACTERS]
