"""A made-up company to start with: Quillon Logistics, which moves parcels and the money for them.

Everything is drawn from one fixed random seed, and times are relative to the instant the state is filled:
two sandboxes started at the same instant are equal.
"""

import random
from datetime import datetime

from sandbox.seed_alerts import add_alerts
from sandbox.seed_calendar import add_schedules
from sandbox.seed_configuration import add_configuration, add_integrations
from sandbox.seed_incidents import add_incidents
from sandbox.seed_people import add_teams, add_users
from sandbox.state import State

RANDOM_SEED = 20_240_229


def fill_with_seed(state: State, now: datetime) -> None:
    """Fill an empty state."""
    source = random.Random(RANDOM_SEED)  # noqa: S311  (repeatable on purpose)
    with state.identifiers_from(source):
        state.table("account")["account"] = {"name": "Quillon Logistics", "maxUserCount": 50}
        add_users(state, source, now)
        add_teams(state, now)
        add_schedules(state, now)
        add_integrations(state, source)
        add_configuration(state, now)
        add_alerts(state, source, now)
        add_incidents(state, now)
