"""Every address of the admin, found in the site itself, so that a new page is tested without being listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver

from tests.pages.world import World

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """`name` is that of the view, with the application and model in front; `path` can be asked for."""

    name: str
    path: str
    of_object: bool = False


def every_address(world: World, object_id: Any = None) -> list[Address]:
    """All addresses, on the world's objects or, with `object_id`, on that id whatever it is."""
    return [*_site_addresses(), *_model_addresses(world, object_id)]


def _patterns(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern.name


def _site_addresses() -> Iterator[Address]:
    """Pages that belong to no model."""
    for route, name in _patterns(admin.site.urls[0]):
        if _model_of(route) is not None:
            continue
        if name == "app_list":
            for label in sorted({model._meta.app_label for model in admin.site._registry}):
                yield Address(f"app_list {label}", f"/admin/{label}/")
        elif name == "view_on_site":
            kind = ContentType.objects.get_for_model(next(iter(admin.site._registry))).pk
            yield Address(name, f"/admin/r/{kind}/1/")
        elif name is None:
            yield Address("unknown address", "/admin/no/such/page")
        else:
            assert "<" not in route, f"{route} needs a value for its parameter here"
            yield Address(name, f"/admin/{route}")


def _model_addresses(world: World, object_id: Any) -> Iterator[Address]:
    for route, name in _patterns(admin.site.urls[0]):
        model = _model_of(route)
        if model is None:
            continue
        chosen = str(world.shown[model] if object_id is None else object_id)
        parts = world.parts if object_id is None else {}

        def value(match: re.Match[str], chosen: str = chosen, parts: dict[str, Any] = parts) -> str:
            return str(parts.get(match[1], chosen))

        path, count = _PARAMETER.subn(value, route)
        yield Address(
            name or f"{route.split('<')[0].strip('/').replace('/', '_')}_redirect",
            f"/admin/{path}",
            count > 0,
        )


def _model_of(route: str) -> Any:
    application, _, rest = route.partition("/")
    try:
        return apps.get_model(application, rest.partition("/")[0])
    except (LookupError, ValueError):
        return None
