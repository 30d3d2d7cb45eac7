"""Who reviews the tools of which server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tools.models import ReviewAssignment, Tool

REVIEW_ALL = "tools.review_tool"
REVIEW_ASSIGNED = "tools.review_assigned_tool"


def assign(*, actor: Actor, server: Server, reviewers: Iterable[User]) -> None:
    """Let exactly these people review the server's tools, besides those who review everything.

    Raises PermissionDenied without `tools.assign_reviewer`, ValidationError for somebody whose permissions
    don't let them review.
    """
    actor.require("tools.assign_reviewer")
    wanted = {person.pk: person for person in reviewers}
    for person in wanted.values():
        if not may_review_something(person):
            raise ValidationError(
                {"reviewers": f"{person} has no permission to review. Put them into the group Reviewer."}
            )
    with governed():
        assigned = {
            assignment.reviewer_id: assignment
            for assignment in ReviewAssignment.objects.select_for_update(of=("self",))
            .filter(server=server)
            .select_related("reviewer")
        }
        for reviewer_id, assignment in assigned.items():
            if reviewer_id not in wanted:
                assignment.delete()
                _record(Event.REVIEWER_UNASSIGNED, actor, server, assignment.reviewer)
        for reviewer_id, person in wanted.items():
            if reviewer_id not in assigned:
                ReviewAssignment.objects.create(server=server, reviewer=person)
                _record(Event.REVIEWER_ASSIGNED, actor, server, person)


def may_review_something(person: User) -> bool:
    """Whether the person may decide about tools at all, of every server or of those assigned to them."""
    return person.has_perm(REVIEW_ALL) or person.has_perm(REVIEW_ASSIGNED)


def reviewable(person: User, tools: QuerySet[Tool]) -> QuerySet[Tool]:
    """Those of `tools` that the person may decide about."""
    if person.has_perm(REVIEW_ALL):
        return tools
    if person.has_perm(REVIEW_ASSIGNED):
        return tools.filter(server__review_assignments__reviewer=person.pk)
    return tools.none()


def reviewers_of(server_ids: Collection[int]) -> Callable[[str, int], bool]:
    """Whether the person with an id may decide about the tools of a server, one of these, as things are."""
    assigned = set(
        ReviewAssignment.objects.filter(server__in=server_ids).values_list("reviewer_id", "server_id")
    )

    @cache
    def person_with(reviewer_id: str) -> User | None:
        # A decision of the portal's own has no person behind it.
        return User.objects.filter(pk=int(reviewer_id)).first() if reviewer_id.isdecimal() else None

    def may_review(reviewer_id: str, server_id: int) -> bool:
        person = person_with(reviewer_id)
        if person is None:
            return False
        # Of somebody inactive, each of these is a no.
        return person.has_perm(REVIEW_ALL) or (
            (person.pk, server_id) in assigned and person.has_perm(REVIEW_ASSIGNED)
        )

    return may_review


def require_reviewer(actor: Actor, tools: Iterable[Tool]) -> None:
    """Raise PermissionDenied unless the actor may decide about each of these tools."""
    if actor.kind == AuditRow.ActorKind.SYSTEM:
        return
    if actor.user is not None and actor.user.has_perm(REVIEW_ALL):
        return
    if actor.user is None or not actor.user.has_perm(REVIEW_ASSIGNED):
        raise PermissionDenied(f"{actor.name} needs the permission {REVIEW_ALL} for this.")
    assigned = set(
        ReviewAssignment.objects.filter(reviewer=actor.user.pk).values_list("server_id", flat=True)
    )
    foreign = sorted({str(tool.server) for tool in tools if tool.server_id not in assigned})
    if foreign:
        raise PermissionDenied(f"{actor.name} doesn't review the tools of {', '.join(foreign)}.")


def _record(event: Event, actor: Actor, server: Server, person: User) -> None:
    log.record(event, actor=actor, subject=server, detail={"reviewer": person.get_username()})
