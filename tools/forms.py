from __future__ import annotations

import json
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from tools.models import Tool
from tools.review import LONGEST_COMMENT, Shown, shown


class ReviewForm(forms.Form):
    """A decision about several tools, together with what was shown of each."""

    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Why. It is kept with the decision and in the audit log.",
    )
    shown = forms.CharField(widget=forms.HiddenInput)

    def clean_shown(self) -> list[Shown]:
        """What the page displayed when it was made: the decision counts for exactly that."""
        try:
            items = json.loads(self.data["shown"])
        except (ValueError, RecursionError):
            items = None
        if not isinstance(items, list) or not items or not all(map(_is_one_shown, items)):
            raise forms.ValidationError("The page is damaged. Go back and select the tools again.")
        return [Shown(*item) for item in items]

    @staticmethod
    def shown_text(tools: list[Tool]) -> str:
        """The hidden field's value for these tools as they are now."""
        seen: list[Any] = [(item.tool_id, item.state, item.digest) for item in map(shown, tools)]
        return json.dumps(seen)


def _is_one_shown(item: Any) -> bool:
    match item:
        case [int(tool_id), str(), str()]:
            return 0 < tool_id < 2**63
    return False
