"""Which connectors exist. A new one is added here and nowhere else."""

from __future__ import annotations

from catalog.connectors.base import Connector
from catalog.connectors.opsgenie.connector import OpsgenieConnector

_CONNECTORS: dict[str, Connector] = {
    connector.key: connector for connector in (OpsgenieConnector(),)
}  # fmt: skip


def all_connectors() -> tuple[Connector, ...]:
    """Every connector, in the order the catalog shows them."""
    return tuple(_CONNECTORS.values())


def connector_for(key: str) -> Connector:
    """The connector with this key. Raises LookupError for an unknown one."""
    try:
        return _CONNECTORS[key]
    except KeyError:
        raise LookupError(f"There is no connector {key!r}.") from None
