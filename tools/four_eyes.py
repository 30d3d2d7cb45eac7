"""Which approvals need a second reviewer, and who gave the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef

from audit import portal_settings
from tools.models import Review, Tool
from tools.reviewers import reviewers_of
from tools.severity import is_severe_between


def endorsements(tool_ids: Iterable[int]) -> dict[int, list[Review]]:
    """By tool id, the first approvals of what is offered now, since the tool waits; the oldest first.

    An undo takes with it what was endorsed before: whoever looks next begins anew. One of somebody who may
    not review the tool any more doesn't count: two people answer for an approval when it is given.
    """
    undone = Review.objects.filter(
        tool=OuterRef("tool"), pk__gt=OuterRef("pk"), decision=Review.Decision.UNDO
    )
    found = Review.objects.filter(
        tool__in=list(tool_ids),
        decision=Review.Decision.ENDORSE,
        revision=F("tool__discovered_revision"),
        at__gte=F("tool__state_since"),
    )
    found = found.exclude(Exists(undone))
    reviews = list(found.select_related("tool").order_by("pk"))
    may_review = reviewers_of({review.tool.server_id for review in reviews})
    by_tool: dict[int, list[Review]] = defaultdict(list)
    for review in reviews:
        if may_review(review.reviewer_id, review.tool.server_id):
            by_tool[review.tool_id].append(review)
    return by_tool


class FourEyes:
    """What *four eyes* asks for some tools, read in two queries, however many they are."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        asked = list(tools)
        self._is_on = portal_settings.current().four_eyes
        self._endorsements = endorsements(tool.pk for tool in asked) if self._is_on else {}

    def ask_for_another(self, tool: Tool, reviewer_id: str) -> bool:
        """Whether this person's approval of the tool waits for somebody else's."""
        return self._concern(tool) and not any(
            endorsement.reviewer_id != reviewer_id for endorsement in self._endorsements.get(tool.pk, ())
        )

    def is_endorsed_by(self, tool: Tool, reviewer_id: str) -> bool:
        """Whether this person gave the first approval already."""
        return any(
            endorsement.reviewer_id == reviewer_id for endorsement in self._endorsements.get(tool.pk, ())
        )

    def _concern(self, tool: Tool) -> bool:
        if not self._is_on or tool.approved_revision is None or tool.discovered_revision is None:
            return False
        return is_severe_between(tool.approved_revision.definition, tool.discovered_revision.definition)
