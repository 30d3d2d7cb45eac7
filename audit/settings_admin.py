from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from audit import portal_settings
from audit.actor import Actor
from audit.admin_base import PortalAdmin
from audit.models import PortalSettings
from audit.settings_form import SettingsForm
from audit.settings_history import history, in_words


@admin.register(PortalSettings)
class PortalSettingsAdmin(PortalAdmin):
    """One row, one page: the address of a list shows the form. It saves through `audit.portal_settings`."""

    form = SettingsForm
    #: Stored words and labels of the kinds of AI clients. `clients.admin` gives them: this room can't know.
    client_kinds: tuple[tuple[str, str], ...] = ()
    change_form_template = "admin/audit/portalsettings/change_form.html"
    change_form_before_template = "admin/audit/portalsettings/status.html"
    change_form_outer_after_template = "admin/audit/portalsettings/history.html"
    radio_fields = {
        "default_action": admin.VERTICAL,
        "changed_definition": admin.VERTICAL,
        "argument_verbosity": admin.VERTICAL,
    }
    readonly_fields = ("activation", "kinds_text")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.changelist_view)
        same = self.admin_site.admin_view(self.change_view)
        return [
            path("", page, name="audit_portalsettings_changelist"),
            # Unfold's header leads to the address of an object.
            path("<path:object_id>/change/", same, name="audit_portalsettings_change"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id != "1":
            raise Http404
        return self.changelist_view(request, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        settings = portal_settings.current()
        context = {
            "title": "Settings",
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "show_close": False,
            "portal_settings": settings,
            # The page says in its own words what the banner would.
            "tells_ai_access": True,
            "how_to_activate": portal_settings.HOW_TO_ACTIVATE,
            "changes": history(client_kinds=self.client_kinds),
            "shows_rows": request.user.has_perm("audit.view_auditrow"),
        }
        page: HttpResponse = self.changeform_view(request, "1", "", {**context, **(extra_context or {})})
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> PortalSettings:
        """The settings, also before anybody saved any."""
        return portal_settings.current()

    def get_form(
        self, request: HttpRequest, obj: PortalSettings | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = type("BoundSettingsForm", (SettingsForm,), {"client_kinds": self.client_kinds})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: PortalSettings | None = None) -> Any:
        may_change = self.has_change_permission(request, obj)
        kinds = "allowed_client_kinds" if may_change else "kinds_text"
        idle = ("client_hidden_days", "client_closed_days", "client_deleted_days")
        return (
            ("AI access management", {"fields": self._activation_fields(request, may_change)}),
            (
                "Review",
                {"fields": ("requires_tool_approval", "default_action", "changed_definition", "four_eyes")},
            ),
            ("AI clients", {"fields": (kinds, *idle)}),
            ("Audit", {"fields": ("argument_verbosity",)}),
            ("Discovery", {"fields": ("discovery_interval_minutes",)}),
            ("Requests", {"fields": ("shows_requestable_tools",)}),
            ("Keys", {"fields": ("key_age_days",)}),
        )

    def _activation_fields(self, request: HttpRequest, may_change: bool) -> tuple[str, ...]:
        is_active = portal_settings.current().is_active
        if not may_change or not (is_active or request.user.is_superuser):
            return ("activation",)
        if is_active and request.method == "POST" and "is_active" not in request.POST:
            return ("is_active", "confirms_switching_off")
        return ("is_active",)

    def save_model(self, request: HttpRequest, obj: PortalSettings, form: Any, change: bool) -> None:
        actor = Actor.from_request(request)
        portal_settings.change(actor=actor, settings=obj, shown=form.cleaned_data["shown"])

    def response_change(self, request: HttpRequest, obj: PortalSettings) -> HttpResponse:
        state = "calls are decided one by one" if obj.is_active else "every call is refused"
        messages.success(request, f"The settings are saved and in force: {state}.")
        return HttpResponseRedirect(reverse("admin:audit_portalsettings_changelist"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PortalSettings | None = None) -> bool:
        return False

    @display(description="AI access management")
    def activation(self, settings: PortalSettings) -> str:
        if settings.is_active:
            return "On. Calls are decided one by one."
        return "Off. Every call is refused. Only a superuser can switch it on: ask one to do it on this page."

    @display(description="Allowed kinds of clients")
    def kinds_text(self, settings: PortalSettings) -> str:
        return in_words("allowed_client_kinds", settings.allowed_client_kinds, dict(self.client_kinds))
