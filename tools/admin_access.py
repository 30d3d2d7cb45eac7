"""The pages on which people are given tools: toolsets, access profiles, grants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from audit.actor import Actor
from audit.admin_base import PortalAdmin, run_dialog
from tools import grants, profiles, toolsets
from tools.models import AccessProfile, Grant, Toolset


@admin.register(Toolset)
class ToolsetAdmin(PortalAdmin):
    list_display = ("name", "kind", "description", "tool_count")
    search_fields = ("name", "description")
    fields = ("name", "description", "tools")
    filter_horizontal = ("tools",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Toolset]:
        return super().get_queryset(request).annotate(by_hand=Count("tools")).select_related("server")

    def get_fields(self, request: HttpRequest, obj: Toolset | None = None) -> tuple[str, ...]:
        if obj is not None and obj.kind != Toolset.Kind.CUSTOM:
            return ("name", "kind", "server", "description")
        return ("name", "description", "tools")

    def has_change_permission(self, request: HttpRequest, obj: Toolset | None = None) -> bool:
        return _is_by_hand(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Toolset | None = None) -> bool:
        return _is_by_hand(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Toolset, form: Any, change: bool) -> None:
        toolsets.save(actor=Actor.from_request(request), toolset=obj, tools=form.cleaned_data["tools"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its tools were saved together with it."""

    def delete_model(self, request: HttpRequest, obj: Toolset) -> None:
        toolsets.delete(actor=Actor.from_request(request), toolset=obj)

    @display(description="Tools")
    def tool_count(self, toolset: Any) -> str:
        return str(toolset.by_hand) if toolset.kind == Toolset.Kind.CUSTOM else "keeps itself"


def _is_by_hand(toolset: Toolset | None) -> bool:
    return toolset is None or toolset.kind == Toolset.Kind.CUSTOM


@admin.register(AccessProfile)
class AccessProfileAdmin(PortalAdmin):
    list_display = ("name", "description", "toolset_names", "holder_count")
    search_fields = ("name", "description")
    fields = ("name", "description", "toolsets")
    filter_horizontal = ("toolsets",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessProfile]:
        return super().get_queryset(request).prefetch_related("toolsets", "grants")

    def save_model(self, request: HttpRequest, obj: AccessProfile, form: Any, change: bool) -> None:
        profiles.save(actor=Actor.from_request(request), profile=obj, toolsets=form.cleaned_data["toolsets"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its toolsets were saved together with it."""

    def delete_model(self, request: HttpRequest, obj: AccessProfile) -> None:
        profiles.delete(actor=Actor.from_request(request), profile=obj)

    @display(description="Toolsets")
    def toolset_names(self, profile: AccessProfile) -> str:
        return ", ".join(toolset.name for toolset in profile.toolsets.all()) or "none"

    @display(description="Live grants")
    def holder_count(self, profile: AccessProfile) -> int:
        now = timezone.now()
        return sum(grant.is_live(now) for grant in profile.grants.all())


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
            "description": "The holder's next call to a tool they have only through it is refused.",
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
