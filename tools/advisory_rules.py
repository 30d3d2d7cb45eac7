"""What the advisory scan looks for in a text, a function a rule. Each is linear in the length of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set

from tools.text_signs import addresses_in, folded, orders_in, sentences

# What should not leave a conversation or a machine.
_PRECIOUS = (
    r"(?:conversations?|chat (?:history|log)s?|message history|(?:previous|earlier|prior|all|"
    r"users?'?s?) messages|"
    r"(?:system |initial |full |user'?s? )prompts?|credentials?|api[ _-]?keys?|passwords?|passphrases?|"
    r"secrets?|"
    r"(?:access|bearer|session|auth|refresh|api) tokens?|private keys?|ssh keys?|cookies|"
    r"environment(?: variables?)?|env(?:ironment)? vars?|config(?:uration)? files?|"
    r"(?:your|these|all|the) (?:instructions|context|memory|reasoning|files)|full context|"
    r"hidden reasoning|your reasoning|entire context|"
    r"contents? of (?:the |any |all |every )?(?:\w+ )?(?:files?|conversation|inbox|memory|workspace|"
    r"repository)|"
    r"everything (?:you|the user|above|so far|in)|chain of thought|list of (?:all )?(?:other |"
    r"available )?tools)"
)
_HAND_OVER = (
    r"\b(?:send|forward|post|upload|transmit|e-?mail|exfiltrate|leak|submit|deliver|copy|bcc|cc|paste|"
    r"include|pass|"
    r"put|add|append|attach|provide|supply|write|share|insert|embed|repeat|collect|give|encode|fill|"
    r"return|summari[sz]e)\b"
)
_WITH_PRECIOUS = re.compile(rf"{_HAND_OVER}.{{0,80}}?\b{_PRECIOUS}\b")
_SEND = re.compile(
    r"\b(?:send|forward|post|upload|transmit|e-?mail|submit|deliver|copy|bcc|cc|report|leak)\b"
)
_TO_SOMEWHERE = re.compile(
    r"\b(?:send|forward|upload|transmit|e-?mail|submit|deliver|copy|bcc|"
    r"leak)\b.{0,80}\bto (?:the following|this|our|"
    r"an external|a remote|my) (?:url|address|server|endpoint|webhook|host|site|e-?mail|channel|account)\b"
    r"|\bsend (?:everything|all of it|it all)\b"
)
_SECRET_FILES = re.compile(
    r"~/\.\w+|/etc/(?:passwd|shadow)|\bid_(?:rsa|ed25519)\b|(?<![\w.])\.env\b|\.(?:ssh|aws|kube|cursor)/|"
    r"\bmcp\.json\b|\bauthorized_keys\b"
)
#: Marks a tool's name in a sentence; no text has it after folding.
_MARK = "\0"
_STEERING = re.compile(
    rf"\b(?:before|instead of|rather than|never|do not|don't|always|must|only|whenever|every time|"
    rf"each time|first|"
    rf"stop|avoid|when|prior to)(?: you)?(?: (?:using|use|calling|call|invoking|invoke|running|run|"
    rf"trusting|trust|the|"
    rf"tool|to))*[ `\"']*{_MARK}"
    rf"|{_MARK}[`\"']*(?: tool)? (?:is|are|has been|was|must|should|will be|needs|"
    rf"requires) (?:now )?(?:deprecated|"
    rf"broken|unsafe|insecure|obsolete|replaced|removed|disabled|compromised|outdated|unreliable|not be|be)\b"
    rf"|\b(?:result|results|output|outputs|argument|arguments|parameters?|behaviou?r|answer) (?:of|to|"
    rf"from|for) "
    rf"[`\"']*{_MARK}"
    rf"|\b(?:replaces|supersedes|overrides|intercepts)\b.{{0,20}}{_MARK}"
)
_NAME = re.compile(r"[^\W_][\w-]*")
_ENCODED = re.compile(
    r"(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/_-]{0,200}\d)(?=[A-Za-z0-9+/_-]{0,200}[A-Z])[A-Za-z0-9+/_-]{48,}={0,2}"
    r"|(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){32,}(?![0-9A-Za-z])"
    r"|(?:\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};){8,}"
    r"|\b[01]{8}(?: [01]{8}){5,}"
    r"|\bdata:[a-zA-Z]+/[a-zA-Z0-9.+-]+[;,]|\bdata:;base64,|\b(?:base64|rot13|hex)[ -]?(?:decode|decoded)\b|"
    r"\b(?:decode|unhex) (?:this|the following|it)\b"
)
_REMOTE_IMAGE = re.compile(
    r"!\[[^\]\n]{0,200}\]\(\s?(?:https?:)?//[^)\s]*|<img\b[^>]{0,200}\bsrc\b", re.IGNORECASE
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:passwords?|passwd|pwd|passphrase|secrets?|credentials?|api_?keys?|private_?keys?|ssh_?keys?|"
    r"secret_?keys?|auth_?keys?|(?:access|auth|bearer|refresh|session|id|api|security|oauth|"
    r"jwt)_?tokens?|cookies?|"
    r"otp|mfa_?codes?|pin_?code|ssn|credit_?cards?|card_?numbers?|cvv)(?:_(?:value|text|string|"
    r"plain))?$|^(?:token|authorization|"
    r"jwt|auth)$"
)
_CONVERSATION_NAME = re.compile(
    r"(?:^|_)(?:system_?prompt|conversations?(?:_?(?:history|log|context|id))?|chat_?(?:history|log)|"
    r"message_?history|"
    r"previous_?messages|full_?context|chain_?of_?thought|user_?prompt|original_?prompt|"
    r"model_?instructions)(?:$|_)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_IMITATING = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_STYLED = ("MATHEMATICAL", "FULLWIDTH")


def steered_tools(text: str, names: Set[str]) -> Iterator[str]:
    """Sentences that tell the model how to use one of the tools so named. The names are in small letters."""
    if not names:
        return
    ordered = {sentence for _, sentence in orders_in(text)}
    for sentence in sentences(folded(text)):
        marked = _NAME.sub(lambda word: _MARK if _names_a_tool(word, names) else word.group(), sentence)
        if _MARK in marked and (sentence in ordered or _STEERING.search(marked)):
            yield sentence


def _names_a_tool(word: re.Match[str], names: Set[str]) -> bool:
    name = word.group()
    if name not in names:
        return False
    if "_" in name or "-" in name:
        return True
    # A plain word such as "search" names a tool only where it is set apart or called one.
    before, after = word.string[: word.start()][-1:], word.string[word.end() :][:6]
    return (before in "`\"'" and before != "") or after.startswith((" tool", "()"))


def exfiltration(text: str) -> Iterator[str]:
    """Sentences that ask to pass on what should stay, or to send something to an address."""
    for sentence in sentences(folded(text)):
        if (
            _WITH_PRECIOUS.search(sentence)
            or _TO_SOMEWHERE.search(sentence)
            or _SECRET_FILES.search(sentence)
            or (_SEND.search(sentence) and addresses_in(sentence))
        ):
            yield sentence


def encoded(text: str) -> Iterator[str]:
    """What can't be read as it stands: Base64, hexadecimal, escapes, data URLs."""
    return (match.group() for match in _ENCODED.finditer(text))


