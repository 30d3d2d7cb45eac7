"""What changed between two JSON Schemas of a tool, in the words of somebody who fills in parameters.

Schemas come from outside: any JSON may stand anywhere. Every difference is reported; where the walk doesn't
know what a keyword means, it says that it changed and counts it as a change of structure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.change_grades import ABSENT, Change, Grade, change_of

_TEXTS = ("title", "description", "$comment", "examples", "example")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_LIMITS = ("pattern", "format", "const", "multipleOf", "uniqueItems", "additionalProperties", "propertyNames",
           "unevaluatedProperties", "not")  # fmt: skip
_HOLDS_ONE = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
              "additionalItems", "unevaluatedProperties", "unevaluatedItems")  # fmt: skip
_HOLDS_LIST = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
_HOLDS_NAMED = ("$defs", "definitions", "patternProperties", "dependentSchemas")
# Beyond this the rest is compared as a whole: no honest schema goes there.
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class _Place:
    """Two schemas for the same thing, and how to get there. `is_result` for what the tool answers."""

    where: tuple[str, ...]
    before: Any
    after: Any
    is_result: bool

    def at(self, *steps: str, before: Any, after: Any) -> _Place:
        return _Place((*self.where, *steps), before, after, self.is_result)

    def change(
        self, grade: Grade, before: Any, after: Any, sentence: str, *steps: str, new_name: str = ""
    ) -> Change:
        """A change at this place. In a result it says nothing about what may be sent."""
        if self.is_result and grade != Grade.WORDING:
            grade = Grade.OUTPUT_SCHEMA
        return change_of(grade, (*self.where, *steps), before, after, sentence, new_name=new_name)


def schema_changes(before: Any, after: Any, *, is_result: bool) -> Iterator[Change]:
    """Every difference between two schemas. Any two JSON values, of any depth."""
    root = ("output schema",) if is_result else ("input schema",)
    waiting = [_Place(root, before, after, is_result)]
    while waiting:
        place = waiting.pop()
        if not (isinstance(place.before, Mapping) and isinstance(place.after, Mapping)):
            yield from _whole(place)
        elif len(place.where) > _DEEPEST:
            if canonical(place.before) != canonical(place.after):
                yield place.change(Grade.TYPE, place.before, place.after, "Changed, very deep in the schema.")
        else:
            inner: list[_Place] = []
            yield from _keywords(place, inner)
            waiting.extend(reversed(inner))


def _whole(place: _Place) -> Iterator[Change]:
    """Where at least one side is no object: `true`, `false` or nonsense."""
    if canonical(place.before) == canonical(place.after):
        return
    if place.after is True or place.before is False or _is_empty(place.after):
        yield place.change(Grade.WIDENED, place.before, place.after, "More is allowed here than before.")
    elif place.before is True or place.after is False or _is_empty(place.before):
        yield place.change(Grade.NARROWED, place.before, place.after, "Less is allowed here than before.")
    else:
        yield place.change(Grade.TYPE, place.before, place.after, "The schema here became another one.")


def _keywords(place: _Place, inner: list[_Place]) -> Iterator[Change]:
    """Differences of the keywords of two objects; the schemas they hold go to `inner`."""
    yield from _properties(place, inner)
    yield from _required(place)
    for keyword in dict.fromkeys((*place.before, *place.after)):
        if keyword in ("properties", "required"):
            continue
        before, after = place.before.get(keyword, ABSENT), place.after.get(keyword, ABSENT)
        if _opens(keyword, before, after, place, inner) or canonical(before) == canonical(after):
            continue
        yield _keyword(place, keyword, before, after)


def _opens(keyword: str, before: Any, after: Any, place: _Place, inner: list[_Place]) -> bool:
    """Whether both sides hold schemas that can be compared one by one; they are then in `inner`."""
    if keyword in _HOLDS_ONE and isinstance(before, Mapping) and isinstance(after, Mapping):
        inner.append(place.at(keyword, before=before, after=after))
        return True
    if keyword in _HOLDS_LIST and isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return False
        inner.extend(
            place.at(f"{keyword} {number}", before=old, after=new)
            for number, (old, new) in enumerate(zip(before, after, strict=True), start=1)
        )
        return True
    if (
        keyword in _HOLDS_NAMED
        and isinstance(before, Mapping)
        and before.keys() == getattr(after, "keys", set)()
    ):
        inner.extend(
            place.at(keyword, f'"{name}"', before=before[name], after=after[name]) for name in before
        )
        return True
    return False


def _keyword(place: _Place, keyword: str, before: Any, after: Any) -> Change:
    """What it means that one keyword differs."""
    grade, sentence = Grade.TYPE, f"“{keyword}” changed."
    if keyword in _TEXTS:
        grade, sentence = Grade.WORDING, f"The {keyword.strip('$')} changed."
    elif keyword == "default":
        grade, sentence = Grade.DEFAULT, "What is sent when nothing is given changed."
    elif keyword == "type":
        sentence = "The type changed."
    elif keyword == "enum":
        grade, sentence = _enum(before, after)
    elif keyword in _UPPER or keyword in _LOWER:
        grade, sentence = _limit(before, after, upper=keyword in _UPPER)
    elif keyword in _LIMITS:
        grade, sentence = _condition(before, after)
    return place.change(grade, before, after, sentence, keyword)


def _enum(before: Any, after: Any) -> tuple[Grade, str]:
    if not (isinstance(before, list) and isinstance(after, list)):
        return _condition(before, after)
    old, new = set(map(canonical, before)), set(map(canonical, after))
    if old == new:
        return Grade.WORDING, "The same values in another order."
    if new - old:
        lost = f", {len(old - new)} no longer" if old - new else ""
        return Grade.WIDENED, f"{len(new - old)} more allowed{lost}."
    return Grade.NARROWED, f"{len(old - new)} no longer allowed."


def _limit(before: Any, after: Any, *, upper: bool) -> tuple[Grade, str]:
    if not (_is_number(before) and _is_number(after)):
        return _condition(before, after)
    if before == after:
        return Grade.WORDING, "The same number, written differently."
    if (after > before) == upper:
        return Grade.WIDENED, "The limit allows more."
    return Grade.NARROWED, "The limit allows less."


def _condition(before: Any, after: Any) -> tuple[Grade, str]:
    if after is ABSENT or after is True or before is False:
        return Grade.WIDENED, "A limit was lifted."
    if before is ABSENT or before is True or after is False:
        return Grade.NARROWED, "A limit was added."
    return Grade.WIDENED, "The limit is another one; it may allow more."


def _properties(place: _Place, inner: list[_Place]) -> Iterator[Change]:
    before, after = place.before.get("properties", ABSENT), place.after.get("properties", ABSENT)
    old, new = ({} if side is ABSENT else side for side in (before, after))
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        if canonical(before) != canonical(after):
            yield place.change(Grade.TYPE, before, after, "“properties” changed.", "properties")
        return
    if (before is ABSENT) != (after is ABSENT) and not old and not new:
        yield place.change(Grade.WORDING, before, after, "The same, written differently.", "properties")
    required = _names(place.after.get("required"))
    for name in dict.fromkeys((*old, *new)):
        field = _field(place, name)
        if name not in new:
            yield field.change(Grade.PARAMETER_REMOVED, old[name], ABSENT, f"{_noun(place)} was removed.")
        elif name not in old:
            must = name in required
            grade = Grade.REQUIRED_PARAMETER if must else Grade.OPTIONAL_PARAMETER
            kind = "required" if must else "optional"
            yield field.change(grade, ABSENT, new[name], f"{_noun(place)} is new and {kind}.")
        else:
            inner.append(_Place(field.where, old[name], new[name], place.is_result))


def _required(place: _Place) -> Iterator[Change]:
    """Which fields became required or optional. That new or removed ones are is said where they are."""
    before, after = place.before.get("required", ABSENT), place.after.get("required", ABSENT)
    if canonical(before) == canonical(after):
        return
    old, new = _names(before), _names(after)
    if not all(side is ABSENT or isinstance(side, list) for side in (before, after)):
        yield place.change(Grade.TYPE, before, after, "“required” changed.", "required")
        return
    had, has = (_names(side.get("properties")) for side in (place.before, place.after))
    for name in old | new:
        added, removed = name in has and name not in had, name in had and name not in has
        if name in old and name not in new and not removed:
            yield _field(place, name).change(Grade.BECAME_OPTIONAL, True, False, "No longer required.")
        elif name in new and name not in old and not added:
            new_name = "" if name in had else name
            yield _field(place, name).change(
                Grade.BECAME_REQUIRED, False, True, "Now required.", new_name=new_name
            )
    if old.keys() == new.keys():
        sentence = "The same fields are required; the list is written differently."
        yield place.change(Grade.WORDING, before, after, sentence, "required")
    elif any(not isinstance(name, str) for side in (before, after) if side is not ABSENT for name in side):
        yield place.change(Grade.TYPE, before, after, "“required” changed.", "required")


def _field(place: _Place, name: str) -> _Place:
    root = len(place.where) == 1
    if root and not place.is_result:
        return _Place((f'parameter "{name}"',), None, None, False)
    return place.at(f'field "{name}"', before=None, after=None)


def _noun(place: _Place) -> str:
    return "The parameter" if len(place.where) == 1 and not place.is_result else "The field"


def _names(value: Any) -> dict[str, None]:
    """The names in a list or an object, in order; nothing where there is neither."""
    names = value if isinstance(value, list | Mapping) else ()
    return dict.fromkeys(name for name in names if isinstance(name, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_empty(value: Any) -> bool:
    return isinstance(value, Mapping) and not value


def canonical(value: Any) -> str:
    """A JSON value as text: equal texts for equal values whatever the order of keys. Of any depth.

    As in the digest, 1, 1.0 and true are three values.
    """
    parts: list[str] = []
    waiting: list[tuple[bool, Any]] = [(False, value)]
    while waiting:
        done, item = waiting.pop()
        if done:
            parts.append(item)
        elif isinstance(item, str):
            parts.append(json.dumps(item))
        elif isinstance(item, Mapping):
            waiting.append((True, "}"))
            for key in sorted(item, reverse=True):
                waiting += [(True, ","), (False, item[key]), (True, f"{json.dumps(key)}:")]
            waiting.append((True, "{"))
        elif isinstance(item, list | tuple):
            waiting.append((True, "]"))
            for each in reversed(item):
                waiting += [(True, ","), (False, each)]
            waiting.append((True, "["))
        else:
            # Hexadecimal, since Python refuses to write very long whole numbers in decimal.
            parts.append(hex(item) if type(item) is int else repr(item))
    return "".join(parts)
