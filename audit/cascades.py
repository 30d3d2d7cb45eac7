"""What disappears together with something, for the audit row that tells of its end."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.db import models, router


def lost_with(subject: models.Model) -> dict[str, list[str]]:
    """The rows that deleting `subject` deletes too, as text, by the plural name of their kind."""
    collector: Any = NestedObjects(using=router.db_for_write(type(subject)), origin=subject)
    collector.collect([subject])
    lost: dict[str, list[str]] = defaultdict(list)
    for model, rows in collector.model_objs.items():
        if model._meta.auto_created or model is type(subject):
            continue
        lost[str(model._meta.verbose_name_plural)] += sorted(map(str, rows))
    return dict(lost)
