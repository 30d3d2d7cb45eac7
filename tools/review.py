"""Deciding about tools. With discovery, which only ever takes approval away, the writer of their state."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit import log, portal_settings
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.models import Action, Review, Risk, Tool
from tools.reviewers import require_reviewer
from tools.severity import is_severe_between

LONGEST_COMMENT = 2_000
APPROVABLE = (Tool.State.PENDING, Tool.State.CHANGED, Tool.State.DISABLED)
DISABLEABLE = (Tool.State.PENDING, Tool.State.APPROVED, Tool.State.CHANGED)
UNDO_WITHIN = timedelta(minutes=1)
#: Of a tool's columns, those a decision may change, and so an undo brings back.
_DECIDED = ("state", "approved_revision_id", "approval_expires_at", "tightened_action", "risk")


class ReviewRefused(ValidationError):
    """A decision that no longer fits what it is about. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the reviewer saw of a tool: the decision counts for exactly this."""

    tool_id: int
    state: str
    digest: str


@dataclass(frozen=True, slots=True)
class Classification:
    """A reviewer's word on what a tool does and how much it worries them; None leaves it as it is.

    `tightened_action` "" takes a stricter word back.
    """

    tightened_action: str | None = None
    risk: str | None = None


def shown(tool: Tool) -> Shown:
    """What a page that displays `tool` now must send back with the decision."""
    digest = tool.discovered_revision.digest if tool.discovered_revision else ""
    return Shown(tool_id=tool.pk, state=tool.state, digest=digest)


def approve(
    *,
    actor: Actor,
    decisions: Sequence[Shown],
    comment: str = "",
    expires_at: datetime | None = None,
    classification: Classification | None = None,
) -> list[Tool]:
    """Approve the discovered definition of each tool, all or none, until `expires_at` if that is given.

    With *four eyes* on, a severe change is only endorsed by the first reviewer: it stays `changed` until
    somebody else approves the same definition.

    Raises PermissionDenied for a tool that the actor doesn't review, ReviewRefused when a tool's state or
    definition is not the one that was shown any more, or can't be approved; ValidationError for bad fields.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "The end of the approval must lie in the future."})
    batch = uuid.uuid4()

    def decide(tool: Tool, item: Shown) -> None:
        _require_state(tool, APPROVABLE, Review.Decision.APPROVE)
        before = _columns(tool)
        if classification is not None:
            _classify(tool, classification)
        if _needs_second_reviewer(tool) and not _is_endorsed_by_another(actor, tool):
            _endorse(actor, tool, comment, batch, before)
            return
        tool.approved_revision = tool.discovered_revision
        tool.approval_expires_at = expires_at
        _move(tool, Tool.State.APPROVED)
        _keep(actor, tool, Review.Decision.APPROVE, Event.TOOL_APPROVED, comment, batch, before)

    return _each(actor, decisions, comment, decide)


def disable(*, actor: Actor, decisions: Sequence[Shown], comment: str = "") -> list[Tool]:
    """Refuse all calls to each tool from now on, all or none. Raises as `approve` does."""
    batch = uuid.uuid4()

    def decide(tool: Tool, item: Shown) -> None:
        _require_state(tool, DISABLEABLE, Review.Decision.DISABLE)
        before = _columns(tool)
        _move(tool, Tool.State.DISABLED)
        _keep(actor, tool, Review.Decision.DISABLE, Event.TOOL_DISABLED, comment, batch, before)

    return _each(actor, decisions, comment, decide)


def classify(
    *, actor: Actor, decisions: Sequence[Shown], classification: Classification, comment: str = ""
) -> list[Tool]:
    """Set how dangerous tools are, and a stricter action than they were discovered with, all or none.

    Raises as `approve` does, and ValidationError for an action that would be milder than the discovered one.
    """
    batch = uuid.uuid4()

    def decide(tool: Tool, item: Shown) -> None:
        before = _columns(tool)
        _classify(tool, classification)
        _keep(actor, tool, Review.Decision.CLASSIFY, Event.TOOL_CLASSIFIED, comment, batch, before)

    return _each(actor, decisions, comment, decide)


