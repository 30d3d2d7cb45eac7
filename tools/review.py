"""Deciding about tools. With discovery, which only ever takes approval away, the writer of their state."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.four_eyes import FourEyes
from tools.models import Action, Review, Risk, Tool, ToolRevision
from tools.reviewers import require_reviewer

LONGEST_COMMENT = 2_000
APPROVABLE = (Tool.State.PENDING, Tool.State.CHANGED, Tool.State.DISABLED)
DISABLEABLE = (Tool.State.PENDING, Tool.State.APPROVED, Tool.State.CHANGED)
#: The state a decision leaves; the others leave it as it was.
_LEADS_TO = {Review.Decision.APPROVE: Tool.State.APPROVED, Review.Decision.DISABLE: Tool.State.DISABLED}
_NAMED = 5
_TOGETHER = 200
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


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision about one tool, which already looks as it was decided; not written yet."""

    tool: Tool
    decision: Review.Decision
    event: Event
    before: dict[str, Any]


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
    eyes: list[FourEyes] = []
    now = timezone.now()

    def decide(tool: Tool, tools: Iterable[Tool]) -> _Decided:
        _require_state(tool, APPROVABLE, Review.Decision.APPROVE)
        before = _columns(tool)
        if classification is not None:
            _classify(tool, classification)
        if not eyes:
            eyes.append(FourEyes(tools))
        if eyes[0].ask_for_another(tool, actor.id):
            if eyes[0].is_endorsed_by(tool, actor.id):
                raise ReviewRefused(
                    f"You approved {tool} as the first of two. Its change is severe: somebody else must too."
                )
            return _Decided(tool, Review.Decision.ENDORSE, Event.TOOL_ENDORSED, before)
        tool.approved_revision = tool.discovered_revision
        tool.approval_expires_at = expires_at
        _move(tool, Tool.State.APPROVED, now)
        return _Decided(tool, Review.Decision.APPROVE, Event.TOOL_APPROVED, before)

    return _each(actor, decisions, comment, decide)


def disable(*, actor: Actor, decisions: Sequence[Shown], comment: str = "") -> list[Tool]:
    """Refuse all calls to each tool from now on, all or none. Raises as `approve` does."""
    now = timezone.now()

    def decide(tool: Tool, tools: Iterable[Tool]) -> _Decided:
        _require_state(tool, DISABLEABLE, Review.Decision.DISABLE)
        before = _columns(tool)
        _move(tool, Tool.State.DISABLED, now)
        return _Decided(tool, Review.Decision.DISABLE, Event.TOOL_DISABLED, before)

    return _each(actor, decisions, comment, decide)


def classify(
    *, actor: Actor, decisions: Sequence[Shown], classification: Classification, comment: str = ""
) -> list[Tool]:
    """Set how dangerous tools are, and a stricter action than they were discovered with, all or none.

    Raises as `approve` does, and ValidationError for an action that would be milder than the discovered one.
    """

    def decide(tool: Tool, tools: Iterable[Tool]) -> _Decided:
        before = _columns(tool)
        _classify(tool, classification)
        return _Decided(tool, Review.Decision.CLASSIFY, Event.TOOL_CLASSIFIED, before)

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
        newest = dict(
            Review.objects.filter(tool__in=tools)
            .order_by()
            .values("tool")
            .annotate(newest=Max("pk"))
            .values_list("tool", "newest")
        )
        approved = ToolRevision.objects.in_bulk([review.before["approved_revision_id"] for review in reviews])
        undone, now = [], timezone.now()
        for review in reviews:
            tool = tools[review.tool_id]
            if review.pk != newest[tool.pk] or not _stands(review, tool):
                raise ReviewRefused(f"Something happened to {tool} since. Decide about it again.")
            undone.append(_undo_one(tool, review, approved.get(review.before["approved_revision_id"]), now))
        words = {review.tool_id: f"Undoes: {review.get_decision_display()}." for review in reviews}
        _write(actor, undone, lambda decided: words[decided.tool.pk])
        return [decided.tool for decided in undone]


def _stands(review: Review, tool: Tool) -> bool:
    """Whether the tool is still what the decision made of it: discovery and the clock take away, and what
    they took no undo gives back. Nor is an undo undone: it would take a decision that no rule was asked."""
    if review.decision == Review.Decision.UNDO or tool.discovered_revision_id != review.revision_id:
        return False
    return tool.state == _LEADS_TO.get(Review.Decision(review.decision), review.from_state)


def _undo_one(tool: Tool, review: Review, approved: ToolRevision | None, at: datetime) -> _Decided:
    before = _columns(tool)
    for name in _DECIDED:
        setattr(tool, name, review.before[name])
    # What was read for all at once: asked of the tool, each would be read by itself.
    tool.approved_revision = approved
    if tool.approval_expires_at is not None:
        tool.approval_expires_at = datetime.fromisoformat(str(tool.approval_expires_at))
    # It has waited since then, not since the decision that never counted.
    since = review.before.get("state_since")
    tool.state_since = datetime.fromisoformat(since) if since else at
    return _Decided(tool, Review.Decision.UNDO, Event.TOOL_DECISION_UNDONE, before)


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
            _move(tool, Tool.State.PENDING, timezone.now())
            tool.save(update_fields=["state", "state_since"])
            log.record(
                Event.TOOL_APPROVAL_EXPIRED, actor=actor, subject=tool, before=before, after=_snapshot(tool)
            )
    return tools


