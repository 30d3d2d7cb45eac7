"""What waits for a reviewer: read here, decided in `tools.review`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from clients.models import User
from tools.definition_changes import is_severe
from tools.four_eyes import endorsements
from tools.models import Action, Review, Tool
from tools.review import UNDO_WITHIN
from tools.reviewers import reviewable
from tools.second_looks import SecondLook, grade_of, second_looks

WAITING = (Tool.State.PENDING, Tool.State.CHANGED)
SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What the inbox is narrowed to, as text from an address; "" is no limit. Nonsense fits no tool."""

    server: str = ""
    domain: str = ""
    action: str = ""
    state: str = ""
    grade: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """From the parameters of an address."""
        return cls(**{name: query.get(name, "") for name in cls.__dataclass_fields__})

    @property
    def query(self) -> str:
        """The parameters of an address, "" for none, else with the question mark."""
        given = {name: value for name, value in asdict(self).items() if value}
        return f"?{urlencode(given)}" if given else ""

    def narrow(self, tools: QuerySet[Tool]) -> QuerySet[Tool]:
        """Those of `tools` that fit, as far as the database can tell: the grade is `ids_in_order`'s."""
        if self.server:
            is_id = self.server.isascii() and self.server.isdigit() and len(self.server) < 19
            tools = tools.filter(server=int(self.server)) if is_id else tools.none()
        if self.domain:
            tools = tools.none() if "\0" in self.domain else tools.filter(domain=self.domain)
        if self.state:
            tools = tools.filter(state=self.state) if self.state in WAITING else tools.none()
        if self.action:
            tools = tools.filter(_acting(self.action))
        return tools


def waiting(person: User) -> QuerySet[Tool]:
    """Pending and changed tools that the person may decide about, the longest waiting first."""
    return reviewable(person, Tool.objects.filter(state__in=WAITING)).order_by("state_since", "pk")


def count_waiting(person: User) -> int:
    """How many tools wait for the person."""
    return waiting(person).count()


def ids_in_order(person: User, narrowed: InboxFilter) -> list[int]:
    """The ids of the waiting tools that fit the filter, in the inbox's order."""
    found = narrowed.narrow(waiting(person))
    if not narrowed.grade:
        return list(found.values_list("pk", flat=True))
    if narrowed.grade != SEVERE:
        return []
    changed = found.filter(approved_revision__isnull=False).exclude(
        approved_revision=F("discovered_revision")
    )
    return [
        tool.pk
        for tool in changed.select_related("approved_revision", "discovered_revision")
        if (grade := grade_of(tool)) is not None and is_severe(grade)
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool of the inbox. `endorsement` is the first of two approvals where one was given."""

    tool: Tool
    look: SecondLook
    endorsement: Review | None

    @property
    def age(self) -> str:
        """How long it has waited, in words."""
        return in_words(self.tool.state_since)

    @property
    def action(self) -> Action:
        return action_once_approved(self.tool)


def entries(tool_ids: Iterable[int]) -> list[Entry]:
    """These tools with all that the inbox says of them, in their order. Ids that are gone are left out."""
    ids = list(tool_ids)
    found = Tool.objects.select_related("server", "approved_revision", "discovered_revision")
    tools = {tool.pk: tool for tool in found.filter(pk__in=ids)}
    looks = second_looks(tools.values())
    endorsed = endorsements(ids)
    return [Entry(tools[pk], looks[pk], next(iter(endorsed.get(pk, ())), None)) for pk in ids if pk in tools]


def action_once_approved(tool: Tool) -> Action:
    """What the tool will do as far as access goes once its discovered definition is approved."""
    actions = (Action(tool.action), Action(tool.tightened_action or tool.action))
    return max(actions, key=lambda action: action.rank)


def in_words(moment: datetime) -> str:
    """How long ago a moment was, in its largest unit: "3 days"."""
    # Django joins number and unit so that they stay on one line; a name is searched for with a space.
    return timesince(moment, depth=1).replace("\N{NO-BREAK SPACE}", " ")


@dataclass(frozen=True, slots=True)
class Undoable:
    """What a reviewer decided last and may still take back."""

    batch: uuid.UUID
    decision: str
    count: int
    tool_name: str
    ends_at: datetime

    @property
    def seconds_left(self) -> int:
        return max(0, int((self.ends_at - timezone.now()).total_seconds()))

    @property
    def what(self) -> str:
        """The sentence that stands beside the button."""
        return f"{self.tool_name if self.count == 1 else f'{self.count:,} tools'} {self.decision}."


def undoable(person: User) -> Undoable | None:
    """The person's last decision, while it can be undone: within its minute, with nothing decided since."""
    recent = Review.objects.filter(reviewer_id=str(person.pk), at__gt=timezone.now() - UNDO_WITHIN)
    batches = (
        recent.order_by()
        .values("batch")
        .annotate(last=Max("pk"), began=Min("at"), tools=Count("pk"))
        .order_by("-last")
    )
    for batch in batches[:10]:
        reviews = Review.objects.filter(batch=batch["batch"])
        newer = Review.objects.filter(tool=OuterRef("tool"), pk__gt=OuterRef("pk"))
        newest = reviews.get(pk=batch["last"])
        if newest.decision == Review.Decision.UNDO or reviews.filter(Exists(newer)).exists():
            continue
        return Undoable(
            batch=newest.batch,
            decision=newest.get_decision_display(),
            count=batch["tools"],
            tool_name=str(newest.tool),
            ends_at=batch["began"] + UNDO_WITHIN,
        )
    return None


def _acting(action: str) -> Q:
    """The tools that do this once approved, by their discovered action and a reviewer's stricter word."""
    wanted = Q(pk__in=())
    for discovered in Action:
        for tightened in ("", *Action):
            stricter = max(discovered, Action(tightened or discovered), key=lambda each: each.rank)
            if stricter == action:
                wanted |= Q(action=discovered, tightened_action=tightened)
    return wanted
