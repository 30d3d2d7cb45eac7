"""Names of tools that a model or a person could take for one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tools.text_signs import folded

_SEPARATORS = re.compile(r"[\W_]+")
_DRAWN_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})
# Short words differ in one letter by nature: "list" and "lint".
_LONG = 8


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """What is left of a name for a hasty reader: no case, no separators, letters drawn alike as one."""
    bare = _SEPARATORS.sub("", folded(name).replace("|", "l"))
    return bare.translate(_DRAWN_ALIKE).replace("rn", "m").replace("vv", "w")


class LookAlikes:
    """An index of names, made once for many questions. The names are those of other servers' tools."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_skeleton: dict[str, list[str]] = {}
        self._nearly: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            bare = skeleton(name)
            self._by_skeleton.setdefault(bare, []).append(name)
            for shorter in _with_a_letter_less(bare):
                self._nearly.setdefault(shorter, []).append(name)

    def of(self, name: str) -> list[str]:
        """The names that look like this one. Not the very same name: two servers of one kind share all.

        One letter more, less or another counts in names of eight letters or more. A plural and another
        number don't: honest interfaces are full of `get_user`, `get_users` and `get_user_v2`.
        """
        bare = skeleton(name)
        found = dict.fromkeys(self._by_skeleton.get(bare, ()))
        if len(bare) >= _LONG:
            for shorter in _with_a_letter_less(bare):
                found.update(dict.fromkeys(self._by_skeleton.get(shorter, ())))
                found.update(dict.fromkeys(self._nearly.get(shorter, ())))
            found.update(dict.fromkeys(self._nearly.get(bare, ())))
        return [other for other in found if other != name and _is_mistakable(name, bare, other)]


def _with_a_letter_less(bare: str) -> Iterator[str]:
    # A name of thousands of letters has no look-alike worth the memory.
    if len(bare) in range(_LONG - 1, 129):
        yield from {bare[:at] + bare[at + 1 :] for at in range(len(bare))}


def _is_mistakable(name: str, bare: str, other: str) -> bool:
    others = skeleton(other)
    if bare == others:
        return not _differ_by_number(name, other)
    # Both had a letter taken away: that may have been two different places.
    if len(bare) == len(others) and sum(a != b for a, b in zip(bare, others, strict=True)) != 1:
        return False
    plural = bare + "s" == others or others + "s" == bare
    return not plural and not _differ_by_number(name, other)


def _differ_by_number(name: str, other: str) -> bool:
    return re.sub(r"\d+", "", name) == re.sub(r"\d+", "", other)
