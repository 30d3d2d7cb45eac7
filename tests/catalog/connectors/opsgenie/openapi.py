"""Opsgenie's public API description (Swagger 2.0), where it lies beside this checkout."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DESCRIPTION = Path(__file__).resolve().parents[5] / "shared" / "opsgenie" / "openapi.json"


@cache
def description() -> dict[str, Any]:
    """The whole of it; skips the test where it is missing."""
    if not DESCRIPTION.exists():
        pytest.skip(f"{DESCRIPTION.name} is not beside this checkout: nothing is compared with it")
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return loaded


def shape_of(path: str) -> str:
    """The path without parameter names, which the description chooses freely, and without a final slash."""
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


@cache
def _operations() -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (method, shape_of(path)): entry
        for path, methods in description()["paths"].items()
        for method, entry in methods.items()
    }


def described(method: str, path: str) -> Mapping[str, Any] | None:
    """What the description has of an operation, if anything."""
    return _operations().get((method.lower(), shape_of(path)))


def name_in(reference: str) -> str:
    """The last part of a `$ref`."""
    return reference.rpartition("/")[2]