def _each(
    actor: Actor,
    decisions: Sequence[Shown],
    comment: str,
    decide: Callable[[Tool, Iterable[Tool]], _Decided],
) -> list[Tool]:
    """Decide about each tool that is still what was shown of it, then write everything together.

    Calls wait for the lock meanwhile: thousands of tools must not take thousands of statements.
    """
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
        _require_as_shown(decisions, tools)
        decided = [decide(tools[item.tool_id], tools.values()) for item in decisions]
        _write(actor, decided, lambda _: comment)
        return [tools[item.tool_id] for item in decisions]


def _require_as_shown(decisions: Sequence[Shown], tools: Mapping[int, Tool]) -> None:
    if any(item.tool_id not in tools for item in decisions):
        raise ReviewRefused("One of the tools no longer exists. Reload the list.")
    changed = [str(tools[item.tool_id]) for item in decisions if shown(tools[item.tool_id]) != item]
    if changed:
        listed = ", ".join(changed[:_NAMED]) + (
            f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        )
        raise ReviewRefused(
            f"{listed} changed while you were looking at {'it' if len(changed) == 1 else 'them'}. "
            "Review again what is there now."
        )
    if len({item.tool_id for item in decisions}) < len(decisions):
        raise ReviewRefused("A tool is named twice. Reload the list.")


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
        # No stricter than the discovered word, it says nothing; but an older, milder one may still be served.
        served = tool.approved_revision.definition["action"] if tool.approved_revision else tool.action
        mildest = min(Action(tool.action), Action(served), key=lambda action: action.rank)
        tool.tightened_action = "" if tightened == mildest else tightened


def _move(tool: Tool, state: Tool.State, at: datetime) -> None:
    tool.state = state
    tool.state_since = at


def _write(actor: Actor, all_decided: Sequence[_Decided], comment_on: Callable[[_Decided], str]) -> None:
    """Write what was decided: to the tools, to their histories and to the audit log."""
    batch = uuid.uuid4()
    comments = [comment_on(decided).strip() for decided in all_decided]
    _save([decided.tool for decided in all_decided])
    Review.objects.bulk_create(
        [
            Review(
                tool=decided.tool,
                revision=decided.tool.discovered_revision,
                decision=decided.decision,
                from_state=decided.before["state"],
                reviewer=actor.name,
                reviewer_id=actor.id,
                comment=comment,
                batch=batch,
                before=decided.before,
            )
            for decided, comment in zip(all_decided, comments, strict=True)
        ],
        batch_size=_TOGETHER,
    )
    log.record_many(
        [
            log.Entry(
                event=decided.event,
                subject=decided.tool,
                before=decided.before,
                after=_snapshot(decided.tool),
                detail={"comment": comment, "digest": shown(decided.tool).digest},
            )
            for decided, comment in zip(all_decided, comments, strict=True)
        ],
        actor=actor,
    )


def _save(tools: Sequence[Tool]) -> None:
    """Write the decided columns: those that are the same for all in one statement, the others in a few."""
    if not tools:
        return
    # State and approved revision go together: the database refuses the one without the other.
    groups = (("state", "approved_revision_id"), ("approval_expires_at",), ("tightened_action",), ("risk",),
              ("state_since",))  # fmt: skip
    same: dict[str, Any] = {}
    different: list[str] = []
    for group in groups:
        if len({tuple(getattr(tool, name) for name in group) for tool in tools}) == 1:
            same |= {name: getattr(tools[0], name) for name in group}
        else:
            different += group
    if same:
        Tool.objects.filter(pk__in=[tool.pk for tool in tools]).update(**same)
    if different:
        Tool.objects.bulk_update(
            tools, [name.removesuffix("_id") for name in different], batch_size=_TOGETHER
        )


def _columns(tool: Tool) -> dict[str, Any]:
    """What an undo brings back, and the digest of what was approved for whoever reads it later."""
    expires_at = tool.approval_expires_at
    return {
        **{name: getattr(tool, name) for name in _DECIDED},
        "approval_expires_at": expires_at.isoformat() if expires_at else None,
        "approved_digest": tool.approved_revision.digest if tool.approved_revision else None,
        "state_since": tool.state_since.isoformat(),
    }


def _snapshot(tool: Tool) -> dict[str, Any]:
    return {
        "state": tool.state,
        "approved_digest": tool.approved_revision.digest if tool.approved_revision else None,
        "approval_expires_at": tool.approval_expires_at.isoformat() if tool.approval_expires_at else None,
        "tightened_action": tool.tightened_action,
        "risk": tool.risk,
    }
