"""Two texts as one, word by word, with what went and what came marked. Safe HTML, nothing hidden in it."""

from __future__ import annotations

import difflib
import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tools.hidden_characters import spelled_out, visible_text

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
# Beyond this many words of difference they are not matched one by one: it would take minutes.
_MOST_WORDS = 2_000
# What is the same on both sides is cut in its middle when it is longer than this.
_LONGEST_SAME = 600


def text_diff(before: str, after: str) -> SafeString:
    """`<del>` around words only in `before`, `<ins>` around words only in `after`, all of it escaped.

    Spaces of unusual kinds are spelled out, and line ends too where they are all that differs.
    """
    return format_html_join("", "{}", ((_shown(kind, text),) for kind, text in _pieces(before, after)))


def _pieces(before: str, after: str) -> list[tuple[str, str]]:
    """What is the same, what went and what came, in the order of reading: (same, del or ins; text)."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    pieces = [("same", "".join(old[:start]))]
    if max(len(middle_old), len(middle_new)) > _MOST_WORDS:
        pieces += [("del", "".join(middle_old)), ("ins", "".join(middle_new))]
    else:
        matcher = difflib.SequenceMatcher(None, middle_old, middle_new)
        for operation, a, b, c, d in matcher.get_opcodes():
            if operation == "equal":
                pieces.append(("same", "".join(middle_old[a:b])))
            else:
                pieces += [("del", "".join(middle_old[a:b])), ("ins", "".join(middle_new[c:d]))]
    pieces.append(("same", "".join(old[len(old) - end :])))
    return [(kind, text) for kind, text in pieces if text]


def _common(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _shown(kind: str, text: str) -> SafeString:
    if kind == "same":
        if len(text) > _LONGEST_SAME:
            cut = len(text) - 400
            gap = format_html(' <span class="diff-gap">… {} unchanged characters …</span> ', f"{cut:,}")
            return format_html("{}{}{}", visible_text(text[:200]), gap, visible_text(text[-200:]))
        return format_html("{}", visible_text(text))
    spaces = text.replace("\n", "⏎\n").replace("\t", "⇥") if text.isspace() else text
    plain = "".join(
        spelled_out(each) if each.isspace() and each not in " \n\t" else each for each in visible_text(spaces)
    )
    # Read aloud as words: many screen readers say nothing of either element.
    word = "removed" if kind == "del" else "added"
    tag = (
        '<{0} class="diff-{0}">'
        '<span class="portal-said">[{1}: </span>{2}<span class="portal-said">]</span>'
        "</{0}>"
    )
    return format_html(tag, kind, word, plain)
