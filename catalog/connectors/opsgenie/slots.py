"""Which of Opsgenie's two kinds of key carries what, and with which rights."""

from __future__ import annotations

from catalog.connectors.opsgenie.operation import CONFIGURATION_ACCESS
from catalog.connectors.opsgenie.tool import Tool

INTEGRATION, ACCOUNT = "integration", "account"
# What Opsgenie lets no account key do (Opsgenie support, "API key management").
INTEGRATION_ONLY = frozenset({"create_alert", "acknowledge_alert", "close_alert", "add_alert_note"})


def slots_of(tool: Tool) -> tuple[str, ...]:
    """Both slots, the likelier first: keys of integrations seldom have Configuration Access."""
    if CONFIGURATION_ACCESS in tool.rights:
        return (ACCOUNT, INTEGRATION)
    return (INTEGRATION, ACCOUNT)


def rights_in_slot(tool: Tool, slot: str) -> tuple[str, ...] | None:
    """The rights a key in this slot needs; None for an account key and what only integrations may do."""
    if slot == ACCOUNT and tool.name in INTEGRATION_ONLY:
        return None
    return tool.rights
