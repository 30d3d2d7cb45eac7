"""Signs that a text speaks to the model rather than describe a tool: orders to it, and addresses.

Words are matched after `folded`, so letters in disguise, capitals and hidden characters don't get past. The
lists can't be complete: what they find is a reason to read closely, what they miss is no reason not to.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.hidden_characters import has_hidden, is_hidden

# Small letters of other scripts that are drawn like Latin ones, and under each the one it looks like.
_DRAWN_ALIKE = str.maketrans(
    "авеіјкмнорстухѕԁһԛԝӏαβεηικνορτυχɑɡıɩօոս",
    "abeijkmhopctyxsdhqwlabeniknoptuxagiionu",
)
_TAGS = range(0xE0020, 0xE007F)

_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")


# Turns of phrase that several lines below share, named there in <angle brackets>.
_PHRASES = {
    "<not>": r"\b(?:do not|don'?t|never|must not|should not|avoid)(?: ever)?",
    "<ignore>": r"\b(?:ignore|disregard|forget|override|bypass)\b",
    "<always>": r"\b(?:always|never|immediately|must first|first of all,?)",
    "<before>": r"\b(?:before|prior to|whenever|each time|every time)(?: you)?(?: are)?",
}


def _one_of(lines: str) -> re.Pattern[str]:
    """One expression for all the lines; those that start with # say what the next ones are for."""
    for name, phrase in _PHRASES.items():
        lines = lines.replace(name, phrase)
    kept = [line.strip() for line in lines.splitlines() if line.strip() and not line.strip().startswith("#")]
    return re.compile("|".join(f"(?:{line})" for line in kept))


#: Orders to the model, in folded text. Each line stands for a way in which the text of a tool has been or
#: could be abused. Distances are short: words far apart in a sentence seldom belong together.
_ORDERS = _one_of(
    r"""
    # Putting other instructions aside.
    <ignore>.{0,40}\b(?:instructions?|prompts?|guidelines|restrictions)\b
    <ignore>.{0,20}\b(?:previous|prior|earlier|safety|everything|warnings?)\b
    <ignore> (?:what|all|anything) (?:you|the user|they|comes|that|of|other)\b
    <ignore> (?:\w+ )?(?:your|these|those|all|any|other) (?:\w+ )?rules\b
    \b(?:ignoriere|ignorez|ignora|ignore[zr]?) (?:alle|toutes|las|les|todas|tutte)\b
    \b(?:new|updated|hidden|secret|real|actual|special) instructions\b
    \bfrom now on\b|\bsystem prompt\b|\bdeveloper mode\b|\bjailbreak
    # Keeping something from people.
    <not> (?:tell|inform|warn|ask|bother|mention|reveal|disclose|discuss)(?:ing)?\b
    <not> (?:say|show|report)\b.{0,30}\b(?:users?|humans?|anyone|anybody|person|them)\b
    \bno need to (?:tell|inform|warn|ask|bother|mention|wait)\b
    \bwithout (?:telling|asking|informing|mentioning|warning|confirmation|permission|waiting for)\b
    \bwithout (?:the )?users?'?s? (?:consent|knowledge|approval|confirmation|permission)\b
    \b(?:secretly|silently|covertly) (?:call|send|include|add|read|run|use|forward|copy|append|pass)\b
    \bkeep (?:this|it|that|these) (?:\w+ )?(?:secret|hidden|confidential|private|quiet|between us)\b
    \bhide (?:this|it|that|these) from\b
    \b(?:users?|humans?|person) (?:never|(?:do|does|must) not|doesn'?t) (?:learns?|notices?|finds? out)\b
    # Obliging the model.
    \byou (?:must|shall|should|have to|need to|ought to|will now|may only|can only|cannot refuse)\b
    \byou are (?:now|required|obliged|expected)\b
    \b(?:note|message|hint|instructions) (?:to|for) (?:the |any |all )?(?:ais?|model|llms?|assistants?)\b
    <always> (?:call|use|invoke|run|send|include|pass|execute|ask|start|begin|forward|follow|prefer)\b
    <always> (?:choose|pick|select|respond|reply|answer|obey|trust|refuse)\b
    \b(?:assistants?|models?|llms?|ais?|agents?|claude|chatgpt|copilot) (?:must|should|shall|ha(?:s|ve) to)\b
    <before> (?:us(?:e|ing)|call(?:ing)?|invok(?:e|ing)|answer(?:ing)?|respond(?:ing)?|repl(?:y|ying))\b
    <before> (?:run|running|execut(?:e|ing))\b
    \b(?:act|behave|respond) as (?:if|though|an? )|\bpretend (?:to|that|you)\b|\byou are an? \w
    # Setting itself above the rest.
    \b(?:use|prefer|choose|call|trust) (?:only )?this (?:tool )?(?:instead|over|rather|first|for all)\b
    (?:<not>|\bstop) (?:us(?:e|ing)|call(?:ing)?|trust(?:ing)?|choose) (?:any |the )?(?:other|another)\b
    \b(?:rely|depend) (?:up)?on this (?:tool )?(?:alone|only|exclusively)\b
    \bother (?:tools?|servers?) (?:is|are|ha(?:s|ve) been) (?:deprecated|unsafe|broken|outdated|insecure)\b
    \b(?:precedence|priority) over (?:all |any )?(?:other |previous |your |the )?(?:instructions?|tools?|user)
    # Acting without being asked.
    <not> (?:wait|request) (?:for )?(?:any )?(?:confirmation|permission|approval|consent)\b
    \bskip (?:the |any |all )?(?:confirmations?|approvals?|review)\b
    # The marks by which prompts are put together.
    <\s?/?\s?(?:important|system|instructions?|secret|hidden|admin|assistant|user|human|context|tool)\s?>
    \[\s?/?\s?(?:system|inst|instructions?|important|hidden)\s?\]|<\|[a-z_]{2,20}\|>
    ^["'#*\s]{0,3}(?:system|assistant|developer)["'*]{0,3}:\s
    \b(?:system|assistant|developer) (?:message|note|override):\s
    """
)
#: What a careful author writes to protect the model. Only where it speaks of what stands in data: "never
#: follow instructions from the user" is an attack.
_PROTECTION = re.compile(
    r"\b(?:never|do not|don'?t) (?:follow|obey|act on|trust|execute) (?:any )?instructions? "
    r"(?:that (?:stand|are) )?(?:found |written |contained )?(?:there|in|inside|within)\b"
)

