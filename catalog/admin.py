from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from audit.actor import Actor
from audit.admin_base import PortalAdmin, ReadOnlyAdmin, ReadOnlyInline, run_dialog
from catalog import probes, servers, syncs
from catalog.admin_catalog import catalog_page, refusal_to_add
from catalog.connectors.base import Held
from catalog.connectors.registry import all_connectors, connector_for
from catalog.forms import ServerForm
from catalog.models import Credential, Server, SyncRun

RUN_COLOURS = {
    SyncRun.State.QUEUED.label: "info",
    SyncRun.State.RUNNING.label: "info",
    SyncRun.State.SUCCEEDED.label: "success",
    SyncRun.State.FAILED.label: "danger",
}


#: What somebody sees who may look at a server but not change it.
SHOWN_FIELDS = (
    "name",
    "prefix",
    "region",
    "base_url",
    "header_name",
    "tool_approval",
    "optional_domains",
    "names_people",
    "sync_interval_minutes",
)


class CredentialInline(ReadOnlyInline):
    model = Credential
    verbose_name_plural = "API keys"
    fields = readonly_fields = (
        "slot", "state", "last_four", "may", "probed_at", "created_at", "created_by", "last_used_at",
        "fingerprint",
    )  # fmt: skip
    show_change_link = False

    @display(description="May")
    def may(self, credential: Credential) -> str:
        """What the last test found, in the upstream's words for rights."""
        probe = credential.probe
        if probe is None:
            return "not tested"
        if probe.problem:
            return probe.problem
        parts = []
        for held, prefix in ((Held.GRANTED, ""), (Held.REFUSED, "not: "), (Held.UNKNOWN, "not known: ")):
            if rights := [right for right, state in probe.rights.items() if state == held]:
                parts.append(prefix + ", ".join(rights))
        return "; ".join(parts)


class SyncRunInline(ReadOnlyInline):
    model = SyncRun
    verbose_name_plural = "Syncs"
    per_page = 10
    fields = readonly_fields = (
        "queued_at", "trigger", "requested_by", "state", "found", "added", "changed", "removed", "error",
    )  # fmt: skip


