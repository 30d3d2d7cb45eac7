from __future__ import annotations

import copy
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.views import PasswordChangeView
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import UserChangeForm, UserCreationForm

from audit.actor import Actor
from audit.admin_base import PortalAdmin, ReadOnlyAdmin, run_dialog
from audit.settings_admin import PortalSettingsAdmin
from clients import people, tokens
from clients.admin_groups import GroupAdmin
from clients.forms import OwnPasswordForm, PasswordForm, TokenForm, recorded_as
from clients.models import Client, Token, User

# The page of the settings belongs to a room that doesn't know of clients: their kinds are brought along here.
PortalSettingsAdmin.client_kinds = tuple((kind.value, kind.label) for kind in Client.Kind)

__all__ = ["ClientAdmin", "GroupAdmin", "TokenAdmin", "UserAdmin"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PortalAdmin):
    """People. Saving goes through `clients.people`, so that every change is audited."""

    form = UserChangeForm
    add_form = UserCreationForm
    list_display = (
        "username", "email", "first_name", "last_name", "roles", "is_active", "is_staff", "is_superuser",
    )  # fmt: skip
    list_filter = (("groups", RelatedDropdownFilter), "is_active", "is_staff", "is_superuser")
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @display(description="Roles and groups")
    def roles(self, person: User) -> str:
        return ", ".join(sorted(group.name for group in person.groups.all())) or "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        people.save_user(actor=Actor.from_request(request), user=obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if "groups" in form.cleaned_data:
            people.set_memberships(
                actor=Actor.from_request(request),
                user=form.instance,
                groups=list(form.cleaned_data["groups"]),
                permissions=list(form.cleaned_data.get("user_permissions", ())),
            )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        for_this_request = copy.copy(self)
        for_this_request.change_password_form = recorded_as(PasswordForm, Actor.from_request(request))
        return super(UserAdmin, for_this_request).user_change_password(request, id, form_url)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        people.delete_user(actor=Actor.from_request(request), user=obj)


def change_own_password(request: HttpRequest) -> HttpResponse:
    """The admin's page for one's own password, with an audit row."""
    page: Any = PasswordChangeView.as_view(
        form_class=recorded_as(OwnPasswordForm, Actor.from_request(request)),
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return page(request)


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "kind", "state_label", "software", "last_used_at")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "owner__email")
    fields = ("name", "owner", "kind", "state", "software", "created_at", "last_used_at")
    actions_detail = ("close",)

    @action(
        description="Close",
        icon="link_off",
        variant=ActionVariant.DANGER,
        permissions=["close"],
        dialog={
            "title": "Close this client",
            "description": "Its tokens are revoked and its next call is refused. This can't be undone: the "
            "person connects again with a new token.",
            "form_submit_text": "Close it",
        },
    )
    def close(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        client = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: tokens.close_client(actor=Actor.from_request(request), client=client),
            success=f"{client} is closed.",
            redirect_to=reverse("admin:clients_client_change", args=[client.pk]),
        )

    # Unfold's check of a dotted permission asks the database, which a first `migrate` doesn't have yet.
    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("clients.close_client")

    @display(description="State", label={"active": "success", "hidden": "info", "closed": "danger"})
    def state_label(self, client: Client) -> str:
        return client.get_state_display()


@admin.register(Token)
class TokenAdmin(PortalAdmin):
    """Personal access tokens: made here, shown once, revoked here."""

    form = TokenForm
    list_display = ("__str__", "client", "owner", "state_label", "expires_at", "last_used_at")
    list_select_related = ("client__owner",)
    search_fields = ("public_id", "client__name", "client__owner__username")
    actions_detail = ("revoke",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # A list filtered by the beginning of a hash would spell it out, a character at a time.
        return not lookup.startswith("hash") and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("owner", "client_name", "life_days")
        return ("public_id", "client", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at")

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Token | None = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs) if obj else TokenForm

    def save_form(self, request: HttpRequest, form: TokenForm, change: bool) -> Token:
        """The verb makes the row. Its text lives only in this request, on its way to the page."""
        token, text = tokens.issue(
            actor=Actor.from_request(request),
            owner=form.cleaned_data["owner"],
            client_name=form.cleaned_data["client_name"],
            expires_at=form.expires_at(),
        )
        form.token_text = text  # type: ignore[attr-defined]
        form.instance = token
        form.save_m2m = lambda: None  # type: ignore[method-assign]
        request.token_text = text  # type: ignore[attr-defined]
        return token

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        """`save_form` has done it."""

    def response_add(self, request: HttpRequest, obj: Token, post_url_continue: Any = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Token created",
            "opts": self.opts,
            "token": obj,
            "token_text": request.token_text,  # type: ignore[attr-defined]
            "mcp_url": request.build_absolute_uri(reverse("mcp")).rstrip("/"),
        }
        response = TemplateResponse(request, "admin/clients/token/created.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @action(
        description="Revoke",
        icon="block",
        variant=ActionVariant.DANGER,
        permissions=["revoke"],
        dialog={
            "title": "Revoke this token",
            "description": "The next call with it is refused. This can't be undone.",
            "form_submit_text": "Revoke",
        },
    )
    def revoke(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        token = self.found(request, object_id)
        return run_dialog(
            request,
            lambda: tokens.revoke(actor=Actor.from_request(request), token=token),
            success=f"{token} is revoked.",
            redirect_to=reverse("admin:clients_token_change", args=[token.pk]),
        )

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("clients.revoke_token")

    @display(description="Person", ordering="client__owner__username")
    def owner(self, token: Token) -> str:
        return token.client.owner.get_username()

    @display(description="State", label={"valid": "success", "expired": "warning", "revoked": "danger"})
    def state_label(self, token: Token) -> str:
        if token.revoked_at is not None:
            return "revoked"
        return "valid" if token.is_valid(timezone.now()) else "expired"
