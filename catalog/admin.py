from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from audit.actor import Actor
from audit.admin_base import PortalAdmin, ReadOnlyAdmin, ReadOnlyInline, run_dialog
from catalog import health, keys_due, probes, servers, syncs
from catalog.admin_catalog import catalog_page, refusal_to_add
from catalog.admin_columns import (
    HEALTH_COLOURS,
    RUN_COLOURS,
    SENSITIVITY_COLOURS,
    ServerColumns,
    sensitivity_in_words,
)
from catalog.admin_deletion import DeletionPage
from catalog.admin_encryption import encryption_keys
from catalog.admin_pages import ServerPage
from catalog.admin_rotation import KeysPage
from catalog.admin_syncs import SyncStatusPage, sync_status
from catalog.connectors.registry import all_connectors, connector_for
from catalog.forms import ServerForm, address_changes
from catalog.losses import Loss, keys_lost, syncs_lost
from catalog.models import Credential, Server, SyncRun
from catalog.probe_words import may_in_words

#: What somebody sees who may look at a server but not change it.
SHOWN_FIELDS = (
    "name", "prefix", "sensitivity", "region", "base_url", "header_name", "shown_approval",
    "shown_changed_definition", "shown_domains", "names_people", "shown_interval",
)  # fmt: skip
EFFECTIVE_FIELDS = ("shown_approval", "shown_changed_definition", "shown_domains", "shown_interval")


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
        return may_in_words(credential.probe)


class SyncRunInline(ReadOnlyInline):
    model = SyncRun
    verbose_name_plural = "Syncs"
    per_page = 10
    fields = readonly_fields = (
        "queued_at", "trigger", "requested_by", "state", "found", "added", "changed", "removed", "error",
    )  # fmt: skip


