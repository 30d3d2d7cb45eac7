"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command


def test_none_is_missing(db: None) -> None:
    output = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(f"A migration is missing:\n{output.getvalue()}")