@admin.register(Server)
class ServerAdmin(PortalAdmin):
    """Registered upstreams. `tools.admin` adds the Tools tab, which this room must not know of."""

    list_display = ("name", "connector_label", "prefix", "base_url", "state_label", "tool_count", "last_sync")
    search_fields = ("name", "prefix", "base_url")
    inlines: tuple[type, ...] = (CredentialInline, SyncRunInline)
    # Other rooms add what they know about a server: functions from a server to sentences.
    notes: tuple[Callable[[Server], list[str]], ...] = ()
    change_form_before_template = "admin/catalog/server/notes.html"
    actions_detail = ("sync_now", "test_keys", "pause", "resume")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Server]:
        newest = SyncRun.objects.filter(server=OuterRef("pk")).order_by("-pk").values("state")[:1]
        return super().get_queryset(request).annotate(tool_count=Count("tools"), last_run_state=newest)

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": SHOWN_FIELDS}),)
        return (
            (None, {"fields": ("name", "prefix")}),
            ("Where it is", {"fields": ("region", "custom_url")}),
            (
                "How Portcullis proves itself",
                {"fields": ("authentication_method", "header_name", "value_prefix", "slot", "secret_text")},
            ),
            ("Discovery", {"fields": ("tool_approval", "optional_domains", "sync_interval_minutes")}),
            ("Calls", {"fields": ("names_people",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Server | None = None) -> tuple[str, ...]:
        # The prefix begins every tool's name: changed later, it would break every client's habits.
        return ("prefix",) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Server | None) -> tuple[type, ...]:
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Server | None = None, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, **kwargs)
        connector = obj.connector if obj else connector_for(request.GET["connector"])
        kwargs["form"] = type("BoundServerForm", (ServerForm,), {"connector": connector})
        # The form itself says which fields it has: several are not the model's.
        kwargs["fields"] = None
        return super().get_form(request, obj, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The catalog first; the form once a connector is chosen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        chosen = request.GET.get("connector", "")
        if chosen not in {connector.key for connector in all_connectors()}:
            return catalog_page(request, self)
        connector = connector_for(chosen)
        if refusal := refusal_to_add(connector):
            messages.error(request, refusal)
            return HttpResponseRedirect(reverse("admin:catalog_server_add"))
        title = {"title": f"Add server: {connector.label}"}
        return super().add_view(request, form_url, {**title, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        server = self.get_object(request, object_id)
        notes = [note for make in self.notes for note in make(server)] if server else []
        return super().change_view(request, object_id, form_url, {"notes": notes, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Server, form: Any, change: bool) -> None:
        actor = Actor.from_request(request)
        given = {"secret_text": form.cleaned_data["secret_text"], "slot": form.cleaned_data["slot"]}
        if change:
            servers.change(actor=actor, server=obj, **given)
            return
        servers.register(actor=actor, server=obj, **given)
        messages.info(request, "A sync has started: its tools appear under the Tools tab in a moment.")

    def has_delete_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        return False

    def has_sync_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("catalog.sync_server")

    @action(
        description="Sync now",
        icon="sync",
        permissions=["sync"],
        url_path="sync-now",
        dialog={
            "title": "Sync now",
            "description": "Asks the server for its tools again. Tools whose definition changed stop working "
            "until they are reviewed; nothing new is approved without review.",
            "form_submit_text": "Start the sync",
        },
    )
    def sync_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._dialog(
            request,
            object_id,
            lambda actor, server: syncs.request(actor=actor, server=server, trigger=SyncRun.Trigger.MANUAL),
            "The sync has started. Its result is under the Syncs tab.",
        )

    def has_rotate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("catalog.rotate_credential")

    @action(
        description="Test keys",
        icon="key_visualizer",
        permissions=["rotate"],
        url_path="test-keys",
        dialog={
            "title": "Test this server's API keys",
            "description": "Sends a few requests that change nothing, and keeps what each key may do.",
            "form_submit_text": "Test them",
        },
    )
    def test_keys(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._dialog(
            request,
            object_id,
            lambda actor, server: probes.probe_server(actor=actor, server=server),
            "Tested. What each key may do is under the API keys tab.",
        )

    @action(
        description="Pause",
        icon="pause_circle",
        variant=ActionVariant.WARNING,
        permissions=["change"],
        dialog={
            "title": "Pause this server",
            "description": "From now on every call to any of its tools is refused, for everybody.",
            "form_submit_text": "Pause",
        },
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._dialog(
            request,
            object_id,
            lambda actor, server: servers.pause(actor=actor, server=server),
            "Paused: every call to its tools is refused.",
        )

    @action(
        description="Resume",
        icon="play_circle",
        permissions=["change"],
        dialog={
            "title": "Resume this server",
            "description": "Calls to its approved tools are let through again.",
            "form_submit_text": "Resume",
        },
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._dialog(
            request,
            object_id,
            lambda actor, server: servers.resume(actor=actor, server=server),
            "Resumed: its approved tools can be called again.",
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the one of pause and resume that can be done now."""
        server = self.get_object(request, str(object_id))
        useless = "resume" if server and server.state == Server.State.ACTIVE else "pause"
        return [known for known in super().get_actions_detail(request, object_id) if known.path != useless]

    def _dialog(self, request: HttpRequest, object_id: str, verb: Any, success: str) -> HttpResponse:
        server = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: verb(Actor.from_request(request), server),
            success=success,
            redirect_to=reverse("admin:catalog_server_change", args=[server.pk]),
        )

    @display(description="Connector")
    def connector_label(self, server: Server) -> str:
        return server.connector.label

    @display(description="State", label={"active": "success", "paused": "warning"})
    def state_label(self, server: Server) -> str:
        return server.get_state_display()

    @display(description="Tools", ordering="tool_count")
    def tool_count(self, server: Any) -> int:
        return server.tool_count

    @display(description="Last sync", label=RUN_COLOURS)
    def last_sync(self, server: Any) -> str:
        state = server.last_run_state
        return SyncRun.State(state).label if state else "never"


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("server", "queued_at", "trigger", "state_label", "found", "added", "changed", "removed")
    list_filter = (("state", ChoicesDropdownFilter), ("server", RelatedDropdownFilter))
    list_select_related = ("server",)

    @display(description="State", label=RUN_COLOURS)
    def state_label(self, run: SyncRun) -> str:
        return run.get_state_display()
