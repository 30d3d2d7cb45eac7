"""Every tool against the sandbox, over HTTP: a day at work, from a new team to its end, and all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.connectors.opsgenie.tools import TOOLS

from . import stories
from .desk import ConnectorDesk, running_sandbox


@pytest.fixture
def do(settings: Any) -> Iterator[ConnectorDesk]:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    with running_sandbox() as url:
        yield ConnectorDesk(url)


def test_every_core_tool(do: ConnectorDesk) -> None:
    for story in stories.CORE:
        story(do)
    assert do.used == {tool.name for tool in TOOLS.values() if tool.core}


def test_every_other_tool(do: ConnectorDesk) -> None:
    for story in stories.BEYOND_CORE:
        story(do)
    assert {tool.name for tool in TOOLS.values() if not tool.core} - do.used == set()
