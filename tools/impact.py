"""What a change would do to whom, found out before it is made: who loses or gains which tools, and how many
of the last calls would have been refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from audit.events import Event
from audit.models import AuditRow
from clients.models import Client, User
from tools.models import Stop, Tool
from tools.policy import access_of_everyone, tools_of_person
from tools.review import Classification

LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PersonImpact:
    """What one person loses and gains, by names clients see, and their calls to lost tools of late."""

    person: User
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change does to everybody it touches, by user name. Empty when it touches nobody."""

    people: tuple[PersonImpact, ...]

    @property
    def losing(self) -> tuple[PersonImpact, ...]:
        """Those who lose a tool."""
        return tuple(person for person in self.people if person.lost)

    @property
    def gaining(self) -> tuple[PersonImpact, ...]:
        """Those who gain a tool."""
        return tuple(person for person in self.people if person.gained)

    @property
    def lost_tools(self) -> tuple[str, ...]:
        """The tools that anybody loses."""
        return tuple(sorted({name for person in self.people for name in person.lost}))

    @property
    def gained_tools(self) -> tuple[str, ...]:
        """The tools that anybody gains."""
        return tuple(sorted({name for person in self.people for name in person.gained}))

    @property
    def calls(self) -> int:
        """Calls of the last 30 days that would have been refused."""
        return sum(person.calls for person in self.people)

    def in_words(self) -> str:
        """One or two sentences for a confirmation."""
        sentences = []
        if self.losing:
            sentences.append(
                f"{_counted(len(self.losing), 'person loses', 'people lose')} "
                f"{_counted(len(self.lost_tools), 'tool', 'tools')}; "
                f"{_counted(self.calls, 'call', 'calls')} of theirs in the last {LOOKS_BACK.days} days "
                "would have been refused."
            )
        if self.gaining:
            sentences.append(
                f"{_counted(len(self.gaining), 'person gains', 'people gain')} "
                f"{_counted(len(self.gained_tools), 'tool', 'tools')}."
            )
        return " ".join(sentences) or "Nobody loses or gains a tool by it."


def what_if(change: Callable[[], Any], *, tools: Iterable[Tool] | None = None) -> Impact:
    """What `change` would do, a function that writes to the database. Its writes are rolled back.

    It must not be a verb: those take the lock that admissions wait for. `tools` narrows the question to
    these, where nothing else can be concerned. What argument limits refuse isn't counted: the calls of the
    past don't hold their arguments whole.
    """
    now = timezone.now()
    asked = None if tools is None else list(tools)
    names = dict(
        (Tool.objects.all() if asked is None else Tool.objects.filter(pk__in=[tool.pk for tool in asked]))
        .values_list("pk", "client_name")
    )  # fmt: skip
    with transaction.atomic():
        before = access_of_everyone(now, tools=asked)
        change()
        after = access_of_everyone(now, tools=asked)
        transaction.set_rollback(True)
    lost = {user: before[user] - after.get(user, frozenset()) for user in before}
    gained = {user: after[user] - before.get(user, frozenset()) for user in after}
    return _impact(lost, gained, names)


def _impact(
    lost: dict[int, frozenset[int]], gained: dict[int, frozenset[int]], names: dict[int, str]
) -> Impact:
    touched = [user for user in {*lost, *gained} if lost.get(user) or gained.get(user)]
    calls = _calls_of({user: lost.get(user, frozenset()) for user in touched})
    people = User.objects.filter(pk__in=touched).order_by("username")
    return Impact(
        tuple(
            PersonImpact(
                person=person,
                lost=_named(lost.get(person.pk), names),
                gained=_named(gained.get(person.pk), names),
                calls=calls[person.pk],
            )
            for person in people
        )
    )


def of_disabling(tools: Iterable[Tool]) -> Impact:
    """What disabling these tools would do."""
    chosen = list(tools)
    ids = [tool.pk for tool in chosen]
    return what_if(lambda: Tool.objects.filter(pk__in=ids).update(state=Tool.State.DISABLED), tools=chosen)


def of_approving(tools: Iterable[Tool]) -> Impact:
    """What approving the discovered definitions of these tools would do."""
    chosen = list(tools)

    ids = [tool.pk for tool in chosen]

    def approve() -> None:
        # What was never discovered has nothing to approve.
        Tool.objects.filter(pk__in=ids, discovered_revision__isnull=False).update(
            state=Tool.State.APPROVED, approved_revision=F("discovered_revision"), approval_expires_at=None
        )

    return what_if(approve, tools=chosen)


def of_classifying(tools: Iterable[Tool], classification: Classification) -> Impact:
    """What classifying these tools so would do."""
    chosen = list(tools)
    fields = {
        name: value
        for name, value in (
            ("tightened_action", classification.tightened_action),
            ("risk", classification.risk),
        )
        if value is not None
    }
    return what_if(
        lambda: Tool.objects.filter(pk__in=[tool.pk for tool in chosen]).update(**fields) if fields else None,
        tools=chosen,
    )


def of_stopping(stop: Stop) -> Impact:
    """What this stop, not saved yet, would do. For a client, what its owner could do through it.

    Whoever it stops loses all that they can do with what it stops, so nothing needs to be tried out: that
    would hold up calls on SQLite, at the very moment when somebody is in a hurry.
    """
    if stop.level == Stop.Level.CLIENT and stop.client is not None:
        return _of_client(stop.client)
    now = timezone.now()
    if stop.level == Stop.Level.PERSON and stop.person is not None:
        tools = tools_of_person(stop.person, now)
        lost = {stop.person.pk: frozenset(tool.pk for tool in tools)}
    else:
        asked = {
            Stop.Level.SERVER: Tool.objects.filter(server=stop.server_id),
            Stop.Level.TOOL: Tool.objects.filter(pk__in=[stop.tool_id]),
        }.get(Stop.Level(stop.level), Tool.objects.all())
        tools = list(asked)
        lost = access_of_everyone(now, tools=tools)
    return _impact(lost, {}, {tool.pk: tool.client_name for tool in tools})


def _of_client(client: Client) -> Impact:
    """What its owner can do through this client: other clients of theirs go on."""
    now = timezone.now()
    lost = tuple(tool.client_name for tool in tools_of_person(client.owner, now, client=client))
    rows = AuditRow.objects.filter(
        actor_id=str(client.owner_id), event=Event.CALL_ADMITTED, client_id=str(client.pk),
        at__gte=now - LOOKS_BACK,
    )  # fmt: skip
    return Impact((PersonImpact(client.owner, lost, (), rows.count()),) if lost else ())


def _calls_of(lost: dict[int, frozenset[int]]) -> Counter[int]:
    """How many calls these people made to these tools of late, by user id."""
    counts: Counter[int] = Counter()
    tool_ids = {tool for tools in lost.values() for tool in tools}
    if not tool_ids:
        return counts
    rows = AuditRow.objects.filter(
        event=Event.CALL_ADMITTED, at__gte=timezone.now() - LOOKS_BACK, tool_id__in=tool_ids
    )
    for actor_id, tool_id, count in (
        rows.order_by().values("actor_id", "tool_id").annotate(calls=Count("pk"))
        .values_list("actor_id", "tool_id", "calls")
    ):  # fmt: skip
        if actor_id.isdigit() and tool_id in lost.get(int(actor_id), ()):
            counts[int(actor_id)] += count
    return counts


def _named(tool_ids: frozenset[int] | None, names: dict[int, str]) -> tuple[str, ...]:
    return tuple(sorted(names.get(tool_id, "a tool") for tool_id in tool_ids or ()))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
