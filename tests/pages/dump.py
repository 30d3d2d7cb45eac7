"""All that the database holds, to compare before and after."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import Model

from catalog.fields import Secret
from clients.models import User

# A visit renews the session and, at sign-in, the date of the last one.
UNCOUNTED: dict[type[Model], tuple[str, ...]] = {User: ("last_login",)}


def whole_database() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but sessions, by table."""
    return {
        model._meta.db_table: _rows(model)
        for model in apps.get_models(include_auto_created=True)
        if model is not Session
    }


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    ignored = UNCOUNTED.get(model, ())
    return [
        {
            name: value.ciphertext if isinstance(value, Secret) else value
            for name, value in row.items()
            if name not in ignored
        }
        for row in model._default_manager.order_by("pk").values()
    ]
