"""The page of toolsets: chosen by hand, or by a rule with a live preview of what it holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminRadioSelectWidget

from audit.actor import Actor
from audit.admin_base import PortalAdmin
from catalog.models import Server
from tools import toolsets
from tools.admin_impact import ConfirmsImpact
from tools.models import Action, Risk, Tool, Toolset
from tools.reach import fits_rule, holds_by_rule

RULE_PARTS = ("servers", "domains", "actions", "risks")
MOST_SHOWN = 50


class ToolsetForm(forms.ModelForm):
    """A set's name and its tools: by hand, or as a rule of which every empty part lets all fit.

    `shown` is the digest of what the page showed of it.
    """

    kind = forms.ChoiceField(
        label="Its tools are",
        choices=[(kind.value, kind.label) for kind in (Toolset.Kind.CUSTOM, Toolset.Kind.RULE)],
        initial=Toolset.Kind.CUSTOM,
        widget=UnfoldAdminRadioSelectWidget(),
    )

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Toolset
        fields = ("name", "description", "tools")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance.rule or {}
        for part, choices in rule_choices().items():
            self.fields[part] = forms.MultipleChoiceField(
                choices=choices,
                required=False,
                initial=[str(value) for value in rule.get(part, ())],
                widget=UnfoldAdminCheckboxSelectMultipleWidget(),
                help_text="None ticked: any.",
            )
        if not self.instance._state.adding:
            self.initial["kind"] = self.instance.kind
            self.initial["shown"] = toolsets.digest_of(self.instance)
            self.fields["kind"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.kind = cleaned.get("kind", self.instance.kind)
        if self.instance.kind == Toolset.Kind.RULE:
            self.instance.rule = rule_from(cleaned)
            if not self.errors and not self.instance.rule:
                self.add_error("domains", "Tick at least one server, domain, action or risk.")
        return cleaned


def rule_choices() -> dict[str, list[tuple[str, str]]]:
    """What each part of a rule can name at the moment."""
    domains = Tool.objects.order_by("domain").values_list("domain", flat=True).distinct()
    return {
        "servers": [(str(server.pk), server.name) for server in Server.objects.all()],
        "domains": [(domain, domain) for domain in domains],
        "actions": list(Action.choices),
        "risks": list(Risk.choices),
    }


def rule_from(values: Any) -> dict[str, Any]:
    """A rule as it is stored, from the ticked values by part; parts without any are left out."""
    rule: dict[str, Any] = {part: list(values.get(part) or ()) for part in RULE_PARTS}
    rule["servers"] = [int(server) for server in rule["servers"]]
    return {part: chosen for part, chosen in rule.items() if chosen}


@admin.register(Toolset)
class ToolsetAdmin(ConfirmsImpact, PortalAdmin):
    form = ToolsetForm
    list_display = ("name", "kind", "description", "tool_count", "profile_count")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("name", "description")
    filter_horizontal = ("tools",)
    change_form_after_template = "admin/tools/toolset/preview_place.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Toolset]:
        counted = (
            super()
            .get_queryset(request)
            .annotate(by_hand=Count("tools", distinct=True), profiles=Count("access_profiles", distinct=True))
        )
        return counted.select_related("server")

    def get_fieldsets(self, request: HttpRequest, obj: Toolset | None = None) -> Any:
        if obj is not None and obj.keeps_itself:
            return ((None, {"fields": ("name", "kind", "server", "description", "held")}),)
        if not self.has_change_permission(request, obj):
            return ((None, {"fields": ("name", "kind", "description", "held")}),)
        by_rule = ("By a rule", {"fields": RULE_PARTS, "classes": ("toolset-rule",)})
        by_hand = ("By hand", {"fields": ("tools",), "classes": ("toolset-tools",)})
        named = ("name", "description", "kind")
        if obj is None:
            return [(None, {"fields": named}), by_hand, by_rule]
        kept = by_rule if obj.kind == Toolset.Kind.RULE else by_hand
        return [(None, {"fields": (*named, "shown")}), kept]

    def get_readonly_fields(self, request: HttpRequest, obj: Toolset | None = None) -> tuple[str, ...]:
        return ("held",)

    def get_form(self, request: HttpRequest, obj: Toolset | None = None, **kwargs: Any) -> Any:
        if not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        else:
            # The form itself says which fields it has: several are not the model's.
            kwargs["fields"] = None
        return super().get_form(request, obj, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Toolset | None = None) -> bool:
        return not (obj and obj.keeps_itself) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Toolset | None = None) -> bool:
        return not (obj and obj.keeps_itself) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Toolset, form: Any, change: bool) -> None:
        chosen = list(form.cleaned_data.get("tools") or ())

        def write() -> None:
            obj.save()
            obj.tools.set(chosen)

        if change:
            self.confirm(request, write)
        shown = form.cleaned_data["shown"] if change else None
        toolsets.save(actor=Actor.from_request(request), toolset=obj, tools=chosen, shown=shown)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its tools were saved together with it."""

    def delete_model(self, request: HttpRequest, obj: Toolset) -> None:
        toolsets.delete(actor=Actor.from_request(request), toolset=obj)

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "preview/", self.admin_site.admin_view(self.preview_view), name="tools_toolset_preview"
        )
        return [preview, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What a rule would hold now: a fragment for the form, which asks for it as boxes are ticked."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = {part: {value for value, _ in choices} for part, choices in rule_choices().items()}
        ticked = {
            part: [value for value in request.GET.getlist(part) if value in known[part]]
            for part in RULE_PARTS
        }
        rule = rule_from(ticked)
        held = [
            tool
            for tool in Tool.objects.select_related("server", "approved_revision")
            if rule and tool.approved_revision_id is not None and fits_rule(rule, tool)
        ]
        return TemplateResponse(
            request, "admin/tools/toolset/held.html", {"tools": held, "most": MOST_SHOWN, "rule": rule}
        )

    @display(description="Holds now")
    def held(self, toolset: Toolset) -> str:
        if toolset.kind == Toolset.Kind.CUSTOM:
            tools = list(toolset.tools.select_related("server"))
        else:
            known = Tool.objects.select_related("server", "approved_revision")
            tools = [tool for tool in known if holds_by_rule(toolset, tool)]
        return render_to_string(
            "admin/tools/toolset/held.html", {"tools": tools, "most": MOST_SHOWN, "rule": True}
        )

    @display(description="Tools")
    def tool_count(self, toolset: Any) -> str:
        return str(toolset.by_hand) if toolset.kind == Toolset.Kind.CUSTOM else "keeps itself"

    @display(description="Profiles", ordering="profiles")
    def profile_count(self, toolset: Any) -> int:
        return toolset.profiles
