"""One small upstream for the session, and a way to call a tool on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.connectors.base import CallContext, ConnectorError, Target, ToolResult
from catalog.connectors.opsgenie.connector import OpsgenieConnector
from catalog.outbound import Deadline
from sandbox.app import create_app

from . import contract
from .desk import ConnectorDesk, Exchange, running_sandbox
from .office import Office
from .upstream import Upstream

KEY = "1f9c2f0e-6a3d-4c1b-9f55-0d2f6e8a7b10"
CALL_ID = "0198c1de-7f6a-7cc2-b3a4-5d6e7f809102"
PERSON = "ana@example.com"


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream(_upstream: Upstream, settings: Any) -> Upstream:
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    _upstream.answer()
    return _upstream


@pytest.fixture
def connector() -> OpsgenieConnector:
    return OpsgenieConnector()


@pytest.fixture
def call(upstream: Upstream, connector: OpsgenieConnector) -> Callable[..., ToolResult]:
    """Call a tool on the small upstream: `call("get_alert", identifier="1")`."""

    def call_tool(tool_name: str, *, seconds: float = 10.0, **arguments: Any) -> ToolResult:
        return connector.call(
            target=Target(upstream.url, {"Authorization": f"GenieKey {KEY}"}, "integration"),
            tool_name=tool_name,
            arguments=arguments,
            context=CallContext(CALL_ID, PERSON, Deadline(seconds)),
        )

    return call_tool


@pytest.fixture
def failed_call(call: Callable[..., ToolResult]) -> Callable[..., ConnectorError]:
    """The error of a call that must not work."""

    def call_and_fail(tool_name: str, **arguments: Any) -> ConnectorError:
        with pytest.raises(ConnectorError) as caught:
            call(tool_name, **arguments)
        return caught.value

    return call_and_fail


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    """A desk at an empty sandbox of its own, whose answers have to be as Opsgenie describes them."""
    settings.PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = True
    app, traffic = create_app(seed=False), list[Exchange]()
    with running_sandbox(app, traffic=traffic) as url:
        yield Office(app, ConnectorDesk(url))
    contract.require_kept(traffic)