def undo(*, actor: Actor, batch: uuid.UUID) -> list[Tool]:
    """Take back decisions taken together, within a minute, by the reviewer who took them, all or none.

    Raises ReviewRefused when the minute is over or something happened to one of the tools since,
    PermissionDenied for somebody else's decisions.
    """
    with governed():
        reviews = list(
            Review.objects.filter(batch=batch).select_related("tool__server", "revision").order_by("pk")
        )
        if not reviews:
            raise ReviewRefused("There is nothing to undo.")
        if any(review.reviewer_id != actor.id for review in reviews):
            raise PermissionDenied("A decision is undone by the reviewer who took it.")
        if timezone.now() > reviews[0].at + UNDO_WITHIN:
            raise ReviewRefused("The minute for undoing is over. Decide about the tools again.")
        locked = Tool.objects.select_for_update(of=("self",)).select_related(
            "server", "discovered_revision", "approved_revision"
        )
        tools = {tool.pk: tool for tool in locked.filter(pk__in=[review.tool_id for review in reviews])}
        require_reviewer(actor, tools.values())
        return [_undo_one(actor, tools[review.tool_id], review) for review in reviews]


def _undo_one(actor: Actor, tool: Tool, review: Review) -> Tool:
    newest = Review.objects.filter(tool=tool).order_by("-pk").values_list("pk", flat=True).first()
    if review.pk != newest or tool.discovered_revision_id != review.revision_id:
        raise ReviewRefused(f"Something happened to {tool} since. Decide about it again.")
    before = _columns(tool)
    for name in _DECIDED:
        setattr(tool, name, review.before[name])
    if tool.approval_expires_at is not None:
        tool.approval_expires_at = datetime.fromisoformat(str(tool.approval_expires_at))
    tool.state_since = timezone.now()
    comment = f"Undoes: {review.get_decision_display()}."
    _keep(actor, tool, Review.Decision.UNDO, Event.TOOL_DECISION_UNDONE, comment, uuid.uuid4(), before)
    return tool


def expire_approvals(*, actor: Actor) -> list[Tool]:
    """Send tools back to review whose approval was for a time that has passed. Calls were refused already."""
    expired = Tool.objects.filter(state=Tool.State.APPROVED, approval_expires_at__lte=timezone.now())
    # Without any, no lock is taken: this runs every minute.
    if not expired.exists():
        return []
    with governed():
        tools = list(expired.select_for_update(of=("self",)).select_related("server", "approved_revision"))
        for tool in tools:
            before = _snapshot(tool)
            _move(tool, Tool.State.PENDING)
            tool.save(update_fields=["state", "state_since"])
            log.record(
                Event.TOOL_APPROVAL_EXPIRED, actor=actor, subject=tool, before=before, after=_snapshot(tool)
            )
    return tools


def _each(
    actor: Actor, decisions: Sequence[Shown], comment: str, decide: Callable[[Tool, Shown], None]
) -> list[Tool]:
    if len(comment.strip()) > LONGEST_COMMENT:
        raise ValidationError({"comment": f"Shorten the comment to {LONGEST_COMMENT:,} characters."})
    require_reviewer(actor, ())
    with governed():
        locked = Tool.objects.select_for_update(of=("self",)).select_related(
            "server", "discovered_revision", "approved_revision"
        )
        tools = {
            tool.pk: tool
            for tool in locked.filter(pk__in=[item.tool_id for item in decisions]).order_by("pk")
        }
        require_reviewer(actor, tools.values())
        for item in decisions:
            if item.tool_id not in tools:
                raise ReviewRefused("One of the tools no longer exists. Reload the list.")
            tool = tools[item.tool_id]
            if shown(tool) != item:
                raise ReviewRefused(f"{tool} changed while you were looking at it. Review it again.")
            decide(tool, item)
        return [tools[item.tool_id] for item in decisions]


