"""Every composite, one module a question. A new one is added here and nowhere else."""

from __future__ import annotations

from catalog.connectors.opsgenie.composite import Composite
from catalog.connectors.opsgenie.composites import alert_context, capabilities, on_call, waiting

COMPOSITES: dict[str, Composite] = {
    composite.name: composite
    for composite in (
        on_call.WHO_IS_ON_CALL,
        alert_context.GET_ALERT_CONTEXT,
        capabilities.LIST_CAPABILITIES,
        waiting.WAIT_FOR_REQUEST,
    )
}
