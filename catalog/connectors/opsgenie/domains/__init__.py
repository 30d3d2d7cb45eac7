"""Every Opsgenie operation, one module a domain. A new domain is added here and nowhere else."""

from __future__ import annotations

from collections import Counter

from catalog.connectors.opsgenie.domains import (
    account,
    alert_actions,
    alerts,
    attachments,
    contacts,
    custom_roles,
    deployments,
    escalations,
    exports,
    forwarding_rules,
    heartbeats,
    incident_actions,
    incident_templates,
    incident_timeline,
    incidents,
    integration_actions,
    integrations,
    logs,
    maintenance,
    notification_rules,
    notification_steps,
    on_call,
    overrides,
    policies,
    rotations,
    routing_rules,
    saved_searches,
    schedules,
    service_rules,
    services,
    team_roles,
    teams,
    users,
)
from catalog.connectors.opsgenie.operation import Operation

_MODULES = (
    alerts,
    alert_actions,
    attachments,
    escalations,
    schedules,
    rotations,
    overrides,
    on_call,
    exports,
    teams,
    team_roles,
    routing_rules,
    users,
    contacts,
    notification_rules,
    notification_steps,
    forwarding_rules,
    saved_searches,
    incidents,
    incident_actions,
    incident_timeline,
    incident_templates,
    services,
    service_rules,
    heartbeats,
    maintenance,
    policies,
    integrations,
    integration_actions,
    custom_roles,
    account,
    logs,
    deployments,
)

OPERATIONS: dict[str, Operation] = {
    operation.name: operation for module in _MODULES for operation in module.OPERATIONS
}

CORE_OPERATIONS: tuple[Operation, ...] = tuple(
    operation for operation in OPERATIONS.values() if operation.core
)

# How many tools each switch on a server's page adds to the core ones.
OPTIONAL_DOMAINS: dict[str, int] = dict(
    Counter(operation.domain for operation in OPERATIONS.values() if not operation.core)
)
