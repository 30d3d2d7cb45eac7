"""Finding the person, client and tool that somebody named, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from clients.models import Client, User
from tools.models import Tool

MOST_OPTIONS = 20
_LONGEST = 254

Named = TypeVar("Named", bound=Model)


@dataclass(frozen=True, slots=True)
class Found(Generic[Named]):
    """`chosen` was named; without it one of `options` may be meant, and `problem` says what to do."""

    text: str
    chosen: Named | None = None
    options: tuple[Named, ...] = ()
    problem: str = ""


def find_person(text: str, *, may_search: bool = True) -> Found[User]:
    """The person with this user name or e-mail address, or those whose names hold the text.

    For whoever may not search among people, only the one with exactly this user name.
    """
    text = _clean(text)
    people = User.objects.order_by("username")
    if not may_search:
        return _found(text, people, (Q(username=text),), Q(pk__in=()), "person")
    exact = (Q(username=text), Q(email__iexact=text))
    partly = _holding(text, "username", "email", "first_name", "last_name")
    return _found(text, people, exact, partly, "person")


def find_tool(text: str) -> Found[Tool]:
    """The tool with this name, or those whose names or domain hold the text."""
    text = _clean(text)
    tools = Tool.objects.select_related("server").order_by("client_name")
    return _found(
        text, tools, (Q(client_name=text),), _holding(text, "client_name", "name", "domain"), "tool"
    )


def client_of(person: User | None, text: str) -> tuple[Client | None, str]:
    """The person's client with this id, and a sentence when the id is none of theirs."""
    if not text or person is None:
        return None, ""
    try:
        client = person.clients.select_related("owner").filter(pk=UUID(text)).first()
    except ValueError:
        client = None
    if client is None:
        return None, f"That is no client of {person}'s. The answer is for any client of theirs."
    return client, ""


def _found(text: str, rows: QuerySet[Named], exact: tuple[Q, ...], partly: Q, word: str) -> Found[Named]:
    if not text:
        return Found(text)
    for named in exact:
        chosen = rows.filter(named).first()
        if chosen is not None:
            return Found(text, chosen)
    options = tuple(rows.filter(partly)[: MOST_OPTIONS + 1])
    if len(options) == 1:
        return Found(text, options[0])
    if not options:
        return Found(text, problem=f"No {word} has “{text}” in its name. Check the spelling.")
    more = f"More than {MOST_OPTIONS} have" if len(options) > MOST_OPTIONS else "Several have"
    return Found(text, None, options[:MOST_OPTIONS], f"{more} “{text}” in their names: choose a {word}.")


def _holding(text: str, *columns: str) -> Q:
    """Rows that have every word somewhere in these columns."""
    everywhere = Q()
    for word in text.split():
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        everywhere &= anywhere
    return everywhere


def _clean(text: str) -> str:
    # PostgreSQL refuses text with U+0000, and nothing is named by it.
    return text.replace("\0", " ").strip()[:_LONGEST]
