from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from audit.actor import Actor
from clients import people
from clients.models import Token, User

LIVES = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))


class TokenForm(forms.ModelForm):
    """Asking for a personal access token."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label="Person", widget=UnfoldAdminSelectWidget(),
        help_text="Calls with this token are made, and recorded, in this person's name.",
    )  # fmt: skip
    client_name = forms.CharField(
        label="AI client", max_length=80, widget=UnfoldAdminTextInputWidget(),
        help_text="What it is for, such as “Claude on Mia's laptop”.",
    )  # fmt: skip
    life_days = forms.TypedChoiceField(
        label="Valid for", choices=LIVES, coerce=int, initial=90, widget=UnfoldAdminSelectWidget()
    )

    class Meta:
        model = Token
        fields = ("owner", "client_name", "life_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["owner"]).queryset = User.objects.filter(
            is_active=True
        ).order_by("username")

    def expires_at(self) -> Any:
        """The moment the chosen life ends."""
        return timezone.now() + timedelta(days=self.cleaned_data["life_days"])


class RecordedPassword:
    """A password form whose change is on record as `actor`'s, which the page that makes it sets."""

    actor: Actor

    def set_password_and_save(self, user: User, *args: Any, **kwargs: Any) -> User:
        # Hashing takes its time on purpose, so it comes before the moment in which no call is admitted.
        super().set_password_and_save(user, *args, **{**kwargs, "commit": False})  # type: ignore[misc]
        with people.recording_password_change(actor=self.actor, user_id=user.pk):
            user.save(update_fields=["password"])
        return user


class PasswordForm(RecordedPassword, AdminPasswordChangeForm):
    """Somebody else's password."""


class OwnPasswordForm(RecordedPassword, AdminOwnPasswordChangeForm):
    """One's own password."""


def recorded_as(form: type[RecordedPassword], actor: Actor) -> Any:
    """The form class for one request: Django makes the form itself and knows nothing of actors."""
    return type(form.__name__, (form,), {"actor": actor})
