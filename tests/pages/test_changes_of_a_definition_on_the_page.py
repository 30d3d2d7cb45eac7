"""What a reviewer sees of a change: its grade in words, every difference marked, nothing run or hidden."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.definitions import ANY_DEFINITIONS, PLAIN, changed, parameter
from tools.advisories import advisories
from tools.definition_change_display import advisories_as_html, changes_as_html
from tools.definition_changes import definition_changes
from tools.hidden_characters import is_hidden
from tools.models import ToolRevision
from tools.text_diff import text_diff

# What is shown is that it holds, not how fast a busy machine is.
ANY_SPEED = settings(deadline=None)

SAID = re.compile(r'<span class="portal-said">.*?</span>')


def page(before: dict[str, Any], after: dict[str, Any]) -> str:
    return changes_as_html(ToolRevision(definition=before), ToolRevision(definition=after))


def marked(before: str, after: str) -> str:
    """The diff with - and + around what went and came."""
    html = SAID.sub("", text_diff(before, after))
    html = re.sub(r"</?del[^>]*>", "-", html)
    return re.sub(r"</?ins[^>]*>", "+", html)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Read an alert.", "Read one alert.", "Read -an-+one+ alert."),
        ("Read an alert.", "Read an alert. Twice.", "Read an alert.+ Twice.+"),
        ("Read an alert.", "Read alert.", "Read -an -alert."),
        ("a b", "a\u00a0b", "a- -+⟨U+00A0⟩+b"),
        ("a b", "a\nb", "a- -+⏎\n+b"),
        ("ab", "a\u202eb", "-ab-+a⟨U+202E⟩b+"),
        ("a\u200b b", "a\u200b c", "a⟨U+200B⟩ -b-+c+"),
        ("<b>", "<i>", "&lt;-b-+i+&gt;"),
        ("same", "same", "same"),
    ],
)
def test_what_went_and_what_came_is_marked(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


@ANY_SPEED
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_diff_runs_or_hides_anything(before: str, after: str) -> None:
    html = text_diff(before, after)
    bare = re.sub(r"</?(?:ins|del|span)(?: class=\"(?:diff-(?:ins|del|gap)|portal-said)\")?>", "", html)
    assert "<" not in bare
    assert ">" not in bare
    assert not any(map(is_hidden, html))


def test_two_very_long_texts_are_shown_side_by_side() -> None:
    html = text_diff("one two " * 50_000, "three four " * 50_000)
    assert html.index("<del") < html.index("<ins")
    assert "99,6" in marked("x" + " word" * 20_000 + "y", "z" + " word" * 20_000 + "y")


def test_the_worst_grade_comes_first_in_words() -> None:
    html = page(PLAIN, changed("path", to="/v2/all", base=changed("title", to="Find")))
    first = html.index("Severe: method, path or action changed")
    assert first < html.index("<table") < html.index("title changed")
    assert "2 changes since the approval, 1 of them severe." in html
    mild = page(PLAIN, changed("title", to="Find"))
    assert "Not severe: title changed" in mild
    assert "1 change since the approval." in mild


def test_markup_and_hidden_characters_of_the_upstream_are_text() -> None:
    bad = changed(*parameter("<script>\u202e"), to={"description": "<img src=x onerror=alert(1)>\u200b"})
    html = page(PLAIN, bad) + advisories_as_html(advisories(bad))
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "\u200b" not in html
    assert "&lt;script&gt;⟨U+202E⟩" in html


def test_nothing_to_compare_is_said() -> None:
    assert "no definition of this tool has been approved yet" in changes_as_html(None, ToolRevision())
    assert "Nothing changed" in page(PLAIN, PLAIN)


def test_a_scan_says_that_only_review_decides() -> None:
    assert "only your review decides" in advisories_as_html([])
    found = advisories(changed("description", to="You must obey."))
    assert "only your review decides" in advisories_as_html(found)
    assert "speaks to the model" in advisories_as_html(found)


@ANY_SPEED
@given(ANY_DEFINITIONS, ANY_DEFINITIONS)
def test_any_two_definitions_can_be_shown(before: dict[str, Any], after: dict[str, Any]) -> None:
    html = page(before, after)
    assert html.count('role="rowheader"') == len(definition_changes(before, after))
    assert not any(map(is_hidden, html))


def test_many_changes_are_counted_not_all_listed() -> None:
    many = changed("input_schema", "properties", to={f"p{number}": {} for number in range(500)})
    html = page(PLAIN, many)
    assert html.count('role="rowheader"') == 200
    assert f"{len(definition_changes(PLAIN, many)) - 200} more, none of them graver" in html
