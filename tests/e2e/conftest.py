from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.admin_session import AdminSession
from tests.e2e.ai_client import AIClient
from tests.e2e.processes import Portal, Sandbox, fresh_database, running_portal, running_sandbox

#: Short enough that a test of a silent upstream doesn't take half a minute.
CALL_SECONDS = "4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The running quickstart that the end-to-end tests share; each leaves its first server as it was."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with (
        fresh_database() as database_url,
        running_portal(folder, database_url, PORTCULLIS_CALL_SECONDS=CALL_SECONDS) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def admin(portal: Portal) -> AdminSession:
    """The quickstart's administrator."""
    return AdminSession(portal.url, portal.walk["admin_user"], portal.walk["admin_password"])


@pytest.fixture
def mia_client(portal: Portal) -> AIClient:
    """An AI client with the token that the first walk gives."""
    return AIClient(portal.walk["mcp_url"], portal.walk["user_token"])


@pytest.fixture(scope="session")
def upstream() -> Iterator[Sandbox]:
    """A sandbox that tests may break."""
    with running_sandbox() as sandbox:
        yield sandbox
