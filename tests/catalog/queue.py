"""Looking into the task queue, whichever one this round of the tests runs on."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import redis
from django.conf import settings

QUEUE = settings.CELERY_TASK_DEFAULT_QUEUE


def queued_tasks() -> list[tuple[str, list[Any]]]:
    """The name and arguments of every task that waits, in no particular order."""
    return [_task(json.loads(text)) for text in _texts()]


def empty_queue() -> None:
    """Throw away everything that waits."""
    if settings.REDIS_URL:
        redis.from_url(settings.REDIS_URL).delete(QUEUE)
    for path in _files():
        path.unlink()


def _texts() -> list[bytes]:
    if settings.REDIS_URL:
        return redis.from_url(settings.REDIS_URL).lrange(QUEUE, 0, -1)
    return [path.read_bytes() for path in _files()]


def _files() -> list[Path]:
    return [] if settings.REDIS_URL else list((settings.QUEUE_DIR / "messages").glob("*.msg"))


def _task(message: dict[str, Any]) -> tuple[str, list[Any]]:
    assert message["content-type"] == "application/json"
    arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
    assert keywords == {}
    return message["headers"]["task"], arguments
