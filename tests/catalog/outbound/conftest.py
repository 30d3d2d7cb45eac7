from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.outbound.hostile import Behaviour, HostileServer, self_signed_certificate


@pytest.fixture
def hostile() -> Iterator[Callable[..., HostileServer]]:
    """Start servers with a behaviour; they end with the test."""
    with contextlib.ExitStack() as stack:

        def start(behaviour: Behaviour, **options: Any) -> HostileServer:
            return stack.enter_context(HostileServer(behaviour, **options))

        yield start


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed_certificate(tmp_path_factory.mktemp("certificate"))
