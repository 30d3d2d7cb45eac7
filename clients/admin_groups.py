from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit.actor import Actor
from audit.admin_base import PortalAdmin
from clients import people, roles

MOST_MEMBERS = 200

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, PortalAdmin):
    """Groups of people's own, to edit, and the roles that come with the product, to read."""

    list_display = ("name", "kind", "purpose", "member_count")
    readonly_fields = ("purpose", "keeper", "permissions_in_words", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    def get_fieldsets(self, request: HttpRequest, obj: Group | None = None) -> Any:
        fields: tuple[str, ...] = ("name", "permissions")
        if obj is not None and not self.has_change_permission(request, obj):
            fields = ("name", "purpose", "permissions_in_words")
        if _is_shipped(obj):
            fields = ("name", "purpose", "keeper", "permissions_in_words")
        # Who a person's colleagues are is for those to see who may see people.
        sees_people = obj is not None and request.user.has_perm("clients.view_user")
        return ((None, {"fields": (*fields, "members") if sees_people else fields}),)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return not _is_shipped(obj) and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        # Who may change groups may read those that nobody may change.
        return super().has_view_permission(request, obj) or request.user.has_perm("auth.change_group")

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return not _is_shipped(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        people.save_group(
            actor=Actor.from_request(request), group=obj, permissions=list(form.cleaned_data["permissions"])
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its permissions were saved together with it."""

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        people.delete_group(actor=Actor.from_request(request), group=obj)

    @display(description="Kind", label={"role": "info", "own group": "success"})
    def kind(self, group: Group) -> str:
        return "role" if _is_shipped(group) else "own group"

    @display(description="For")
    def purpose(self, group: Group) -> str:
        return roles.PURPOSES.get(group.name, "–")

    @display(description="Kept by")
    def keeper(self, group: Group) -> str:
        return "Portcullis. It stays as it is: make a group of your own for anything else."

    @display(description="Members", ordering="member_count")
    def member_count(self, group: Any) -> int:
        return group.member_count

    @display(description="Members may")
    def permissions_in_words(self, group: Group) -> SafeString:
        permissions = group.permissions.select_related("content_type").order_by(
            "content_type__app_label", "content_type__model", "codename"
        )
        lines = [
            (", ".join(permission.name.removeprefix("Can ") for permission in same),)
            for _, same in groupby(permissions, key=lambda permission: permission.content_type_id)
        ]
        if not lines:
            return SafeString("nothing in the admin; they use tools and their own pages")
        items = format_html_join("", "<li>{}</li>", lines)
        return format_html('<ul class="portal-plain-list">{}</ul>', items)

    @display(description="Members")
    def members(self, group: Group) -> str:
        names = list(
            group.user_set.order_by("username").values_list("username", flat=True)[: MOST_MEMBERS + 1]
        )
        more = " and more" if len(names) > MOST_MEMBERS else ""
        return ", ".join(names[:MOST_MEMBERS]) + more or "nobody yet"


def _is_shipped(group: Group | None) -> bool:
    return group is not None and group.name in roles.NAMES
