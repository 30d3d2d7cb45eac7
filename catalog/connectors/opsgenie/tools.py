"""Every tool of the connector by name, in the order in which they are offered."""

from __future__ import annotations

from catalog.connectors.opsgenie.composite import Composite
from catalog.connectors.opsgenie.composites import COMPOSITES
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.operation import Operation

TOOLS: dict[str, Operation | Composite] = {**COMPOSITES, **OPERATIONS}
