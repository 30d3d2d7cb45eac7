"""The pictures in the docs are those that `make screenshots` takes; each is small, shown, and described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.screenshots import IMAGES, PAGES, PROJECT

MOST_BYTES = 250 * 1024
TAKEN = {*PAGES, "me"}


def shown() -> dict[str, str]:
    """What stands in for each picture that a text shows, by the picture's name."""
    found: dict[str, str] = {}
    for text in (PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")):
        for words, address in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text.read_text(encoding="utf-8")):
            picture = (text.parent / Path(address)).resolve()
            assert picture.exists(), f"{text.name} shows {address}, which isn't there"
            found[picture.stem] = words
    return found


def test_each_picture_is_taken_shown_and_described() -> None:
    assert {picture.stem for picture in IMAGES.iterdir()} == TAKEN
    described = shown()
    assert set(described) == TAKEN
    assert all(len(words) > 30 for words in described.values())


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_no_picture_is_heavy(name: str) -> None:
    assert (IMAGES / f"{name}.png").stat().st_size < MOST_BYTES
