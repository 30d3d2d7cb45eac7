from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from clients.token_text import new_token_text, public_id_of

ALPHABET = string.digits + string.ascii_letters
OTHERS = ALPHABET + "_-./ \n\t\0é٣"
#: Drawing a token only decides which of the fresh ones it is.
FRESH = st.builds(lambda _: new_token_text(), st.integers())


@given(FRESH)
def test_a_new_token_reads_back(made: tuple[str, str]) -> None:
    public_id, text = made
    assert public_id_of(text) == public_id
    prefix, public, rest = text.split("_")
    assert (prefix, public, len(public), len(rest)) == ("pct", public_id, 12, 46)
    assert set(public + rest) <= set(ALPHABET)


@given(FRESH, st.data())
def test_every_change_of_one_character_is_seen(made: tuple[str, str], data: st.DataObject) -> None:
    text = made[1]
    place = data.draw(st.integers(0, len(text) - 1))
    for character in OTHERS:
        if character != text[place]:
            assert public_id_of(text[:place] + character + text[place + 1 :]) is None


@given(FRESH, st.data())
def test_a_character_lost_added_or_swapped_is_seen(made: tuple[str, str], data: st.DataObject) -> None:
    text = made[1]
    place = data.draw(st.integers(0, len(text) - 2))
    added = data.draw(st.sampled_from(OTHERS))
    first, second = text[place], text[place + 1]
    assert public_id_of(text[:place] + text[place + 1 :]) is None
    assert public_id_of(text[:place] + added + text[place:]) is None
    if first != second:
        assert public_id_of(text[:place] + second + first + text[place + 2 :]) is None


@given(FRESH)
def test_what_stands_around_it_is_not_ignored(made: tuple[str, str]) -> None:
    text = made[1]
    for wrong in (
        f" {text}",
        f"{text} ",
        f"{text}\n",
        f"{text}{text}",
        text.upper(),
        text.lower(),
        text[:-1],
    ):
        assert public_id_of(wrong) is None


@given(st.text() | st.from_regex(r"pct_[0-9A-Za-z]{12}_[0-9A-Za-z]{46}", fullmatch=True))
def test_no_other_text_is_a_token(text: str) -> None:
    assert public_id_of(text) is None


def test_no_two_are_alike() -> None:
    made = [new_token_text() for _ in range(2_000)]
    assert len({public_id for public_id, _ in made}) == len({text[17:57] for _, text in made}) == 2_000
