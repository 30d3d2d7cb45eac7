"""Settings that work but that nobody should run a portal with. `manage.py check --deploy` tells of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004


@register(Tags.security, deploy=True)
def production_is_not_a_quickstart(**kwargs: Any) -> list[CheckMessage]:
    """Everything the quickstart does for convenience, where it would do harm."""
    found: list[CheckMessage] = []
    if settings.DEVELOPMENT:
        found.append(
            Warning(
                "PORTCULLIS_DEVELOPMENT is on: secrets are made and kept beside the data.",
                hint="Unset it and give the three secrets.",
                id="portcullis.W001",
            )
        )
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        found.append(
            Warning(
                "The database is SQLite, which serves one machine and few people.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="portcullis.W002",
            )
        )
    if not settings.REDIS_URL:
        found.append(
            Warning(
                "The queue is a folder of files, which serves one machine.",
                hint="Set REDIS_URL.",
                id="portcullis.W003",
            )
        )
    if settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS or settings.PORTCULLIS_SANDBOX_URL:
        found.append(
            Warning(
                "Servers may be registered at private addresses, or on the sandbox.",
                hint="Unset PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS and PORTCULLIS_SANDBOX_URL, unless an "
                "upstream is in your own network.",
                id="portcullis.W004",
            )
        )
    if not settings.PORTCULLIS_PUBLIC_URL.startswith("https://"):
        found.append(
            Warning(
                "PORTCULLIS_PUBLIC_URL is not https: tokens and passwords travel in the clear.",
                hint="Put a proxy with TLS in front and set the https URL.",
                id="portcullis.W005",
            )
        )
    return found
