"""What somebody does with every tool, in an order that makes sense: create, use, delete.

A story is told to a Desk. One desk calls the connector, another goes through `/mcp` with an AI client; the
story is the same. Each tool of the connector is in one of them, or the tests that tell them fail by its name.
"""

from __future__ import annotations

from collections.abc import Callable

from ..desk import Desk
from . import alerts, configuration, core_configuration, incidents, people, questions

Story = Callable[[Desk], None]

CORE: tuple[Story, ...] = (
    core_configuration.look_around,
    core_configuration.hire,
    core_configuration.plan,
    alerts.work_an_alert,
    questions.ask,
    core_configuration.clear_up,
)
BEYOND_CORE: tuple[Story, ...] = (
    alerts.go_beyond,
    people.people,
    people.notifications,
    people.teams,
    incidents.services_and_incidents,
    configuration.policies_and_maintenance,
    configuration.integrations,
    configuration.rest,
)
