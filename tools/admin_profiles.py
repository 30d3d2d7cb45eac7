"""The page of access profiles: toolsets, a ceiling, and limits on the arguments of single tools."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.actor import Actor
from audit.admin_base import PortalAdmin
from tools import profiles
from tools.admin_impact import ConfirmsImpact
from tools.models import AccessProfile, ArgumentLimit
from tools.schemas import schema_problem

LONGEST_SCHEMA = 20_000


class ArgumentLimitForm(forms.ModelForm):
    """One limit. Its schema is refused here for whatever the verb would refuse it."""

    schema = forms.CharField(
        label="JSON Schema of its arguments",
        max_length=LONGEST_SCHEMA,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false", "class": "portal-code"}),
        help_text='For example, only alerts tagged payments: {"properties": {"tags": {"contains": '
        '{"const": "payments"}}}, "required": ["tags"]}',
    )

    class Meta:
        model = ArgumentLimit
        fields = ("tool", "schema")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.schema is not None:
            self.initial["schema"] = json.dumps(self.instance.schema, indent=2, ensure_ascii=False)

    def clean_schema(self) -> Any:
        try:
            schema = json.loads(self.cleaned_data["schema"])
        except (ValueError, RecursionError) as error:
            raise ValidationError("This is no JSON. Check its braces, quotes and commas.") from error
        if problem := schema_problem(schema):
            raise ValidationError(problem)
        return schema


class ArgumentLimitInline(StackedInline):
    model = ArgumentLimit
    form = ArgumentLimitForm
    extra = 0
    autocomplete_fields = ("tool",)
    verbose_name = "argument limit"
    verbose_name_plural = "Argument limits"

    # A limit is a part of its profile: whoever may see or change that may see or change it.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("tools.view_accessprofile")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("tools.change_accessprofile") or (
            obj is None and request.user.has_perm("tools.add_accessprofile")
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class AccessProfileForm(forms.ModelForm):
    """A profile. `shown` is the digest of what the page showed of it."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = AccessProfile
        fields = ("name", "description", "toolsets", "ceiling", "allows_dangerous", "is_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["shown"] = profiles.digest_of(self.instance)


@admin.register(AccessProfile)
class AccessProfileAdmin(ConfirmsImpact, PortalAdmin):
    form = AccessProfileForm
    list_display = ("name", "description", "toolset_names", "ceiling", "is_published", "holder_count")
    list_filter = (("ceiling", ChoicesDropdownFilter), "is_published")
    search_fields = ("name", "description")
    fieldsets = (
        (None, {"fields": ("name", "description", "toolsets")}),
        ("What of them may be used", {"fields": ("ceiling", "allows_dangerous")}),
        ("Who may ask for it", {"fields": ("is_published",)}),
    )
    filter_horizontal = ("toolsets",)
    inlines = (ArgumentLimitInline,)

    def get_fieldsets(self, request: HttpRequest, obj: AccessProfile | None = None) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return self.fieldsets
        (title, first), *others = self.fieldsets
        return ((title, {"fields": (*first["fields"], "shown")}), *others)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessProfile]:
        return super().get_queryset(request).prefetch_related("toolsets", "grants")

    def save_model(self, request: HttpRequest, obj: AccessProfile, form: Any, change: bool) -> None:
        """`save_related` does it: the limits, which come with their own forms, belong to the same change."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        profile, chosen = form.instance, list(form.cleaned_data["toolsets"])
        limits = {
            row["tool"]: row["schema"]
            for formset in formsets
            for row in formset.cleaned_data
            if row and not row.get("DELETE")
        }

        def write() -> None:
            profile.save()
            profile.toolsets.set(chosen)

        if change:
            self.confirm(request, write)
        profiles.save(
            actor=Actor.from_request(request),
            profile=profile,
            toolsets=chosen,
            argument_limits=limits,
            # A form without it shows nothing that could be out of date: no digest is "".
            shown=form.cleaned_data["shown"] if change else None,
        )

    def delete_model(self, request: HttpRequest, obj: AccessProfile) -> None:
        profiles.delete(actor=Actor.from_request(request), profile=obj)

    @display(description="Toolsets")
    def toolset_names(self, profile: AccessProfile) -> str:
        return ", ".join(toolset.name for toolset in profile.toolsets.all()) or "none"

    @display(description="Live grants")
    def holder_count(self, profile: AccessProfile) -> int:
        now = timezone.now()
        return sum(grant.is_live(now) for grant in profile.grants.all())
