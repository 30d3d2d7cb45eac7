from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    name = "config"
    label = "portal"
    verbose_name = "Portcullis"

    def ready(self) -> None:
        from config import checks  # noqa: F401 (registers them)

        if settings.REDIS_URL:
            return
        # The file queue doesn't make its own folders. Owner only: whoever can write there can start tasks.
        for folder in ("messages", "control"):
            (settings.QUEUE_DIR / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
