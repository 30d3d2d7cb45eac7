from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "Tools and access"

    def ready(self) -> None:
        # The last of the apps whose permissions a role can name: by then all of them exist.
        post_migrate.connect(_ensure_roles, sender=self)


def _ensure_roles(**kwargs: object) -> None:
    from clients import roles

    roles.ensure()
