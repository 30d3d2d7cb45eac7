"""The pages on which people are given tools: grants, and requests for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Case, F, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit.actor import Actor
from audit.admin_base import PortalAdmin, ReadOnlyAdmin, run_dialog
from tools import access_requests, grants, impact
from tools.admin_impact import ImpactDialogForm
from tools.impact import Impact
from tools.models import AccessRequest, Grant


class EndGrantForm(ImpactDialogForm):
    """Says who loses what when the grant ends."""

    def foretold(self, object_id: Any) -> Impact:
        text = str(object_id)
        is_an_id = text.isascii() and text.isdecimal() and int(text) < 2**63
        grant = Grant.objects.filter(pk=int(text)) if is_an_id else Grant.objects.none()
        return impact.what_if(lambda: grant.update(ends_at=F("starts_at")))


class GrantForm(forms.ModelForm):
    """A grant, refused on the form for whatever the verb would refuse it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        holders = {name: cleaned.get(name) for name in ("user", "group")}
        if not self.errors and any(holders.values()):
            try:
                grants.refuse_second(profile=cleaned["profile"], **holders)
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


@admin.register(Grant)
class GrantAdmin(PortalAdmin):
    """Who holds which profile. A grant is given and ended, never edited."""

    form = GrantForm
    list_display = ("profile", "holder", "state_label", "starts_at", "ends_at", "reason", "approver")
    list_filter = (("profile", RelatedDropdownFilter), ("user", RelatedDropdownFilter))
    list_select_related = ("profile", "user", "group")
    search_fields = ("user__username", "group__name", "profile__name", "reason")
    fields = ("profile", "user", "group", "starts_at", "ends_at", "reason")
    actions_detail = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        grants.give(actor=Actor.from_request(request), grant=obj)

    @action(
        description="End now",
        icon="event_busy",
        variant=ActionVariant.DANGER,
        permissions=["end"],
        dialog={
            "title": "End this grant",
            "description": "From the next call on, the holder has only what other grants give.",
            "form_class": EndGrantForm,
            "form_submit_text": "End it",
        },
    )
    def end(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        grant = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: grants.end(actor=Actor.from_request(request), grant=grant),
            success=f"Ended: {grant}.",
            redirect_to=reverse("admin:tools_grant_change", args=[grant.pk]),
        )

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("tools.end_grant")

    @display(description="Holder")
    def holder(self, grant: Grant) -> str:
        return str(grant.user or grant.group)

    @display(description="State", label={"live": "success", "ended": "danger", "not begun": "info"})
    def state_label(self, grant: Grant) -> str:
        now = timezone.now()
        if grant.is_live(now):
            return "live"
        return "not begun" if grant.starts_at > now else "ended"


class ApproveRequestForm(BaseDialogForm):
    """For how long somebody gets what they asked for."""

    life_days = forms.ChoiceField(
        label="For",
        choices=[("1", "a day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("", "no end")],
        initial="30",
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    comment = forms.CharField(
        required=False, max_length=access_requests.LONGEST_TEXT, widget=UnfoldAdminTextInputWidget()
    )

    def ends_at(self) -> datetime | None:
        """When the grant would end, counted from now; None for never."""
        days = self.cleaned_data["life_days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class RefuseRequestForm(BaseDialogForm):
    comment = forms.CharField(
        label="Why",
        max_length=access_requests.LONGEST_TEXT,
        widget=UnfoldAdminTextInputWidget(),
        help_text="The person reads it.",
    )


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    """People asking for published profiles. Open ones first, oldest first."""

    list_display = ("person", "profile", "reason", "state_label", "created_at", "decided_by")
    list_filter = (("state", ChoicesDropdownFilter), ("profile", RelatedDropdownFilter))
    list_select_related = ("person", "profile")
    search_fields = ("person__username", "profile__name", "reason")
    ordering = (Case(When(state=AccessRequest.State.OPEN, then=0), default=1), "created_at")
    fields = (
        "person",
        "profile",
        "reason",
        "state",
        "created_at",
        "decided_at",
        "decided_by",
        "comment",
        "grant",
    )
    actions_detail = ("approve", "refuse")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if object_id is not None:
            self.found(request, str(object_id))
        return request.user.has_perm("tools.decide_accessrequest")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Nothing is left to decide about one that was decided."""
        found = self.get_object(request, str(object_id))
        is_open = found is not None and found.state == AccessRequest.State.OPEN
        return super().get_actions_detail(request, object_id) if is_open else []

    @action(
        description="Approve",
        icon="check",
        permissions=["decide"],
        dialog={
            "title": "Give what was asked for",
            "description": "The person gets a grant of the profile and can call its tools at once.",
            "form_class": ApproveRequestForm,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        asked = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: access_requests.approve(
                actor=Actor.from_request(request),
                request=asked,
                ends_at=form.ends_at(),
                comment=form.cleaned_data["comment"],
            ),
            success=f"{asked.person} has {asked.profile} now.",
            redirect_to=reverse("admin:tools_accessrequest_changelist"),
        )

    @action(
        description="Refuse",
        icon="close",
        variant=ActionVariant.DANGER,
        permissions=["decide"],
        dialog={
            "title": "Refuse this request",
            "description": "The person can ask again.",
            "form_class": RefuseRequestForm,
            "form_submit_text": "Refuse",
        },
    )
    def refuse(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        asked = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: access_requests.refuse(
                actor=Actor.from_request(request), request=asked, comment=form.cleaned_data["comment"]
            ),
            success=f"Refused: {asked}.",
            redirect_to=reverse("admin:tools_accessrequest_changelist"),
        )

    @display(
        description="State",
        label={
            AccessRequest.State.OPEN.label: "warning",
            AccessRequest.State.APPROVED.label: "success",
            AccessRequest.State.REFUSED.label: "danger",
        },
        ordering="state",
    )
    def state_label(self, asked: AccessRequest) -> str:
        return asked.get_state_display()