@admin.register(Server)
class ServerAdmin(ServerColumns, PortalAdmin):
    """Registered upstreams. `tools.admin` adds the Tools tab, which this room must not know of."""

    list_display = (
        "name", "health_label", "sensitivity_label", "keys_label", "tool_count", "last_sync",
        "connector_label", "prefix", "base_url",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("sensitivity", ChoicesDropdownFilter))
    search_fields = ("name", "prefix", "base_url")
    inlines: tuple[type, ...] = (CredentialInline, SyncRunInline)
    # Other rooms add what they know: functions from a server, or one of its keys, to sentences, functions
    # from a server to what would be lost with it, and pages of their own.
    notes: tuple[Callable[[Server], list[str]], ...] = (keys_due.due_notes,)
    key_notes: tuple[Callable[[Credential], list[str]], ...] = ()
    losses: tuple[Callable[[Server], list[Loss]], ...] = (keys_lost, syncs_lost)
    pages: tuple[type[ServerPage], ...] = (KeysPage, SyncStatusPage, DeletionPage)
    change_form_before_template = "admin/catalog/server/status.html"
    actions_detail = ("sync_now", "test_keys", "pause", "resume")

    class Media:
        js = ("server.js",)
        css = {"all": ("server.css",)}

    def get_urls(self) -> list[URLPattern]:
        site: Any = self.admin_site
        encryption = path(
            "encryption-keys/",
            site.admin_view(lambda request: encryption_keys(self, request)),
            name="catalog_server_encryption_keys",
        )
        own = [page(self).pattern() for page in self.pages]
        replaced = {pattern.name for pattern in own}
        # A page of ours at the address of one of Django's takes its place.
        return [encryption, *own, *(known for known in super().get_urls() if known.name not in replaced)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Server]:
        newest = SyncRun.objects.filter(server=OuterRef("pk")).order_by("-pk").values("state")[:1]
        return super().get_queryset(request).annotate(tool_count=Count("tools"), last_run_state=newest)

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": SHOWN_FIELDS}),)
        proof: dict[str, Any] = {"fields": ("authentication_method", "header_name", "value_prefix")}
        if self._asks_for_key(request, obj):
            proof["fields"] += ("slot", "secret_text")
        elif obj is not None:
            proof["description"] = format_html(
                'Its API keys are rotated under <a href="{}" class="portal-link">Keys</a>.',
                reverse("admin:catalog_server_keys", args=[obj.pk]),
            )
        return (
            (None, {"fields": ("name", "prefix", "sensitivity")}),
            ("Where it is", {"fields": ("region", "custom_url")}),
            ("How Portcullis proves itself", proof),
            (
                "Discovery",
                {
                    "fields": (
                        "tool_approval", "changed_definition", "optional_domains", "sync_interval_minutes",
                    )
                },
            ),
            ("Calls", {"fields": ("names_people",)}),
        )  # fmt: skip

    def _asks_for_key(self, request: HttpRequest, obj: Server | None) -> bool:
        return obj is None or (request.method == "POST" and address_changes(obj, request.POST))

    def get_readonly_fields(self, request: HttpRequest, obj: Server | None = None) -> tuple[str, ...]:
        # The prefix begins every tool's name: changed later, it would break every client's habits.
        if obj is None:
            return ()
        is_shown_only = not self.has_change_permission(request, obj)
        return ("prefix", *EFFECTIVE_FIELDS) if is_shown_only else ("prefix",)

    def get_inlines(self, request: HttpRequest, obj: Server | None) -> tuple[type, ...]:
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Server | None = None, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, **kwargs)
        connector = obj.connector if obj else connector_for(request.GET["connector"])
        bound = {
            "connector": connector,
            "asks_for_key": self._asks_for_key(request, obj),
            "sets_review": request.user.has_perm(servers.MAY_SET_REVIEW),
        }
        kwargs["form"] = type("BoundServerForm", (ServerForm,), bound)
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
        status = {"server_status": self._status(request, server)} if server else {}
        return super().change_view(request, object_id, form_url, {**status, **(extra_context or {})})

    def _status(self, request: HttpRequest, server: Server) -> dict[str, Any]:
        """What the top of a server's page says: health, the last sync, its other pages, and notes."""
        found = health.health_of(server)
        pages = [page(self) for page in self.pages if page.label]
        return {
            "health": found,
            "health_colour": HEALTH_COLOURS[found.state.value],
            "sensitivity": sensitivity_in_words(server),
            "sensitivity_colour": SENSITIVITY_COLOURS.get(server.sensitivity, "info"),
            "sync": sync_status(server),
            "sync_url": SyncStatusPage(self).url_for(server),
            "pages": [
                {"label": page.label, "icon": page.icon, "url": page.url_for(server)}
                for page in pages
                if page.is_open_to(request)
            ],
            "notes": [note for make in self.notes for note in make(server)],
        }

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with what is worked out for all of its rows at once."""
        changelist = super().get_changelist_instance(request)
        found = health.health_of_all(changelist.result_list)
        due = set(keys_due.keys_due(timezone.now()).values_list("server_id", flat=True))
        for server in changelist.result_list:
            server.health, server.has_due_key = found[server.pk], server.pk in due
        return changelist

    def save_model(self, request: HttpRequest, obj: Server, form: Any, change: bool) -> None:
        actor = Actor.from_request(request)
        given = {name: form.cleaned_data.get(name, "") for name in ("secret_text", "slot")}
        if change:
            servers.change(actor=actor, server=obj, **given)
            return
        servers.register(actor=actor, server=obj, **given)
        messages.info(request, "A sync has started: its tools appear under the Tools tab in a moment.")

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
            "The sync has started. How far it is stands at the top of the page.",
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
            "Tested. What each key may do is under Keys.",
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


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("server", "queued_at", "trigger", "state_label", "found", "added", "changed", "removed")
    list_filter = (("state", ChoicesDropdownFilter), ("server", RelatedDropdownFilter))
    list_select_related = ("server",)

    @display(description="State", label=RUN_COLOURS)
    def state_label(self, run: SyncRun) -> str:
        return run.get_state_display()
