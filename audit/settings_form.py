from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanWidget

from audit import portal_settings
from audit.events import Event
from audit.models import AuditRow, PortalSettings

#: Counting goes no further: past it the number says "many" anyway.
MOST_CALLS = 10_000


class SettingsForm(forms.ModelForm):
    """What is set for the whole portal. `shown` is the digest of the settings that the page showed."""

    #: Stored words and labels of the kinds of AI clients, which a higher room knows.
    client_kinds: ClassVar[tuple[tuple[str, str], ...]] = ()

    confirms_switching_off = forms.BooleanField(
        label="Yes, refuse every call from now on", required=False, widget=UnfoldBooleanWidget()
    )
    allowed_client_kinds = forms.MultipleChoiceField(
        label="Allowed kinds of clients",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Calls of other kinds are refused. With none ticked, every call is.",
    )
    shown = forms.CharField(widget=forms.HiddenInput())

    class Meta:
        model = PortalSettings
        fields = portal_settings.FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_active = self.instance.is_active
        self.initial["shown"] = portal_settings.digest_of(self.instance)
        if "allowed_client_kinds" in self.fields:
            cast(forms.ChoiceField, self.fields["allowed_client_kinds"]).choices = list(self.client_kinds)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        switches_off = self.was_active and cleaned.get("is_active") is False
        if switches_off and not cleaned.get("confirms_switching_off"):
            self.add_error(
                "confirms_switching_off",
                f"From now on every call of every AI client is refused. {_recent_use()} "
                "Tick this to go on, or switch AI access management on again above.",
            )
        return cleaned


def _recent_use() -> str:
    """How much is refused that was let through lately, as a sentence."""
    month = timezone.now() - timedelta(days=30)
    calls = AuditRow.objects.filter(event=Event.CALL_ADMITTED, at__gte=month).order_by("-pk")
    people = calls.values("actor_id").order_by().distinct().count()
    count = calls[:MOST_CALLS].count()
    if not count:
        return "Nobody made a call in the last 30 days."
    number = f"{count:,}" if count < MOST_CALLS else f"more than {MOST_CALLS:,}"
    return (
        f"In the last 30 days {people} {'person' if people == 1 else 'people'} made {number} "
        f"{'call' if count == 1 else 'calls'}."
    )
