from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from tools.models import Action, Risk, Tool
from tools.review import LONGEST_COMMENT, Classification, Shown, shown

DAMAGED = "The page is damaged. Go back and select the tools again."
EXPIRIES = [("", "no end"), ("30", "30 days"), ("90", "90 days"), ("180", "180 days")]


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
            raise forms.ValidationError(DAMAGED)
        return [Shown(*item) for item in items]

    @staticmethod
    def shown_text(tools: Iterable[Tool]) -> str:
        """The hidden field's value for these tools as they are now."""
        seen: list[Any] = [(item.tool_id, item.state, item.digest) for item in map(shown, tools)]
        return json.dumps(seen)


class ApprovalForm(ReviewForm):
    """An approval, which may be for a time."""

    expires_in = forms.ChoiceField(
        label="Approved for",
        required=False,
        choices=EXPIRIES,
        widget=UnfoldAdminSelectWidget(),
        help_text="After that calls are refused and the tool returns to review.",
    )

    @property
    def expires_at(self) -> datetime | None:
        """When the approval ends; None for never. Of a valid form."""
        days = self.cleaned_data["expires_in"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class ClassificationForm(ReviewForm):
    """How dangerous tools are, for several at once: empty leaves each as it is."""

    risk = forms.ChoiceField(
        required=False,
        choices=[("", "as it is"), *Risk.choices],
        widget=UnfoldAdminSelectWidget(),
        help_text="Profiles hold dangerous tools only if they say so.",
    )
    tightened_action = forms.ChoiceField(
        label="Treat as",
        required=False,
        choices=[
            ("", "as it is"),
            ("discovered", "as discovered"),
            *((action.value, action.label) for action in Action if action.rank),
        ],
        widget=UnfoldAdminSelectWidget(),
        help_text="It can only be stricter than what the server says.",
    )

    @property
    def classification(self) -> Classification:
        """What was chosen, of a valid form."""
        action = self.cleaned_data["tightened_action"]
        tightened = {"": None, "discovered": ""}.get(action, action)
        return Classification(tightened_action=tightened, risk=self.cleaned_data["risk"] or None)


class OneToolForm(ApprovalForm):
    """Everything that can be decided about the one tool that is open."""

    risk = forms.ChoiceField(choices=Risk.choices, widget=UnfoldAdminSelectWidget(), required=False)
    tightened_action = forms.ChoiceField(
        label="Treat as", required=False, widget=UnfoldAdminSelectWidget(),
        help_text="It can only be stricter than what the server says.",
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, tool: Tool) -> None:
        self.tool = tool
        stricter = [action for action in Action if action.rank > Action(tool.action).rank]
        is_stricter = tool.tightened_action in stricter
        self.set_before = (tool.tightened_action if is_stricter else "", tool.risk)
        super().__init__(
            data,
            initial={
                "shown": self.shown_text([tool]),
                "tightened_action": self.set_before[0],
                "risk": tool.risk,
            },
        )
        field = cast(forms.ChoiceField, self.fields["tightened_action"])
        field.choices = [
            ("", f"{tool.get_action_display()} (as discovered)"),
            *((action.value, action.label) for action in stricter),
        ]
        self.order_fields(["comment", "expires_in", "tightened_action", "risk", "shown"])

    def clean_shown(self) -> list[Shown]:
        """It must speak of this tool and of no other."""
        items = super().clean_shown()
        if [item.tool_id for item in items] != [self.tool.pk]:
            raise forms.ValidationError("The page is damaged. Open the tool again.")
        return items

    @property
    def classification(self) -> Classification | None:
        """What was changed about its classification; None for nothing. Of a valid form."""
        action = self.cleaned_data["tightened_action"]
        risk = self.cleaned_data["risk"] or self.set_before[1]
        if (action, risk) == self.set_before:
            return None
        return Classification(
            tightened_action=action if action != self.set_before[0] else None,
            risk=risk if risk != self.set_before[1] else None,
        )


def _is_one_shown(item: Any) -> bool:
    match item:
        case [int(tool_id), str(), str()]:
            return 0 < tool_id < 2**63
    return False