def _require_state(tool: Tool, allowed: Sequence[str], decision: Review.Decision) -> None:
    if tool.state not in allowed:
        raise ReviewRefused(f"{tool} is {tool.get_state_display()} and can't be {decision.label} from there.")


def _classify(tool: Tool, classification: Classification) -> None:
    if classification.risk is not None:
        if classification.risk not in Risk.values:
            raise ValidationError({"risk": f"Choose one of {', '.join(Risk.values)}."})
        tool.risk = classification.risk
    if classification.tightened_action is not None:
        tightened = classification.tightened_action
        if tightened and (
            tightened not in Action.values or Action(tightened).rank < Action(tool.action).rank
        ):
            raise ValidationError(
                {
                    "tightened_action": f"{tool} was discovered as {tool.get_action_display()}: "
                    "its action can only be made stricter."
                }
            )
        # The same word as the discovered one is no stricter one.
        tool.tightened_action = "" if tightened == tool.action else tightened


def _needs_second_reviewer(tool: Tool) -> bool:
    if tool.approved_revision is None or tool.discovered_revision is None:
        return False
    if not portal_settings.current().four_eyes:
        return False
    return is_severe_between(tool.approved_revision.definition, tool.discovered_revision.definition)


def _is_endorsed_by_another(actor: Actor, tool: Tool) -> bool:
    endorsements = Review.objects.filter(
        tool=tool,
        revision=tool.discovered_revision,
        decision=Review.Decision.ENDORSE,
        at__gte=tool.state_since,
    )
    return endorsements.exclude(reviewer_id=actor.id).exists()


def _endorse(actor: Actor, tool: Tool, comment: str, batch: uuid.UUID, before: dict[str, Any]) -> None:
    if Review.objects.filter(
        tool=tool, revision=tool.discovered_revision, decision=Review.Decision.ENDORSE,
        at__gte=tool.state_since, reviewer_id=actor.id,
    ).exists():  # fmt: skip
        raise ReviewRefused(
            f"You approved {tool} as the first of two. Its change is severe: somebody else must too."
        )
    _keep(actor, tool, Review.Decision.ENDORSE, Event.TOOL_ENDORSED, comment, batch, before)


def _move(tool: Tool, state: Tool.State) -> None:
    tool.state = state
    tool.state_since = timezone.now()


def _keep(
    actor: Actor, tool: Tool, decision: Review.Decision, event: Event, comment: str, batch: uuid.UUID,
    before: dict[str, Any],
) -> None:  # fmt: skip
    """Write what was decided: to the tool, to its history and to the audit log."""
    comment = comment.strip()
    tool.save()
    Review.objects.create(
        tool=tool,
        revision=tool.discovered_revision,
        decision=decision,
        from_state=before["state"],
        reviewer=actor.name,
        reviewer_id=actor.id,
        comment=comment,
        batch=batch,
        before=before,
    )
    log.record(
        event,
        actor=actor,
        subject=tool,
        before=before,
        after=_snapshot(tool),
        detail={"comment": comment, "digest": shown(tool).digest},
    )


def _columns(tool: Tool) -> dict[str, Any]:
    """What an undo brings back, and the digest of what was approved for whoever reads it later."""
    expires_at = tool.approval_expires_at
    return {
        **{name: getattr(tool, name) for name in _DECIDED},
        "approval_expires_at": expires_at.isoformat() if expires_at else None,
        "approved_digest": tool.approved_revision.digest if tool.approved_revision else None,
    }


def _snapshot(tool: Tool) -> dict[str, Any]:
    return {
        "state": tool.state,
        "approved_digest": tool.approved_revision.digest if tool.approved_revision else None,
        "approval_expires_at": tool.approval_expires_at.isoformat() if tool.approval_expires_at else None,
        "tightened_action": tool.tightened_action,
        "risk": tool.risk,
    }
