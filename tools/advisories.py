"""The advisory scan: what in a tool's definition a reviewer should look at twice, and why.

It asks nobody, reads nothing but the definition, and decides nothing: it has false alarms and blind spots,
and only a review approves or refuses a tool. Pure, total over any JSON, and linear in the length of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from django.db import models

from tools import advisory_rules as rules
from tools.hidden_characters import hidden_in, named, visible_text
from tools.look_alikes import LookAlikes
from tools.text_signs import addresses_in, orders_in

_EXCERPT = 160
_LONGEST = {"description": 2_000, "server instructions": 4_000}
_LONGEST_ELSEWHERE = 1_000
_LONGEST_IN_ALL = 40_000
#: Schemas name the language they are written in by a URL that nobody opens.
_DIALECT = ("http://json-schema.org/", "https://json-schema.org/")
# Most texts of a schema are single words, which hold no sign of anything.
_SINGLE_WORD = re.compile(r"[A-Za-z0-9_$-]{0,40}")
# Addresses that are kept free for examples, so nothing that is sent there arrives.
_NOBODY = re.compile(r"[^@/:]+@example\.(?:com|net|org)")


class Code(models.TextChoices):
    """What was noticed."""

    INSTRUCTION = "instruction", "speaks to the model"
    OTHER_TOOL = "other_tool", "steers how another tool is used"
    HIDDEN_CHARACTERS = "hidden_characters", "hidden or reordering characters"
    EXFILTRATION = "exfiltration", "asks for data to be passed on"
    ENCODED = "encoded", "encoded content"
    REMOTE_IMAGE = "remote_image", "image from an address"
    ADDRESS = "address", "URL, host or address"
    LOOK_ALIKE = "look_alike", "name like another server's tool"
    MIXED_SCRIPTS = "mixed_scripts", "letters that imitate others"
    LENGTH = "length", "very long text"
    CONTRADICTION = "contradiction", "contradicts itself"
    SECRET_PARAMETER = "secret_parameter", "parameter asks for a secret"


_WHY: Final = {
    Code.INSTRUCTION: "This tells the model what to do instead of saying what the tool does. A model "
    "may obey it "
    "in every conversation in which the tool is offered, even if the tool is never called.",
    Code.OTHER_TOOL: "This says when or how to use another tool. A model may follow it while it works "
    "with that "
    "tool, which this one has no business with.",
    Code.HIDDEN_CHARACTERS: "A model reads these characters, a person doesn't see them or sees the text in "
    "another order. Honest texts seldom need them, except within emoji and some scripts.",
    Code.EXFILTRATION: "This asks for more than the tool needs: conversations, prompts, files or "
    "secrets would "
    "leave with the arguments of a call.",
    Code.ENCODED: "This can't be read as it stands, but a model may decode it. Ask what it says.",
    Code.REMOTE_IMAGE: "Where this is shown as Markdown, the image is fetched, and its address can "
    "carry data out.",
    Code.ADDRESS: "A model may send data there or tell people to go there. See whether it belongs to "
    "the service.",
    Code.LOOK_ALIKE: "A model or a person may take one for the other and give it what was meant for the "
    "other.",
    Code.MIXED_SCRIPTS: "A word mixes letters of several scripts, or uses letters drawn like others, so "
    "it isn't "
    "the word that it seems to be.",
    Code.LENGTH: "There is room to hide something here, and it takes up the model's attention. Read it "
    "to the end.",
    Code.CONTRADICTION: "Clients decide by these hints whether to ask their users first. See which of "
    "the two is true.",
    Code.SECRET_PARAMETER: "A model that knows such a secret would hand it over, and it would pass "
    "through the "
    "conversation. Credentials belong to the server's settings.",
}  # fmt: skip
_ONLY_REVIEW_DECIDES = "It may be harmless: this is a hint, the review decides."


@dataclass(frozen=True, slots=True)
class Advisory:
    """One thing to look at. `excerpt` is the upstream's text as the scan reads it, cut short."""

    code: Code
    where: str
    excerpt: str
    explanation: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the definition, how to get there, and the key it stands under."""

    where: str
    key: str
    text: str


def advisories(
    definition: Mapping[str, Any],
    *,
    other_tool_names: Set[str] = frozenset(),
    look_alikes: LookAlikes | None = None,
) -> list[Advisory]:
    """What to look at in a stored definition, in the order of `Code`, each text and sign once.

    `other_tool_names` are the names of all tools but this one, of its own server too: a name alone is no
    finding (a "see also" is good service), telling the model how to use it is. `look_alikes` holds the names
    of tools of other servers.
    """
    found = [
        *_of_names(definition, look_alikes or LookAlikes()),
        *_of_hints(definition),
        *_of_parameters(definition),
    ]
    total, names = 0, {name.lower() for name in other_tool_names}
    for text in _texts(definition):
        total += len(text.text)
        found += _of_text(text, names)
    if total > _LONGEST_IN_ALL:
        found.append(_advisory(Code.LENGTH, "whole definition", f"{total:,} characters"))
    order = list(Code)
    return sorted(dict.fromkeys(found), key=lambda advisory: order.index(advisory.code))


def _of_text(text: _Text, names: Set[str]) -> Iterator[Advisory]:
    value, where = text.text, text.where
    if _SINGLE_WORD.fullmatch(value):
        return
    if hidden := hidden_in(value):
        which = ", ".join(map(named, hidden[:5])) + (" …" if len(hidden) > 5 else "")
        start = max(0, value.index(hidden[0]) - 40)
        excerpt = f"{which}: {visible_text(value[start : start + 100])}"
        yield _advisory(Code.HIDDEN_CHARACTERS, where, excerpt)
    for _, sentence in orders_in(value):
        yield _advisory(Code.INSTRUCTION, where, sentence)
    for sentence in rules.steered_tools(value, names):
        yield _advisory(Code.OTHER_TOOL, where, sentence)
    for sentence in rules.exfiltration(value):
        yield _advisory(Code.EXFILTRATION, where, sentence)
    if text.key not in ("pattern", "$ref"):
        for blob in rules.encoded(value):
            yield _advisory(Code.ENCODED, where, blob)
    for image in rules.remote_images(value):
        yield _advisory(Code.REMOTE_IMAGE, where, image)
    if text.key not in ("method", "path", "pattern") and not value.startswith(_DIALECT):
        for address in (each for each in addresses_in(value) if not _NOBODY.fullmatch(each)):
            yield _advisory(Code.ADDRESS, where, address)
    for word in rules.mixed_scripts(value):
        yield _advisory(Code.MIXED_SCRIPTS, where, word)
    if len(value) > _LONGEST.get(where, _LONGEST_ELSEWHERE):
        yield _advisory(Code.LENGTH, where, f"{len(value):,} characters: {value[:60]}")


def _of_names(definition: Mapping[str, Any], look_alikes: LookAlikes) -> Iterator[Advisory]:
    name = definition.get("name")
    for other in look_alikes.of(name) if isinstance(name, str) else ():
        yield _advisory(Code.LOOK_ALIKE, "name", f"{name} and {other}")


def _of_hints(definition: Mapping[str, Any]) -> Iterator[Advisory]:
    annotations, method, action = (definition.get(key) for key in ("annotations", "method", "action"))
    hints = annotations if isinstance(annotations, Mapping) else {}
    method = method.upper() if isinstance(method, str) else ""
    for claim, contradictions in (
        (hints.get("readOnlyHint") is True, (
            (method in ("DELETE", "PUT", "PATCH", "POST"), f"readOnlyHint: true, method: {method}"),
            (action in ("write", "destructive"), f"readOnlyHint: true, action: {action}"),
            (hints.get("destructiveHint") is True, "readOnlyHint: true, destructiveHint: true"),
        )),
        (hints.get("destructiveHint") is False, (
            (method == "DELETE", f"destructiveHint: false, method: {method}"),
            (action == "destructive", f"destructiveHint: false, action: {action}"),
        )),
        (action == "read", ((method in ("DELETE", "PUT", "PATCH"), f"action: read, method: {method}"),)),
    ):  # fmt: skip
        for holds, excerpt in contradictions:
            if claim and holds:
                yield _advisory(Code.CONTRADICTION, "annotations", excerpt)


def _of_parameters(definition: Mapping[str, Any]) -> Iterator[Advisory]:
    for where, name in _parameter_names(definition.get("input_schema")):
        if rules.asks_for_a_secret(name):
            yield _advisory(Code.SECRET_PARAMETER, where, name)
        elif rules.asks_for_the_conversation(name):
            yield _advisory(Code.EXFILTRATION, where, name)


def _parameter_names(schema: Any) -> Iterator[tuple[str, str]]:
    """Every name under a `properties` in the schema, with its place."""
    for where, value in _walk(schema, "input schema"):
        properties = value.get("properties") if isinstance(value, Mapping) else None
        for name in properties if isinstance(properties, Mapping) else ():
            yield f"{where} › {name}", name


def _texts(definition: Mapping[str, Any]) -> Iterator[_Text]:
    """Every text in the definition; the name of a field is a text too."""
    for key, part in definition.items():
        heading = {"instructions": "server instructions"}.get(key, key.replace("_", " "))
        for where, value in _walk(part, heading):
            if isinstance(value, str):
                yield _Text(where, key if where == heading else where.rsplit(" › ", 1)[-1], value)
            elif isinstance(value, Mapping):
                for name in value:
                    yield _Text(f"{where} › {name}", "", name)


def _walk(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """The value and everything in it, in order, with readable places. Of any depth."""
    waiting = [(where, value, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        yield place, item
        inner: list[tuple[str, Any]] = []
        if isinstance(item, Mapping):
            inner = list(item.items())
        elif isinstance(item, list | tuple):
            inner = [(str(number), each) for number, each in enumerate(item, start=1)]
        # Places of very deep values end in dots: spelled out they would outgrow the definition.
        for name, each in reversed(inner):
            deeper = f"{place} › {name}" if depth < 30 else f"{place.removesuffix(' › …')} › …"
            waiting.append((deeper, each, depth + 1))


def _advisory(code: Code, where: str, excerpt: str) -> Advisory:
    shown = visible_text(excerpt[: _EXCERPT + 1])
    cut = f"{shown[:_EXCERPT]}…" if len(shown) > _EXCERPT else shown
    return Advisory(code, visible_text(where[:400]), cut, f"{_WHY[code]} {_ONLY_REVIEW_DECIDES}")