def remote_images(text: str) -> Iterator[str]:
    """Images of Markdown or HTML that would be fetched from somewhere."""
    return (match.group() for match in _REMOTE_IMAGE.finditer(text))


def asks_for_a_secret(name: str) -> bool:
    """Whether a parameter of this name would hold a secret."""
    return bool(_SECRET_NAME.search(_snake(name)))


def asks_for_the_conversation(name: str) -> bool:
    """Whether a parameter of this name would hold what was said to the model."""
    return bool(_CONVERSATION_NAME.search(_snake(name)))


def _snake(name: str) -> str:
    return re.sub(r"[\W_]+", "_", folded(_CAMEL.sub("_", name)))


def mixed_scripts(text: str) -> Iterator[str]:
    """Words of letters from scripts that are drawn alike, or of letters styled to imitate plain ones."""
    if text.isascii():
        return
    for match in _WORD.finditer(text):
        word = match.group()
        if not word.isascii() and (_mixes(word) or _is_styled(word)):
            yield word


def _mixes(word: str) -> bool:
    scripts = {
        script for each in word for script in _IMITATING if unicodedata.name(each, "").startswith(script)
    }
    # Δt, kΩ and μs are science.
    return len(scripts) > 1 and not (scripts == {"LATIN", "GREEK"} and len(word) <= 3)


def _is_styled(word: str) -> bool:
    return any(unicodedata.name(each, "").startswith(_STYLED) for each in word) and len(word) > 2
