"""Importing this module registers every operation and every kind of background work."""

from sandbox import (  # noqa: F401
    account,
    alert_changes,
    alert_requests,
    alerts,
    escalations,
    on_calls,
    overrides,
    rotations,
    routing_rules,
    schedules,
    teams,
    users,
)
