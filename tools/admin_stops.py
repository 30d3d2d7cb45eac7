"""The page of stops, and the way to it from the pages of what can be stopped."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from audit.actor import Actor
from audit.admin_base import PortalAdmin, ReadOnlyAdmin, run_dialog, sentences
from catalog.admin import ServerAdmin
from clients.admin import ClientAdmin, UserAdmin
from tools import impact, stop_targets, stops
from tools.models import Stop
from tools.stop_banner import may_see_all
from tools.stop_display import account_of, success_of
from tools.stop_forms import StopForm

#: More than these are in the list below them.
MOST_CARDS = 10
MOST_NAMED = 10


def offer_stop(admin_class: type[PortalAdmin], level: Stop.Level) -> None:
    """Put "Stop…" on an admin's object pages, for those who may set stops.

    It leads to the form. Pages of lower rooms don't know of stops, so it is brought to them from here.
    """

    @action(
        description="Stop…", icon="front_hand", variant=ActionVariant.DANGER, permissions=["stop"],
        url_path="stop",
    )  # fmt: skip
    def stop(self: PortalAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(address_of_form(level, self.found(request, object_id)))

    def has_stop_permission(self: PortalAdmin, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("tools.set_stop")

    known: Any = admin_class
    known.stop, known.has_stop_permission = stop, has_stop_permission
    known.actions_detail = (*known.actions_detail, "stop")


def address_of_form(level: str, target: Any = None) -> str:
    """The form for a stop of this level and, unless it is chosen there, of this target."""
    chosen = {"level": level} if target is None else {"level": level, "target": target.pk}
    return f"{reverse('admin:tools_stop_set')}?{urlencode(chosen)}"


class InForceFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in_force", "in force"), ("over", "lifted or ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stop]) -> QuerySet[Stop]:
        if self.value() not in ("in_force", "over"):
            return queryset
        now = Stop.objects.in_force(timezone.now()).values("pk")
        return queryset.filter(pk__in=now) if self.value() == "in_force" else queryset.exclude(pk__in=now)


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    """What is stopped now, a way to stop more, and all that ever was."""

    list_display = ("what", "reason", "drill", "state_label", "starts_at", "until", "set_by", "lifted")
    list_filter = (
        InForceFilter,
        ("level", ChoicesDropdownFilter),
        "is_drill",
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("server", "tool", "client__owner", "person")
    list_before_template = "admin/tools/stop/now.html"
    search_fields = (
        "reason", "set_by", "server__name", "tool__client_name", "client__name", "person__username",
    )  # fmt: skip
    search_help_text = "Reason, who set it, or what it stops"
    fields = readonly_fields = ("what", "reason", "drill", "state_label")
    change_form_after_template = "admin/tools/stop/account.html"
    actions_detail = ("lift",)

    def has_view_permission(self, request: HttpRequest, obj: Stop | None = None) -> bool:
        return may_see_all(request.user)

    def has_set_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("tools.set_stop")

    def get_urls(self) -> list[Any]:
        own = path("set/", self.admin_site.admin_view(self.set_view), name="tools_stop_set")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"title": "Stop", "levels": _levels(), "may_set": self.has_set_permission(request)}
        if self.has_view_permission(request):
            found = sorted(stops.in_force(), key=lambda stop: stop.is_drill)
            context |= {
                "cards": [account_of(stop, request) for stop in found[:MOST_CARDS]],
                "more_cards": max(0, len(found) - MOST_CARDS),
            }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        stop = self.get_object(request, object_id) if self.has_view_permission(request) else None
        account = {"account": account_of(stop, request)} if stop else {}
        return super().change_view(request, object_id, form_url, {**account, **(extra_context or {})})

    def set_view(self, request: HttpRequest) -> HttpResponse:
        """Choose, say why, see whom it hits, confirm. Only the last step changes anything."""
        if not self.has_set_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._choosing(request)
        form = StopForm(request.POST)
        if not form.is_valid():
            return self._form(request, form)
        stop = form.stop()
        if "confirmed" not in request.POST:
            return self._confirmation(request, form, stop)
        try:
            stops.set_stop(actor=Actor.from_request(request), stop=stop)
        except ValidationError as error:
            form.add_error(None, sentences(error))
            return self._form(request, form)
        messages.success(request, success_of(stop))
        return HttpResponseRedirect(reverse("admin:tools_stop_changelist"))

    def _choosing(self, request: HttpRequest) -> HttpResponse:
        level = request.GET.get("level", "")
        if level not in Stop.Level.values:
            return self._page(request, "choose.html", "What do you want to stop?", levels=_levels())
        target = stop_targets.find(level, request.GET.get("target", ""))
        if level != Stop.Level.GATEWAY and target is None:
            words = request.GET.get("q", "")[:200]
            found, has_more = stop_targets.search(level, words)
            options = [
                {"target": one, "note": stop_targets.note_about(one), "link": address_of_form(level, one)}
                for one in found
            ]
            return self._page(
                request, "search.html", f"Which {Stop.Level(level).label.split()[-1]}?",
                level=level, words=words, options=options, has_more=has_more,
            )  # fmt: skip
        initial = {"level": level, "target": "" if target is None else str(target.pk)}
        return self._form(request, StopForm(initial=initial))

    def _form(self, request: HttpRequest, form: StopForm) -> HttpResponse:
        level = str(form["level"].value() or "")
        target = stop_targets.find(level, str(form["target"].value() or ""))
        label = dict(Stop.Level.choices).get(level, "something")
        return self._page(
            request, "form.html", f"Stop {target or label}",
            form=form, level=level, target=target, note=stop_targets.note_about(target),
        )  # fmt: skip

    def _confirmation(self, request: HttpRequest, form: StopForm, stop: Stop) -> HttpResponse:
        hit = impact.of_stopping(stop)
        return self._page(
            request, "confirm.html", f"Stop {stop.what}?",
            form=form, stop=stop, impact=hit,
            people=hit.losing[:MOST_NAMED], more_people=max(0, len(hit.losing) - MOST_NAMED),
            tools=hit.lost_tools[:MOST_NAMED], more_tools=max(0, len(hit.lost_tools) - MOST_NAMED),
        )  # fmt: skip

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/tools/stop/{template}", {**shared, **context})

    @action(
        description="Lift",
        icon="lock_open",
        permissions=["set"],
        dialog={
            "title": "Lift this stop",
            "description": "Calls that nothing else refuses are let through again, from the next one on. The "
            "stop stays in the list with who lifted it.",
            "form_submit_text": "Lift it",
        },
    )
    def lift(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        stop = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: stops.lift(actor=Actor.from_request(request), stop=stop),
            success=f"{stop} is lifted.",
            redirect_to=reverse("admin:tools_stop_changelist"),
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        stop = self.get_object(request, str(object_id))
        is_on = stop is not None and stop.is_in_force(timezone.now())
        return super().get_actions_detail(request, object_id) if is_on else []

    @display(description="What")
    def what(self, stop: Stop) -> str:
        return stop.what

    @display(description="Drill", label={"drill": "info"})
    def drill(self, stop: Stop) -> str | None:
        return "drill" if stop.is_drill else None

    @display(description="State", label={"in force": "danger", "lifted": "success", "ended": "success"})
    def state_label(self, stop: Stop) -> str:
        if stop.is_in_force(timezone.now()):
            return "in force"
        return "ended" if stop.lifted_at is None else "lifted"

    @display(description="Until", ordering="ends_at", empty_value="it is lifted")
    def until(self, stop: Stop) -> Any:
        return stop.ends_at

    @display(description="Lifted", ordering="lifted_at")
    def lifted(self, stop: Stop) -> str:
        if stop.lifted_at is None:
            return "–"
        return f"{stop.lifted_at:%Y-%m-%d %H:%M:%S} by {stop.lifted_by}"


def _levels() -> list[dict[str, str]]:
    notes = {
        Stop.Level.GATEWAY: "Every call of everybody.",
        Stop.Level.SERVER: "Every call to its tools.",
        Stop.Level.TOOL: "Every call to it.",
        Stop.Level.CLIENT: "Every call through one AI client connection.",
        Stop.Level.PERSON: "Every call of one person, whichever client they use.",
    }
    return [
        {"level": level.value, "label": level.label, "note": note, "link": address_of_form(level)}
        for level, note in notes.items()
    ]


offer_stop(ServerAdmin, Stop.Level.SERVER)
offer_stop(ClientAdmin, Stop.Level.CLIENT)
offer_stop(UserAdmin, Stop.Level.PERSON)
