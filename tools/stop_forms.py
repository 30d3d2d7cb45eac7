from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from tools.models import Stop
from tools.stop_targets import find

LENGTHS = {
    "15": timedelta(minutes=15),
    "60": timedelta(hours=1),
    "240": timedelta(hours=4),
}
UNTIL_LIFTED, UNTIL_DATE = "lifted", "date"


class StopForm(forms.Form):
    """What is to be stopped, why and for how long. Sent twice: for the confirmation, then as confirmed."""

    level = forms.ChoiceField(choices=Stop.Level.choices, widget=forms.HiddenInput)
    target = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=Stop._meta.get_field("reason").max_length,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Told to everybody who is refused and to their AI client, as it stands here. No secrets.",
        error_messages={"required": "Say why: everybody who is refused is told."},
    )
    ends = forms.ChoiceField(
        label="Until",
        choices=(
            (UNTIL_LIFTED, "it is lifted"),
            ("15", "15 minutes from now"),
            ("60", "1 hour from now"),
            ("240", "4 hours from now"),
            (UNTIL_DATE, "the date and time below"),
        ),
        initial=UNTIL_LIFTED,
        widget=UnfoldAdminRadioSelectWidget(),
    )
    ends_at = forms.DateTimeField(
        label="Date and time (UTC)",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "step": "60"}),
        input_formats=("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"),
        error_messages={"invalid": "Write it as 2026-01-31 18:00, in UTC."},
    )
    is_drill = forms.BooleanField(
        label="Drill",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Refuses nothing: calls it would have refused go through and are counted.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        level = data.get("level", "")
        data["found"] = find(level, data.get("target", ""))
        if level != Stop.Level.GATEWAY and data["found"] is None:
            # Nobody sees the errors of hidden fields.
            self.add_error(None, "What was chosen isn't there any more. Choose again.")
        if data.get("ends") == UNTIL_DATE and "ends_at" not in self.errors:
            ends_at: datetime | None = data.get("ends_at")
            if ends_at is None:
                self.add_error("ends_at", "Give the date and time, or choose another end.")
            elif ends_at <= timezone.now():
                self.add_error("ends_at", "The end must lie in the future.")
        return data

    def stop(self) -> Stop:
        """The stop that a valid form describes, not saved. Its time runs from now."""
        data = self.cleaned_data
        length = LENGTHS.get(data["ends"])
        until = data["ends_at"] if data["ends"] == UNTIL_DATE else None
        stop = Stop(
            level=data["level"],
            reason=data["reason"],
            is_drill=data["is_drill"],
            ends_at=timezone.now() + length if length else until,
        )
        if stop.level != Stop.Level.GATEWAY:
            setattr(stop, stop.level, data["found"])
        return stop
