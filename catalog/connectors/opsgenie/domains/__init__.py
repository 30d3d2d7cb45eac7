"""Every Opsgenie operation, one module a domain. A new domain is added here and nowhere else."""

from __future__ import annotations

from catalog.connectors.opsgenie.domains import (
    account,
    alert_actions,
    alerts,
    escalations,
    on_call,
    overrides,
    rotations,
    routing_rules,
    schedules,
    teams,
    users,
)
from catalog.connectors.opsgenie.operation import Operation

_MODULES = (
    alerts,
    alert_actions,
    escalations,
    schedules,
    rotations,
    overrides,
    on_call,
    teams,
    routing_rules,
    users,
    account,
)

OPERATIONS: dict[str, Operation] = {
    operation.name: operation for module in _MODULES for operation in module.OPERATIONS
}

CORE_OPERATIONS: tuple[Operation, ...] = tuple(
    operation for operation in OPERATIONS.values() if operation.core
)

# What a server offers unless it is told otherwise.
DEFAULT_DOMAINS: tuple[str, ...] = tuple(dict.fromkeys(operation.domain for operation in CORE_OPERATIONS))
