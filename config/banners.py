"""What is said on top of every page of the admin."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest

from audit import portal_settings


def banners(request: HttpRequest) -> dict[str, Any]:
    """Facts for `templates/admin/banners.html`, asked for once and only where a page shows them."""

    @cache
    def ai_access_is_off() -> bool:
        return not portal_settings.current().is_active

    return {"ai_access_is_off": ai_access_is_off}
