"""Keeping a page that was opened a while ago from undoing what somebody else changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError


def digest_of(snapshot: Mapping[str, Any]) -> str:
    """What a page that shows these facts sends back with a change of them: 64 hex digits."""
    return hashlib.sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()


def require_as_shown(snapshot: Mapping[str, Any], shown: str | None, *, what: str) -> None:
    """Raise ValidationError when `what` isn't any more what the page showed; None stands for no page."""
    if shown is not None and shown != digest_of(snapshot):
        raise ValidationError(
            f"Somebody else changed {what} since this page was opened. It is shown as it is now: look at it, "
            "then make your change again."
        )
