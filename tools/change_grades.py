"""How much a change of a definition matters, and one such change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import models

from tools.hidden_characters import hidden_in, named
from tools.text_signs import addresses_in, orders_in, texts_in, words_with_hidden


class Grade(models.TextChoices):
    """What kind of change it is. Declared from the mildest to the gravest: that is their order."""

    WORDING = "wording", "wording only"
    TITLE = "title", "title changed"
    DOMAIN = "domain", "domain changed"
    OPTIONAL_PARAMETER = "optional_parameter", "new optional parameter"
    BECAME_OPTIONAL = "became_optional", "parameter became optional"
    NARROWED = "narrowed", "enum or limit narrowed"
    BECAME_REQUIRED = "became_required", "parameter became required"
    REQUIRED_PARAMETER = "required_parameter", "new required parameter"
    PARAMETER_REMOVED = "parameter_removed", "parameter removed"
    DEFAULT = "default", "default changed"
    OUTPUT_SCHEMA = "output_schema", "output schema changed"
    TYPE = "type", "type or structure changed"
    WIDENED = "widened", "enum or limit widened"
    ANNOTATION = "annotation", "annotation changed"
    INSTRUCTIONS = "instructions", "server instructions changed"
    REQUEST = "request", "method, path or action changed"
    ANNOTATION_SAFER = "annotation_safer", "annotation flipped to safer"
    OTHER = "other", "something else changed"
    LANGUAGE = "language", "URL, host or imperative language added"
    HIDDEN_CHARACTERS = "hidden_characters", "invisible or bidirectional characters added"


_ORDER: Final = {grade: position for position, grade in enumerate(Grade)}


def severity(grade: Grade) -> int:
    """The grade's place in the order, 0 for the mildest."""
    return _ORDER[grade]


def is_severe(grade: Grade) -> bool:
    """Whether a second person should look.

    Severe is what makes the approval that was given say something about another thing: the tool does
    something else upstream (REQUEST), claims to be more harmless than what was approved (ANNOTATION_SAFER:
    clients ask their users less), began to speak to the model or to point elsewhere (LANGUAGE), has text
    that reviewers can't see (HIDDEN_CHARACTERS), or changed in a way this program doesn't understand
    (OTHER). The rest is within what the action class allows already and one reviewer can read it.
    """
    return severity(grade) >= severity(Grade.REQUEST)


class _Absent:
    """What stands for a value that isn't there: null is a value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are JSON values or ABSENT; `sentence` is one or more."""

    grade: Grade
    where: str
    before: Any
    after: Any
    sentence: str

    @property
    def is_severe(self) -> bool:
        return is_severe(self.grade)


def worst(changes: Iterable[Change]) -> Grade | None:
    """The gravest grade among the changes; None if there are none."""
    return max((change.grade for change in changes), key=severity, default=None)


def change_of(
    grade: Grade, where: Iterable[str], before: Any, after: Any, sentence: str, *, new_name: str = ""
) -> Change:
    """The change, with what its new text adds: the gravest of all this is its grade.

    A model reads names as well: what wasn't there before counts with the last step of `where`, and so does
    `new_name`.
    """
    steps = list(where)
    grades, sentences = [grade], [sentence]
    was, now = list(texts_in(before)), [*texts_in(after), new_name]
    if before is ABSENT:
        now.append(steps[-1])
    for sign, said in (
        (Grade.HIDDEN_CHARACTERS, _hidden_added(was, now)),
        (Grade.LANGUAGE, _addresses_added(was, now)),
        (Grade.LANGUAGE, _orders_added(was, now)),
    ):
        if said:
            grades.append(sign)
            sentences.append(said)
    return Change(max(grades, key=severity), " › ".join(steps), before, after, " ".join(sentences))


def _hidden_added(was: list[str], now: list[str]) -> str:
    # By word: a character that moved to another word hides or reorders something else than before.
    added = words_with_hidden(now) - words_with_hidden(was)
    characters = dict.fromkeys(character for word in added for character in hidden_in(word))
    return (
        f"Characters that hide or reorder text were added: {_some(map(named, characters))}." if added else ""
    )


def _addresses_added(was: list[str], now: list[str]) -> str:
    before = {address for text in was for address in addresses_in(text)}
    added = dict.fromkeys(address for text in now for address in addresses_in(text) if address not in before)
    return f"An address was added: {_some(added)}." if added else ""


def _orders_added(was: list[str], now: list[str]) -> str:
    # By whole sentence: the same order about something else is another order.
    before = {sentence for text in was for _, sentence in orders_in(text)}
    added = dict.fromkeys(
        order for text in now for order, sentence in orders_in(text) if sentence not in before
    )
    return f"It now speaks to the model: {_some(f'“{order}”' for order in added)}." if added else ""


def _some(items: Iterable[str]) -> str:
    """At most five of them, each cut to a readable length."""
    listed = [item if len(item) <= 120 else f"{item[:120]}…" for item in items]
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return ", ".join(listed[:5]) + more
