"""How Opsgenie's things are named in arguments, in the form a person would write.

Opsgenie wants to be told what kind of identifier it is given (`identifierType`). The value shows it: a UUID
is an id, a UUID with milliseconds an alert's id, digits alone a tiny id, anything else a name or alias. The
`identifier_type` argument overrules the guess, for an alias of digits or a name that looks like an id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from catalog.connectors.opsgenie.parameters import NAME_PATTERN, Parameter, Place, choice, text, text_list

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ALERT_ID = re.compile(UUID.pattern + r"-[0-9]{10,14}", re.IGNORECASE)
_TINY_ID = re.compile(r"[0-9]{1,10}")

# What a recipient of each type is called besides its id.
_NAME_KEYS = {"user": "username", "team": "name", "escalation": "name", "schedule": "name"}


def is_uuid(value: str) -> bool:
    """Whether it has the form of an Opsgenie id (alerts have longer ones)."""
    return UUID.fullmatch(value) is not None


def _alert_kind(value: str) -> str:
    if _ALERT_ID.fullmatch(value):
        return "id"
    return "tiny" if _TINY_ID.fullmatch(value) else "alias"


def _incident_kind(value: str) -> str:
    return "tiny" if _TINY_ID.fullmatch(value) else "id"


def _kind_or(word: str) -> Callable[[str], str]:
    return lambda value: "id" if is_uuid(value) else word


def _pair(
    description: str,
    kinds: Sequence[str],
    kind_of: Callable[[str], str],
    kind_wire: str,
    *,
    name: str = "identifier",
    wire: str = "",
) -> tuple[Parameter, Parameter]:
    return (
        path_name(name, description, kind_of=kind_of, kind_wire=kind_wire, wire=wire),
        choice(
            f"{name}_type",
            f"What {name} is; told from its form when left out.",
            kinds,
            wire=kind_wire,
            place=Place.QUERY,
        ),
    )


def path_name(name: str, description: str, *, max_length: int = 512, **routing: Any) -> Parameter:
    """A required name or id that is one segment of the path."""
    return text(name, description, max_length=max_length, pattern=NAME_PATTERN, required=True, **routing)


def alert_identifier(kind_wire: str = "identifierType") -> tuple[Parameter, Parameter]:
    """An alert by id, tiny id or alias."""
    return _pair(
        "The alert's id, tiny id or alias; an alias finds open alerts only.",
        ("id", "tiny", "alias"),
        _alert_kind,
        kind_wire,
    )


def incident_identifier() -> tuple[Parameter, Parameter]:
    """An incident by id or tiny id."""
    return _pair("The incident's id or tiny id.", ("id", "tiny"), _incident_kind, "identifierType")


def named_identifier(
    what: str,
    *,
    kind_wire: str = "identifierType",
    word: str = "name",
    name: str = "identifier",
    wire: str = "",
) -> tuple[Parameter, Parameter]:
    """A thing by id or by name (or `word`)."""
    description = f"The {what}'s id or {word}."
    return _pair(description, ("id", word), _kind_or(word), kind_wire, name=name, wire=wire)


def user_identifier() -> tuple[Parameter]:
    """A user by id or username; Opsgenie tells the two apart itself."""
    return (path_name("identifier", "The user's id or username (an e-mail address)."),)


def reference(
    name: str, description: str, *, name_key: str = "name", required: bool = False, **routing: Any
) -> Parameter:
    """Something named inside a body: sent as `{"id": …}` or `{"name": …}`."""

    def encode(value: str) -> dict[str, str]:
        return {"id" if is_uuid(value) else name_key: value}

    return text(name, description, required=required, **{"encode": encode, **routing})


def user_reference(name: str, description: str, *, required: bool = False, **routing: Any) -> Parameter:
    """A user named inside a body, by id or username."""
    return reference(name, description, name_key="username", required=required, **routing)


def recipient(
    name: str, description: str, kinds: Sequence[str], *, required: bool = False, **routing: Any
) -> Parameter:
    """One `type:name`, such as `team:payments` or `user:ana@example.com`."""
    return text(
        name,
        description,
        pattern=_recipient_pattern(kinds),
        required=required,
        **{"encode": encode_recipient, **routing},
    )


def recipients(
    name: str,
    description: str,
    kinds: Sequence[str],
    *,
    max_items: int = 50,
    required: bool = False,
    **routing: Any,
) -> Parameter:
    """A list of `type:name`; `none` among the kinds stands for nobody."""
    return text_list(
        name,
        description,
        max_items=max_items,
        pattern=_recipient_pattern(kinds),
        required=required,
        encode=lambda values: [encode_recipient(value) for value in values],
        **routing,
    )


def _recipient_pattern(kinds: Sequence[str]) -> str:
    named = "|".join(kind for kind in kinds if kind in _NAME_KEYS)
    bare = "".join(f"{kind}$|" for kind in kinds if kind not in _NAME_KEYS)
    return rf"^({bare}({named}):\S)"


def encode_recipient(value: str) -> dict[str, str]:
    """`team:payments` → `{"type": "team", "name": "payments"}`; `none` → `{"type": "none"}`."""
    kind, _, name = value.partition(":")
    if not name:
        return {"type": kind}
    return {"type": kind, "id" if is_uuid(name) else _NAME_KEYS[kind]: name}
