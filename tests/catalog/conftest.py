from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.models import Credential

NEW_KEY = "tests-only: nE9wQ2rT5yU8iO1pA4sD7fG0hJ3kL6zX"
SECRET_FIELD: Any = Credential._meta.get_field("secret")


@pytest.fixture
def use_keys(settings: Any) -> Iterator[Any]:
    """Read the encryption keys again, as a restarted process does."""

    def forget() -> None:
        for name in ("keys", "fernet_keys", "fernet"):
            SECRET_FIELD.__dict__.pop(name, None)

    def use(*keys: str) -> None:
        settings.FERNET_KEYS = list(keys)
        forget()

    yield use
    forget()
