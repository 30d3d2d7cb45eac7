"""How the admin looks, and what its side bar offers to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _may(*permissions: str) -> Callable[[HttpRequest], bool]:
    """Whether somebody has one of these permissions."""
    return lambda request: any(request.user.has_perm(permission) for permission in permissions)


def _may_review(request: HttpRequest) -> bool:
    # The rooms' models aren't there yet when the settings are read.
    from clients.models import User
    from tools.reviewers import may_review_something

    return isinstance(request.user, User) and may_review_something(request.user)


def waiting_tools(request: HttpRequest) -> str:
    """How many tools wait for the person; "" for none, and for whoever reviews nothing."""
    from tools.inbox import count_waiting

    waiting = count_waiting(request.user) if _may_review(request) else 0  # type: ignore[arg-type]
    return f"{waiting:,}" if waiting else ""


def _is_on_tools(request: HttpRequest) -> bool:
    rest = request.path.partition("/tools/tool/")
    return bool(rest[1]) and not rest[2].startswith(("inbox/", "bulk/", "undo/", "explain/"))


def _entry(title: str, icon: str, model: str) -> dict[str, Any]:
    application, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{application}_{name}_changelist"),
        # Unfold shows entries to everyone unless told: nobody is offered a page that would refuse them.
        "permission": _may(f"{application}.view_{name}"),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Portcullis",
    "SITE_HEADER": "Portcullis",
    "SITE_SUBHEADER": "AI tool access",
    "SITE_SYMBOL": "shield_lock",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")},
    ],
    "SITE_URL": None,
    # Django's own history knows only of the admin; the audit log knows of everything.
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.dashboard.start_page",
    "STYLES": [
        lambda request: static("portal.css"),
        lambda request: static("definitions.css"),
        lambda request: static("accessibility.css"),
        lambda request: static("settings.css"),
        lambda request: static("stops.css"),
        lambda request: static("inbox.css"),
        lambda request: static("tool.css"),
    ],
    "SCRIPTS": [lambda request: static("accessibility.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(96.8% .019 244)",
            "100": "oklch(93.5% .037 245)",
            "200": "oklch(87.8% .068 246)",
            "300": "oklch(79.5% .112 248)",
            "400": "oklch(69.5% .150 251)",
            "500": "oklch(60.5% .165 254)",
            "600": "oklch(51.0% .160 257)",
            "700": "oklch(44.5% .143 258)",
            "800": "oklch(38.0% .115 259)",
            "900": "oklch(33.0% .088 259)",
            "950": "oklch(25.0% .065 260)",
        }
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {
                        "title": "Stop",
                        "icon": "front_hand",
                        "link": reverse_lazy("admin:tools_stop_changelist"),
                        "permission": lambda request: (
                            _may("tools.view_stop")(request) or _may("tools.set_stop")(request)
                        ),
                    },
                ],
            },
            {
                "title": "Tools and access",
                "items": [
                    {
                        "title": "Review inbox",
                        "icon": "inbox",
                        "link": reverse_lazy("admin:tools_tool_inbox"),
                        "permission": _may_review,
                        "badge": "config.admin_theme.waiting_tools",
                    },
                    # Others lie below the address of the list, which would be marked as open as well.
                    _entry("Tools", "build", "tools.tool") | {"active": _is_on_tools},
                    _entry("Toolsets", "inventory_2", "tools.toolset"),
                    _entry("Access profiles", "badge", "tools.accessprofile"),
                    _entry("Grants", "key", "tools.grant"),
                    _entry("Requests", "front_hand", "tools.accessrequest"),
                    {
                        "title": "Explain access",
                        "icon": "help_center",
                        "link": reverse_lazy("admin:tools_explain"),
                        "permission": lambda request: request.user.has_perms(
                            ("tools.view_grant", "tools.view_tool")
                        ),
                    },
                ],
            },
            {
                "title": "Catalog",
                "items": [
                    _entry("Servers", "dns", "catalog.server"),
                    _entry("Syncs", "sync", "catalog.syncrun"),
                ],
            },
            {
                "title": "People and clients",
                "items": [
                    _entry("People", "person", "clients.user"),
                    _entry("Groups", "group", "auth.group"),
                    _entry("AI clients", "smart_toy", "clients.client"),
                    _entry("Tokens", "vpn_key", "clients.token"),
                ],
            },
            {
                "title": "Audit",
                "items": [_entry("Audit log", "receipt_long", "audit.auditrow")],
            },
            {
                "title": "Portal",
                "items": [_entry("Settings", "settings", "audit.portalsettings")],
            },
            {
                # What everybody has, whatever else they may do.
                "title": "Yourself",
                "items": [
                    {"title": "My access", "icon": "account_circle", "link": reverse_lazy("me:overview")},
                ],
            },
        ],
    },
}