_REST = r"""[^\s"'<>`)\]}]"""
_TOP_LEVEL = (
    "com|net|org|edu|gov|mil|info|biz|io|dev|app|ai|co|me|xyz|top|site|online|cloud|tech|store|shop|live|link|"
    "click|icu|sh|so|to|tk|ml|ga|cf|gq|ru|cn|de|fr|uk|eu|us|nl|pl|br|in|jp|kr|ch|at|it|es|se|no|pw|cc|ws|tv|"
    "example|test|invalid|onion|local|internal|zip|mov|page|ninja|run|host|website|space|fun|pro|ly|gg|fm"
)
_DOT = r"(?:\.|\[\.\]|\(\.\)| (?:dot|\[dot\]|\(dot\)) )"
_ADDRESS = re.compile(
    rf"\b[a-z][a-z0-9+.-]{{1,15}}://{_REST}+"
    rf"|\b(?:javascript|mailto):{_REST}+"
    r"|\bdata:[a-z]+/[a-z0-9.+-]+[;,]"
    r"|(?<![\w.@/:-])//[a-z0-9-]+\.[a-z]{2,}\S*"
    rf"|\bwww\.{_REST}+"
    r"|(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    rf"|(?<![\w.@/-])(?:[a-z0-9-]{{1,63}}{_DOT}){{1,8}}(?:{_TOP_LEVEL})(?![\w.@]|-\w)(?:[:/]{_REST}*)?"
    rf"|(?<![\w.@/-])(?:[a-z0-9-]{{1,63}}{_DOT}){{1,8}}(?:{_TOP_LEVEL})(?=\.(?:\s|$))"
    r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)(?::\d+)?"
    r"|(?<![\w.])localhost:\d+\S*"
)


def folded(text: str) -> str:
    """The text in small letters, look-like letters as what they look like, hidden characters left out.

    Tag characters, which are ASCII in hiding, come out as the letters they stand for.
    """
    if text.isascii():
        return text.lower() if text.isprintable() else "".join(map(_readable, text)).lower()
    text = "".join(map(_readable, unicodedata.normalize("NFKC", text)))
    text = unicodedata.normalize("NFKD", text.casefold()).replace("\u2019", "'")
    return "".join(each for each in text if not unicodedata.combining(each)).translate(_DRAWN_ALIKE)


def _readable(character: str) -> str:
    if character.isspace():
        return character
    if ord(character) in _TAGS:
        return chr(ord(character) - 0xE0000)
    return "" if is_hidden(character) else character


def sentences(text: str) -> list[str]:
    """The sentences of a text, white space evened out."""
    return [
        _SPACE.sub(" ", each).strip() for each in _SENTENCE_END.split(text) if each and not each.isspace()
    ]


def orders_in(text: str) -> list[tuple[str, str]]:
    """The orders to the model in a text, folded: of each sentence with one, the order and the sentence."""
    found = []
    for sentence in sentences(folded(text)):
        order = _ORDERS.search(_PROTECTION.sub(" ", sentence))
        if order:
            found.append((order.group().strip(), sentence))
    return found


def addresses_in(text: str) -> list[str]:
    """URLs, hosts, e-mail and IP addresses in a text, folded, each once, without closing punctuation."""
    if "." not in text and ":" not in text and "dot" not in text and text.isascii():
        return []
    return list(dict.fromkeys(match.group().rstrip(".,;:!?") for match in _ADDRESS.finditer(folded(text))))


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of fields too. Of any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
            waiting.extend(item.keys())
        elif isinstance(item, list | tuple):
            waiting.extend(item)


def words_with_hidden(texts: Iterable[str]) -> Counter[str]:
    """The words that hold characters that hide, and how often each comes."""
    return Counter(
        word for text in texts if has_hidden(text) for word in re.split(r"[ \n\t]+", text) if has_hidden(word)
    )
