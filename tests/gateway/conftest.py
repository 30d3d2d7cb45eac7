"""A person whose AI client may call a few approved tools of an upstream that really listens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.models import Server
from clients.models import User
from tests.catalog.connectors.opsgenie.upstream import Reply, Upstream
from tests.conftest import approve, give, make_server, sync
from tests.connectors import FEW, SmallOpsgenie, connector, few_tools
from tests.gateway.opsgenie import ALERT, answered
from tests.wire import MODERN, Connection, connect

__all__ = ["connector", "few_tools"]


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    """Answers every request with one alert, unless told otherwise."""
    _upstream.answer(Reply(body=answered(ALERT)))
    return _upstream


class Gateway:
    """Mia's way through Portcullis to the upstream."""

    def __init__(self, upstream: Upstream, person: User) -> None:
        self.upstream, self.person = upstream, person
        self.server: Server = make_server(base_url=upstream.url)
        sync(self.server)
        names = [f"opsgenie_{name}" for name in FEW]
        approve(*names)
        self.grant = give(person, *names)

    def connect(self, version: str = MODERN) -> Connection:
        return connect(self.person, version)


@pytest.fixture
def gateway(connector: SmallOpsgenie, upstream: Upstream, mia: User) -> Gateway:
    return Gateway(upstream, mia)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same retries with next to no pause before them."""
    monkeypatch.setattr("tools.gateway.forward.PAUSES", (0.005, 0.005))
