"""Characters that a reader does not see, or that move what stands around them, and how they are shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

# What Unicode calls control, format, unassigned, private, surrogate and separators of lines: bidirectional
# controls, zero-width characters, byte order marks and tag characters are among them.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
# And those it lets a display ignore (fillers, joiners, variation selectors), and the braille pattern that
# is blank.
_ALSO_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SEEN = str.maketrans("", "", "\n\t")


def is_hidden(character: str) -> bool:
    """Whether this one character can hide in a text or reorder it. Line ends and tabs are ordinary."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in _INVISIBLE_CATEGORIES or bool(_ALSO_INVISIBLE.match(character))


def has_hidden(text: str) -> bool:
    """Whether any character of the text hides."""
    if text.isascii() and text.isprintable():
        return False
    return any(map(is_hidden, text.translate(_SEEN)))


def hidden_in(text: str) -> list[str]:
    """Which characters of the text hide, each once, in the order in which they come."""
    return list(dict.fromkeys(filter(is_hidden, text))) if has_hidden(text) else []


def spelled_out(character: str) -> str:
    """The character by its number: ⟨U+202E⟩."""
    return f"⟨U+{ord(character):04X}⟩"


def named(character: str) -> str:
    """The character by number and, where Unicode gives it one, name: U+202E right-to-left override."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X} {name}".rstrip()


def visible_text(text: str) -> str:
    """The text with every character that hides spelled out."""
    if not has_hidden(text):
        return text
    return "".join(spelled_out(each) if is_hidden(each) else each for each in text)


def visible(value: Any) -> Any:
    """A JSON value with every character that hides, in texts and names of fields, spelled out."""
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible(item) for item in value]
    return visible_text(value) if isinstance(value, str) else value
