"""Deciding about tools. With discovery, which only ever takes approval away, the writer of their state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from tools.models import Review, Tool

LONGEST_COMMENT = 2_000
APPROVABLE = (Tool.State.PENDING, Tool.State.CHANGED, Tool.State.DISABLED)
DISABLEABLE = (Tool.State.PENDING, Tool.State.APPROVED, Tool.State.CHANGED)


class ReviewRefused(ValidationError):
    """A decision that no longer fits what it is about. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the reviewer saw of a tool: the decision counts for exactly this."""

    tool_id: int
    state: str
    digest: str


def shown(tool: Tool) -> Shown:
    """What a page that displays `tool` now must send back with the decision."""
    digest = tool.discovered_revision.digest if tool.discovered_revision else ""
    return Shown(tool_id=tool.pk, state=tool.state, digest=digest)


def approve(*, actor: Actor, decisions: Sequence[Shown], comment: str = "") -> list[Tool]:
    """Approve the discovered definition of each tool, all or none.

    Raises PermissionDenied without `tools.review_tool`, ReviewRefused when a tool's state or definition is
    not the one that was shown any more, or can't be approved.
    """
    return _decide(actor, decisions, comment, Review.Decision.APPROVE)


def disable(*, actor: Actor, decisions: Sequence[Shown], comment: str = "") -> list[Tool]:
    """Refuse all calls to each tool from now on, all or none. Raises as `approve` does."""
    return _decide(actor, decisions, comment, Review.Decision.DISABLE)


def _decide(actor: Actor, decisions: Sequence[Shown], comment: str, decision: Review.Decision) -> list[Tool]:
    actor.require("tools.review_tool")
    comment = comment.strip()
    if len(comment) > LONGEST_COMMENT:
        raise ValidationError({"comment": f"Shorten the comment to {LONGEST_COMMENT:,} characters."})
    with governed():
        tools = {
            tool.pk: tool
            for tool in Tool.objects.select_for_update(of=("self",))
            .select_related("server", "discovered_revision", "approved_revision")
            .filter(pk__in=[item.tool_id for item in decisions])
            .order_by("pk")
        }
        return [_decide_one(actor, tools.get(item.tool_id), item, comment, decision) for item in decisions]


def _decide_one(
    actor: Actor, tool: Tool | None, item: Shown, comment: str, decision: Review.Decision
) -> Tool:
    if tool is None:
        raise ReviewRefused("One of the tools no longer exists. Reload the list.")
    if shown(tool) != item:
        raise ReviewRefused(f"{tool} changed while you were looking at it. Review it again.")
    approving = decision == Review.Decision.APPROVE
    allowed_from = APPROVABLE if approving else DISABLEABLE
    if tool.state not in allowed_from:
        raise ReviewRefused(f"{tool} is {tool.get_state_display()} and can't be {decision.label} from there.")
    before = _snapshot(tool)
    if approving:
        tool.approved_revision = tool.discovered_revision
    tool.state = Tool.State.APPROVED if approving else Tool.State.DISABLED
    tool.state_since = timezone.now()
    tool.save(update_fields=["state", "state_since", "approved_revision"])
    Review.objects.create(
        tool=tool,
        revision=tool.discovered_revision,
        decision=decision,
        from_state=item.state,
        reviewer=actor.name,
        comment=comment,
    )
    log.record(
        Event.TOOL_APPROVED if approving else Event.TOOL_DISABLED,
        actor=actor,
        subject=tool,
        before=before,
        after=_snapshot(tool),
        detail={"comment": comment, "digest": item.digest},
    )
    return tool


def _snapshot(tool: Tool) -> dict[str, str | None]:
    return {
        "state": tool.state,
        "approved_digest": tool.approved_revision.digest if tool.approved_revision else None,
    }
